"""What can be asked of a pipeline."""

from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.sales.pipeline import Edition, Pipeline, Stage, StageKind
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Id, Line, Share
from crm_es.errors import Invalid

STAGES_MAX, REASONS_MAX = 50, 100
Evidence = Literal["amount", "customer_id", "owner", "expected_close_on", "product"]
"""What an exit rule can ask of a deal."""


class StageBody(BaseModel):
    """One stage of a pipeline."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)
    name: Code
    kind: StageKind = StageKind.OPEN
    probability: Share | None = Field(default=None, description="0.25 is one in four.")
    requires: list[Evidence] = Field(default=[], max_length=len(get_args(Evidence)))
    max_dwell_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    leads_to: list[Code] = Field(
        default=[], max_length=STAGES_MAX, description="Where a deal may go; empty is anywhere."
    )

    def as_stage(self) -> Stage:
        certain = {StageKind.WON: Decimal(1), StageKind.LOST: Decimal(0)}
        probability = certain.get(self.kind, self.probability or Decimal(0))
        return Stage(
            self.name, self.kind, probability, tuple(self.requires), self.max_dwell_days,
            tuple(self.leads_to),
        )  # fmt: skip


class PublishPipeline(Command):
    """Publish a pipeline, or a new edition of it. Deals keep the edition they have."""

    TARGET = "pipeline_id"
    pipeline_id: Id
    name: Line
    stages: Annotated[list[StageBody], Field(min_length=3, max_length=STAGES_MAX)]
    reasons: Annotated[list[Code], Field(max_length=REASONS_MAX)] = Field(
        default=[], description="Why deals may be lost; empty takes any reason."
    )

    def decide(self, desk: Desk) -> None:
        stages = tuple(body.as_stage() for body in self.stages)
        _check(stages)
        edition = Edition(stages, tuple(self.reasons))
        known = desk.find(Pipeline, self.pipeline_id)
        if known is None:
            Pipeline.publish(self.pipeline_id, desk, self.name, edition)
        else:
            known.republish(desk, self.name, edition)


class RetirePipeline(Command):
    """Open no more deals on a pipeline."""

    TARGET = "pipeline_id"
    pipeline_id: Id
    reason: Code

    def decide(self, desk: Desk) -> None:
        desk.get(Pipeline, self.pipeline_id).retire(self.reason, desk)


def _check(stages: tuple[Stage, ...]) -> None:
    kinds = [stage.kind for stage in stages]
    names = {stage.name for stage in stages}
    if len(names) < len(stages):
        raise Invalid("pipeline.stage_twice", "Two stages have one name.", pointer="/stages")
    if any(not names.issuperset(stage.leads_to) for stage in stages):
        raise Invalid("pipeline.leads_nowhere", "A stage leads to none.", pointer="/stages")
    if kinds.count(StageKind.WON) != 1 or StageKind.LOST not in kinds:
        raise Invalid("pipeline.ends", "One stage is won, at least one is lost.", pointer="/stages")
    if StageKind.OPEN not in kinds:
        raise Invalid("pipeline.no_open_stage", "A deal needs a way to go.", pointer="/stages")


COMMANDS = (PublishPipeline, RetirePipeline)
