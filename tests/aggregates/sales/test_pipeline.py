"""Pipelines: stages and reasons as data, published in editions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from crm_es.aggregates.sales.pipeline import Pipeline, Stage, StageKind
from crm_es.commands.sales.opportunity import OpenOpportunity
from crm_es.commands.sales.pipeline import PublishPipeline, RetirePipeline, StageBody
from scenario import SUBJECT, fact, given, in_history
from trade import DEAL, STAGES, published, republished

RETIRED = fact(Pipeline.Retired, reason="merged")


def body(stage: Stage) -> StageBody:
    return StageBody(
        name=stage.name, kind=stage.kind, probability=stage.probability,
        leads_to=list(stage.leads_to),
    )  # fmt: skip


def publish(*stages: Stage, **more: Any) -> PublishPipeline:
    bodies = [body(stage) for stage in stages or STAGES]
    return PublishPipeline(**{"pipeline_id": SUBJECT, "name": "sales", "stages": bodies, **more})


def test_a_pipeline_is_published_in_editions() -> None:
    given().when(publish()).then(published(SUBJECT))
    given(published(SUBJECT)).when(publish()).then_nothing()
    given(published(SUBJECT)).when(publish(reasons=["price"])).then(
        republished(SUBJECT, reasons=("price",))
    )
    rated = (replace(STAGES[0], probability=Decimal("0.2")), *STAGES[1:])
    given(published(SUBJECT), republished(SUBJECT, reasons=("price",))).when(publish(*rated)).then(
        republished(SUBJECT, edition=3, stages=rated)
    )


def test_a_won_deal_is_certain_and_a_lost_one_is_gone() -> None:
    odd = [StageBody(name="a"), StageBody(name="w", kind=StageKind.WON, probability=Decimal("0.3"))]
    command = publish(stages=[*odd, StageBody(name="l", kind=StageKind.LOST)])
    given().when(command).then(
        published(
            SUBJECT,
            stages=(
                Stage("a", StageKind.OPEN, Decimal(0)),
                Stage("w", StageKind.WON, Decimal(1)),
                Stage("l", StageKind.LOST, Decimal(0)),
            ),
        )
    )


OPEN, PROPOSAL, WON, LOST = STAGES


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ((OPEN, PROPOSAL, LOST), "pipeline.ends"),
        ((OPEN, WON, replace(WON, name="w2"), LOST), "pipeline.ends"),
        ((OPEN, PROPOSAL, WON), "pipeline.ends"),
        ((WON, LOST, replace(LOST, name="l2")), "pipeline.no_open_stage"),
        ((OPEN, OPEN, WON, LOST), "pipeline.stage_twice"),
        ((replace(OPEN, leads_to=("moon",)), WON, LOST), "pipeline.leads_nowhere"),
    ],
)
def test_one_stage_is_won_some_are_lost_some_open_and_each_has_its_name(
    stages: tuple[Stage, ...], code: str
) -> None:
    given().when(publish(*stages)).then_refused(code)
    in_history().when(publish(*stages)).then_refused(code)


@pytest.mark.parametrize("wrong", [{"probability": Decimal(2)}, {"requires": ["moon"]}])
def test_a_stage_that_makes_no_sense_is_no_stage(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StageBody(name="a", **wrong)


def test_no_deal_is_opened_on_a_retired_pipeline() -> None:
    retire = RetirePipeline(pipeline_id=SUBJECT, reason="merged")
    given(published(SUBJECT)).when(retire).then(RETIRED)
    given(published(SUBJECT), RETIRED).when(retire).then_nothing()
    deal = OpenOpportunity(opportunity_id=DEAL, pipeline_id=SUBJECT)
    given(published(SUBJECT), RETIRED).when(deal).then_refused("pipeline.retired")
    in_history(published(SUBJECT), RETIRED).when(deal).then_found("pipeline.retired")


def test_a_retired_pipeline_is_not_published_again() -> None:
    other = publish(name="other")
    given(published(SUBJECT), RETIRED).when(other).then_refused("pipeline.retired")
    given(published(SUBJECT), RETIRED).when(publish()).then_nothing()
