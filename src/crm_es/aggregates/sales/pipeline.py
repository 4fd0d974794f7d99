"""A sales pipeline: its stages and the reasons deals are lost. Data, published in versions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Price


class StageKind(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True)
class Stage:
    """One column of the board.

    ``requires`` names the fields a deal must have to leave it forwards, ``leads_to`` the stages it
    may leave for; without any it may go anywhere. It may be lost from everywhere.
    """

    name: Plain
    kind: StageKind
    probability: Price
    requires: tuple[Plain, ...] = ()
    max_dwell_days: int | None = None
    leads_to: tuple[Plain, ...] = ()


@dataclass(frozen=True)
class Edition:
    """One published version of a pipeline, kept for the deals that pinned it."""

    stages: tuple[Stage, ...]
    reasons: tuple[Plain, ...]

    def stage(self, name: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.name == name), None)

    def first(self, kind: StageKind) -> Stage:
        return next(stage for stage in self.stages if stage.kind is kind)

    def rank(self, name: str) -> int:
        """The place of a stage from 0; -1 if there is none of that name."""
        return next((n for n, stage in enumerate(self.stages) if stage.name == name), -1)


class Pipeline(Aggregate):
    """Exactly one stage is won, at least one is lost. A deal keeps the edition it pinned."""

    TOPIC = "pipeline"

    def __init__(self) -> None:
        self.name = ""
        self.editions: dict[int, Edition] = {}
        self.edition = 0
        self.is_retired = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ()

    class Published(Event, AggregateCreated):
        TOPIC = "pipeline.published"
        name: Plain
        edition: int
        stages: tuple[Stage, ...]
        reasons: tuple[Plain, ...]

        def apply(self, pipeline: Pipeline) -> None:
            pipeline.name, pipeline.edition = self.name, self.edition
            pipeline.editions[self.edition] = Edition(self.stages, self.reasons)

    class Republished(Event):
        TOPIC = "pipeline.republished"
        name: Plain
        edition: int
        stages: tuple[Stage, ...]
        reasons: tuple[Plain, ...]

        def apply(self, pipeline: Pipeline) -> None:
            pipeline.name, pipeline.edition = self.name, self.edition
            pipeline.editions[self.edition] = Edition(self.stages, self.reasons)

    class Retired(Event):
        TOPIC = "pipeline.retired"
        reason: Plain

        def apply(self, pipeline: Pipeline) -> None:
            pipeline.is_retired = True

    # What we allow.

    @classmethod
    def publish(cls, id: UUID, on: Occasion, name: str, edition: Edition) -> Self:
        return cls.begin(cls.Published, on, id, _content(name, 1, edition))

    def republish(self, on: Occasion, name: str, edition: Edition) -> None:
        if self.name != name or self.editions[self.edition] != edition:
            on.must(not self.is_retired, "pipeline.retired", "The pipeline is retired.")
            self.record(self.Republished, on, **_content(name, self.edition + 1, edition))

    def retire(self, reason: str, on: Occasion) -> None:
        if not self.is_retired:
            self.record(self.Retired, on, reason=reason)


def weighted(amount: Decimal | None, probability: Decimal) -> Decimal:
    """What a deal is worth before it is decided."""
    return (amount or Decimal(0)) * probability


def _content(name: str, number: int, edition: Edition) -> dict[str, Any]:
    return {
        "name": name, "edition": number, "stages": edition.stages, "reasons": edition.reasons,
    }  # fmt: skip
