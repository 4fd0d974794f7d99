"""A visit: planned, checked in and out, reported; or one that is over, with what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.engagement.moments import Moment, is_past
from crm_es.aggregates.fields import Personal, Plain, Precision

WORTH_MAX = Decimal(10) ** 14
"""What a visit is worth lies below it: facts hold 14 digits and 4 places."""


class VisitState(StrEnum):
    PLANNED = "planned"
    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    REPORTED = "reported"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class VisitLine:
    """A product shown, a sample or anything else of value that was left there."""

    product: Plain | None
    quantity: Decimal | None
    value: Decimal | None
    source_id: Plain | None


class _Step(Aggregate.Event):
    """What every step of a visit carries, so that a fact needs no other event."""

    customer_id: UUID | None
    agent: Plain | None
    company: Plain | None
    purpose: Plain | None
    about_kind: Plain | None
    about_id: UUID | None


class Visit(Aggregate):
    """Planned -> checked in -> checked out -> reported; or nobody was there, or it was called off.

    A visit recorded after the fact is over and reported at once.
    """

    TOPIC = "visit"

    def __init__(self) -> None:
        self.step: dict[str, Any] = {}
        self.state = VisitState.PLANNED
        self.planned_at: datetime | None = None
        self.came: Moment | None = None
        self.outcome: str | None = None
        self.report: str | None = None
        self.seconds: int | None = None
        self.lines: tuple[VisitLine, ...] = ()
        self.value: Decimal | None = None
        self.currency: str | None = None
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Recorded(_Step, AggregateCreated):
        TOPIC = "visit.recorded"
        place: Personal[str] | None
        outcome: Plain | None
        report: Personal[str] | None
        seconds: int | None
        lines: tuple[VisitLine, ...]
        line_count: int
        value: Decimal | None
        currency: Plain | None
        order_id: UUID | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, visit: Visit) -> None:
            visit.step, visit.state = _step_of(self), VisitState.REPORTED
            visit.outcome, visit.report, visit.seconds = self.outcome, self.report, self.seconds
            visit.lines, visit.value, visit.currency = self.lines, self.value, self.currency

    class Planned(_Step, AggregateCreated):
        TOPIC = "visit.planned"
        planned_at: datetime
        place: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, visit: Visit) -> None:
            visit.step, visit.planned_at = _step_of(self), self.planned_at

    class Rescheduled(_Step):
        TOPIC = "visit.rescheduled"
        from_planned_at: datetime | None
        planned_at: datetime
        reason: Plain | None

        def apply(self, visit: Visit) -> None:
            visit.planned_at = self.planned_at

    class CheckedIn(_Step):
        TOPIC = "visit.checked_in"
        at_precision: Precision
        planned_at: datetime | None
        place: Personal[str] | None

        def apply(self, visit: Visit) -> None:
            visit.state = VisitState.CHECKED_IN
            visit.came = Moment(self.timestamp, self.at_precision)

    class CheckedOut(_Step):
        TOPIC = "visit.checked_out"
        planned_at: datetime | None
        checked_in_at: datetime | None
        seconds: int | None

        def apply(self, visit: Visit) -> None:
            visit.state, visit.seconds = VisitState.CHECKED_OUT, self.seconds

    class Reported(_Step):
        TOPIC = "visit.reported"
        planned_at: datetime | None
        checked_in_at: datetime | None
        seconds: int | None
        outcome: Plain | None
        report: Personal[str]
        lines: tuple[VisitLine, ...]
        line_count: int
        value: Decimal | None
        currency: Plain | None
        order_id: UUID | None

        def apply(self, visit: Visit) -> None:
            visit.state, visit.outcome = VisitState.REPORTED, self.outcome
            visit.report, visit.lines = self.report, self.lines
            visit.value, visit.currency = self.value, self.currency

    class NoShow(_Step):
        TOPIC = "visit.no_show"
        planned_at: datetime | None

        def apply(self, visit: Visit) -> None:
            visit.state = VisitState.NO_SHOW

    class Cancelled(_Step):
        TOPIC = "visit.cancelled"
        planned_at: datetime | None
        reason: Plain

        def apply(self, visit: Visit) -> None:
            visit.state = VisitState.CANCELLED

    class Retracted(_Step):
        """All that it was counted by, so that it can be counted out."""

        TOPIC = "visit.retracted"
        state: VisitState
        took_place_at: datetime
        planned_at: datetime | None
        outcome: Plain | None
        seconds: int | None
        lines: tuple[VisitLine, ...]
        line_count: int
        value: Decimal | None
        currency: Plain | None
        reason: Plain

        def apply(self, visit: Visit) -> None:
            visit.is_retracted = True

    # What we allow.

    @classmethod
    def log(cls, id: UUID, on: Occasion, lines: tuple[VisitLine, ...], /, **facts: Any) -> Self:
        _must_be_worth_something(facts["value"], on)
        return cls.begin(cls.Recorded, on, id, facts, lines=lines, line_count=len(lines))

    @classmethod
    def plan(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(cls.Planned, on, id, facts)

    def reschedule(self, planned_at: datetime, reason: str | None, on: Occasion) -> None:
        if planned_at != self.planned_at:
            self._must_be(VisitState.PLANNED, on)
            self.record(
                self.Rescheduled, on, **self.step, from_planned_at=self.planned_at,
                planned_at=planned_at, reason=reason,
            )  # fmt: skip

    def check_in(self, place: str | None, on: Occasion) -> None:
        if self.state is not VisitState.CHECKED_IN:
            self._must_be(VisitState.PLANNED, on)
            self.record(
                self.CheckedIn, on, **self.step, at_precision=on.precision,
                planned_at=self.planned_at, place=place,
            )  # fmt: skip

    def check_out(self, on: Occasion) -> None:
        if self.state is VisitState.CHECKED_OUT:
            return
        self._must_be(VisitState.CHECKED_IN, on)
        now = Moment.of(on)
        on.must(
            self.came is None or not self.came.is_after(now),
            "visit.ends_before_it_starts",
            "It would end before it starts.",
        )
        self.record(
            self.CheckedOut, on, **self.step, planned_at=self.planned_at,
            checked_in_at=self.came and self.came.at, seconds=now.seconds_since(self.came),
        )  # fmt: skip

    def tell(
        self, report: str, outcome: str | None, on: Occasion, *, lines: tuple[VisitLine, ...],
        value: Decimal | None, currency: str | None, order_id: UUID | None,
    ) -> None:  # fmt: skip
        """Report it, once: the same report again is nothing new, another one is refused."""
        is_told = self.state is VisitState.REPORTED and on.is_same(self.report, report)
        if is_told and outcome == self.outcome and lines == self.lines and value == self.value:
            return
        self._must_be(VisitState.CHECKED_OUT, on)
        _must_be_worth_something(value, on)
        self.record(
            self.Reported, on, **self.step, planned_at=self.planned_at,
            checked_in_at=self.came and self.came.at, seconds=self.seconds, outcome=outcome,
            report=report, lines=lines, line_count=len(lines), value=value, currency=currency,
            order_id=order_id,
        )  # fmt: skip

    def miss(self, on: Occasion) -> None:
        if self.state is not VisitState.NO_SHOW:
            self._must_be(VisitState.PLANNED, on)
            is_due = self.planned_at is not None and is_past(self.planned_at, on)
            on.must(is_due, "visit.not_due", "Its time has not come.")
            self.record(self.NoShow, on, **self.step, planned_at=self.planned_at)

    def cancel(self, reason: str, on: Occasion) -> None:
        if self.state is not VisitState.CANCELLED:
            self._must_be(VisitState.PLANNED, on)
            self.record(self.Cancelled, on, **self.step, planned_at=self.planned_at, reason=reason)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self.step, state=self.state,
                took_place_at=self.came.at if self.came else self.created_on,
                planned_at=self.planned_at, outcome=self.outcome, seconds=self.seconds,
                lines=self.lines, line_count=len(self.lines), value=self.value,
                currency=self.currency, reason=reason,
            )  # fmt: skip

    def _must_be(self, state: VisitState, on: Occasion) -> None:
        on.must(not self.is_retracted, "visit.retracted", "It was taken back.")
        on.must(self.state is state, f"visit.{self.state}", f"It is {self.state}.")


_STEP = ("customer_id", "agent", "company", "purpose", "about_kind", "about_id")


def _step_of(event: _Step) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _STEP}


def _must_be_worth_something(value: Decimal | None, on: Occasion) -> None:
    on.must(value is None or value >= 0, "visit.negative_value", "Its value is below nought.")
