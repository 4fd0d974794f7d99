"""An activity: a task or an appointment, or one step of work that another system tells of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.engagement.moments import Moment, is_past
from crm_es.aggregates.fields import Personal, Plain, Precision


class Phase(StrEnum):
    """Which step of an activity a record tells of: the transitions of an event log (XES)."""

    SCHEDULED = "scheduled"
    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ActivityState(StrEnum):
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"
    MISSED = "missed"
    RECORDED = "recorded"


class _Step(Aggregate.Event):
    """What every step carries: the activity, what it is about, and who took the step."""

    customer_id: UUID | None
    kind: Plain
    about_kind: Plain | None
    about_id: UUID | None
    owner: Plain | None
    by: Plain | None


class Activity(Aggregate):
    """Planned -> in progress -> done, or cancelled; a missed one is planned again.

    A step recorded from another system's history is a thing of its own, over when it is told.
    An activity can be about anything: an aggregate's kind and its id.
    """

    TOPIC = "activity"

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.kind = ""
        self.about_kind: str | None = None
        self.about_id: UUID | None = None
        self.owner: str | None = None
        self.state = ActivityState.PLANNED
        self.phase: Phase | None = None
        self.planned_at: datetime | None = None
        self.planned_until: datetime | None = None
        self.started: Moment | None = None
        self.outcome: str | None = None
        self.seconds: int | None = None
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Recorded(_Step, AggregateCreated):
        TOPIC = "activity.recorded"
        phase: Phase
        title: Personal[str] | None
        outcome: Plain | None
        seconds: int | None
        notes: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, activity: Activity) -> None:
            activity.customer_id, activity.kind = self.customer_id, self.kind
            activity.about_kind, activity.about_id = self.about_kind, self.about_id
            activity.owner, activity.phase = self.owner, self.phase
            activity.outcome, activity.seconds = self.outcome, self.seconds
            activity.state = ActivityState.RECORDED

    class Scheduled(_Step, AggregateCreated):
        TOPIC = "activity.scheduled"
        title: Personal[str] | None
        notes: Personal[str] | None
        planned_at: datetime | None
        planned_until: datetime | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, activity: Activity) -> None:
            activity.customer_id, activity.kind = self.customer_id, self.kind
            activity.about_kind, activity.about_id = self.about_kind, self.about_id
            activity.owner = self.owner
            activity.planned_at, activity.planned_until = self.planned_at, self.planned_until

    class Rescheduled(_Step):
        TOPIC = "activity.rescheduled"
        from_planned_at: datetime | None
        planned_at: datetime
        planned_until: datetime | None
        was_missed: bool
        reason: Plain | None

        def apply(self, activity: Activity) -> None:
            activity.state = ActivityState.PLANNED
            activity.planned_at, activity.planned_until = self.planned_at, self.planned_until

    class Reassigned(_Step):
        TOPIC = "activity.reassigned"
        from_owner: Plain | None

        def apply(self, activity: Activity) -> None:
            activity.owner = self.owner

    class Started(_Step):
        TOPIC = "activity.started"
        at_precision: Precision
        planned_at: datetime | None

        def apply(self, activity: Activity) -> None:
            activity.state = ActivityState.IN_PROGRESS
            activity.started = Moment(self.timestamp, self.at_precision)

    class Completed(_Step):
        TOPIC = "activity.completed"
        outcome: Plain
        planned_at: datetime | None
        started_at: datetime | None
        seconds: int | None
        notes: Personal[str] | None

        def apply(self, activity: Activity) -> None:
            activity.state = ActivityState.DONE
            activity.outcome, activity.seconds = self.outcome, self.seconds

    class Cancelled(_Step):
        TOPIC = "activity.cancelled"
        from_state: ActivityState
        planned_at: datetime | None
        reason: Plain

        def apply(self, activity: Activity) -> None:
            activity.state = ActivityState.CANCELLED

    class Missed(_Step):
        TOPIC = "activity.missed"
        planned_at: datetime | None

        def apply(self, activity: Activity) -> None:
            activity.state = ActivityState.MISSED

    class Retracted(_Step):
        """All that it was counted by, so that it can be counted out."""

        TOPIC = "activity.retracted"
        state: ActivityState
        phase: Phase | None
        took_place_at: datetime
        planned_at: datetime | None
        outcome: Plain | None
        seconds: int | None
        reason: Plain

        def apply(self, activity: Activity) -> None:
            activity.is_retracted = True

    # What we allow.

    @classmethod
    def log(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(cls.Recorded, on, id, facts)

    @classmethod
    def schedule(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        _must_run_forward(facts["planned_at"], facts["planned_until"], on)
        return cls.begin(cls.Scheduled, on, id, facts)

    def reschedule(
        self, planned_at: datetime, until: datetime | None, reason: str | None, on: Occasion
    ) -> None:
        is_so = self.planned_at == planned_at and self.planned_until == until
        if is_so and self.state is ActivityState.PLANNED:
            return
        self._must_be(on, ActivityState.PLANNED, ActivityState.MISSED)
        _must_run_forward(planned_at, until, on)
        self.record(
            self.Rescheduled, on, **self._step(None), from_planned_at=self.planned_at,
            planned_at=planned_at, planned_until=until, reason=reason,
            was_missed=self.state is ActivityState.MISSED,
        )  # fmt: skip

    def assign(self, owner: str, on: Occasion) -> None:
        if owner != self.owner:
            self._must_be(on, *_OPEN, ActivityState.MISSED)
            step = {**self._step(None), "owner": owner}
            self.record(self.Reassigned, on, **step, from_owner=self.owner)

    def start(self, by: str | None, on: Occasion) -> None:
        if self.state is not ActivityState.IN_PROGRESS:
            self._must_be(on, ActivityState.PLANNED)
            self.record(
                self.Started, on, **self._step(by or self.owner), at_precision=on.precision,
                planned_at=self.planned_at,
            )  # fmt: skip

    def complete(self, outcome: str, notes: str | None, by: str | None, on: Occasion) -> None:
        if self.state is ActivityState.DONE and outcome == self.outcome:
            return
        self._must_be(on, *_OPEN)
        now = Moment.of(on)
        on.must(
            self.started is None or not self.started.is_after(now),
            "activity.ends_before_it_starts",
            "It would end before it starts.",
        )
        self.record(
            self.Completed, on, **self._step(by or self.owner), outcome=outcome, notes=notes,
            planned_at=self.planned_at, started_at=self.started and self.started.at,
            seconds=now.seconds_since(self.started),
        )  # fmt: skip

    def cancel(self, reason: str, on: Occasion) -> None:
        if self.state is not ActivityState.CANCELLED:
            self._must_be(on, *_OPEN, ActivityState.MISSED)
            self.record(
                self.Cancelled, on, **self._step(None), from_state=self.state,
                planned_at=self.planned_at, reason=reason,
            )  # fmt: skip

    def miss(self, on: Occasion) -> None:
        if self.state is not ActivityState.MISSED:
            self._must_be(on, ActivityState.PLANNED)
            is_due = self.planned_at is not None and is_past(self.planned_at, on)
            on.must(is_due, "activity.not_due", "Its time has not come.")
            self.record(self.Missed, on, **self._step(None), planned_at=self.planned_at)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self._step(None), state=self.state, phase=self.phase,
                took_place_at=self.created_on, planned_at=self.planned_at, outcome=self.outcome,
                seconds=self.seconds, reason=reason,
            )  # fmt: skip

    def _step(self, by: str | None) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "kind": self.kind, "about_kind": self.about_kind,
            "about_id": self.about_id, "owner": self.owner, "by": by,
        }  # fmt: skip

    def _must_be(self, on: Occasion, *states: ActivityState) -> None:
        on.must(not self.is_retracted, "activity.retracted", "It was taken back.")
        on.must(self.state in states, f"activity.{self.state}", f"It is {self.state}.")


_OPEN = (ActivityState.PLANNED, ActivityState.IN_PROGRESS)


def _must_run_forward(begins: datetime | None, ends: datetime | None, on: Occasion) -> None:
    is_forward = ends is None or (begins is not None and begins <= ends)
    on.must(is_forward, "activity.ends_before_it_starts", "It would end before it starts.")
