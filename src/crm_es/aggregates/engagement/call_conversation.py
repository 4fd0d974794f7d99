"""A call in progress: it rings, is taken, held, handed on, and ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.engagement.call_state import (
    UNANSWERED,
    Callback,
    CallResult,
    CallState,
    Direction,
    is_miss,
)
from crm_es.aggregates.engagement.call_times import CallLeg, CallTimes
from crm_es.aggregates.engagement.moments import Moment
from crm_es.aggregates.fields import Personal, Plain, Precision

LEGS_MAX = 50


class _Step(Aggregate.Event):
    """What every step of a call in progress carries."""

    customer_id: UUID | None
    at_precision: Precision

    @property
    def moment(self) -> Moment:
        return Moment(self.timestamp, self.at_precision)


class Conversation(Aggregate):
    """Ringing -> in progress <-> on hold -> ended. A transfer changes the agent, not the call."""

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.agent: str | None = None
        self.direction = Direction.UNKNOWN
        self.result = CallResult.UNKNOWN
        self.state = CallState.RINGING
        self.callback: Callback | None = None
        self.times = CallTimes()
        self.type: str | None = None
        self.line: str | None = None
        self.seconds: int | None = None
        self.wait_seconds: int | None = None
        self.hold_seconds: int | None = None
        self.attempts = 1
        self.campaign_id: UUID | None = None
        self.outcome: str | None = None
        self.cases: set[UUID] = set()
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Started(_Step, AggregateCreated):
        TOPIC = "call.started"
        agent: Plain | None
        direction: Direction
        type: Plain | None
        line: Plain | None
        campaign_id: UUID | None
        phone: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, call: Conversation) -> None:
            call.customer_id, call.agent = self.customer_id, self.agent
            call.direction, call.type, call.line = self.direction, self.type, self.line
            call.campaign_id = self.campaign_id
            call.times.rang = call.times.note(self.moment)

    class Answered(_Step):
        TOPIC = "call.answered"
        agent: Plain
        wait_seconds: int | None

        def apply(self, call: Conversation) -> None:
            call.agent, call.state = self.agent, CallState.IN_PROGRESS
            times = call.times
            times.wait_seconds = self.wait_seconds
            times.answered = times.handed = times.note(self.moment)

    class Held(_Step):
        TOPIC = "call.held"
        agent: Plain | None

        def apply(self, call: Conversation) -> None:
            call.state = CallState.ON_HOLD
            call.times.held = call.times.note(self.moment)

    class Resumed(_Step):
        """``hold_seconds`` of the whole call so far."""

        TOPIC = "call.resumed"
        agent: Plain | None
        hold_seconds: int | None

        def apply(self, call: Conversation) -> None:
            call.state, call.times.held = CallState.IN_PROGRESS, None
            call.times.hold_seconds = self.hold_seconds
            call.times.note(self.moment)

    class Transferred(_Step):
        """``seconds`` are those of the agent who handed it on."""

        TOPIC = "call.transferred"
        from_agent: Plain | None
        to_agent: Plain
        seconds: int | None

        def apply(self, call: Conversation) -> None:
            call.agent = self.to_agent
            call.times.legs.append(CallLeg(self.from_agent, self.seconds))
            call.times.handed = call.times.note(self.moment)

    class Ended(Aggregate.Event):
        """The whole call once more, so that a fact needs no other event."""

        TOPIC = "call.ended"
        customer_id: UUID | None
        agent: Plain | None
        direction: Direction
        result: CallResult
        type: Plain | None
        outcome: Plain | None
        line: Plain | None
        campaign_id: UUID | None
        seconds: int | None
        wait_seconds: int | None
        hold_seconds: int | None
        legs: tuple[CallLeg, ...]
        started_at: datetime
        needs_callback: bool
        summary: Personal[str] | None

        def apply(self, call: Conversation) -> None:
            call.state, call.result = CallState.ENDED, self.result
            call.seconds, call.wait_seconds = self.seconds, self.wait_seconds
            call.hold_seconds = self.hold_seconds
            call.callback = Callback.REQUIRED if self.needs_callback else None

    # What we allow.

    @classmethod
    def start(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(cls.Started, on, id, facts, at_precision=on.precision)

    def answer(self, agent: str, on: Occasion) -> None:
        if self.state is CallState.IN_PROGRESS and self.agent == agent:
            return
        self._must_be(on, CallState.RINGING)
        waited = Moment.of(on).seconds_since(self.times.rang)
        self.record(self.Answered, on, **self._step(on), agent=agent, wait_seconds=waited)

    def hold(self, on: Occasion) -> None:
        if self.state is not CallState.ON_HOLD:
            self._must_be(on, CallState.IN_PROGRESS)
            self.record(self.Held, on, **self._step(on), agent=self.agent)

    def resume(self, on: Occasion) -> None:
        if self.state is not CallState.IN_PROGRESS:
            self._must_be(on, CallState.ON_HOLD)
            held = self.times.held_until(Moment.of(on))
            self.record(self.Resumed, on, **self._step(on), agent=self.agent, hold_seconds=held)

    def transfer(self, agent: str, on: Occasion) -> None:
        if agent != self.agent:
            self._must_be(on, *_TALKING)
            is_short = len(self.times.legs) < LEGS_MAX - 1
            on.must(is_short, "call.too_many_legs", "It was handed on too often.")
            self.record(
                self.Transferred, on, **self._step(on), from_agent=self.agent, to_agent=agent,
                seconds=Moment.of(on).seconds_since(self.times.handed),
            )  # fmt: skip

    def finish(self, result: CallResult | None, summary: str | None, on: Occasion) -> None:
        """End it: answered if somebody talked, missed or unanswered if nobody did."""
        if self.state is CallState.ENDED:
            return
        self._must_be(on, CallState.RINGING, *_TALKING)
        is_inbound = self.direction is Direction.INBOUND
        nobody = CallResult.MISSED if is_inbound else CallResult.NO_ANSWER
        result = result or (nobody if self.times.answered is None else CallResult.ANSWERED)
        self._must_fit(result, on)
        measured = self.times.measured(self.agent, Moment.of(on))
        self.record(
            self.Ended, on, **measured, customer_id=self.customer_id, agent=self.agent,
            direction=self.direction, result=result, type=self.type, outcome=self.outcome,
            line=self.line, campaign_id=self.campaign_id, started_at=self.created_on,
            needs_callback=is_miss(self.direction, result), summary=summary,
        )  # fmt: skip

    def _step(self, on: Occasion) -> dict[str, Any]:
        return {"customer_id": self.customer_id, "at_precision": on.precision}

    def _must_fit(self, result: CallResult, on: Occasion) -> None:
        talked = self.times.answered is not None
        on.must(
            talked or result is not CallResult.ANSWERED, "call.unanswered", "Nobody took the call."
        )
        on.must(not talked or result not in UNANSWERED, "call.answered", "Somebody took the call.")

    def _must_be(self, on: Occasion, *states: CallState) -> None:
        self._must_stand(on)
        on.must(self.state in states, f"call.{self.state}", f"It is {self.state}.")
        latest = self.times.latest
        is_forward = latest is None or not latest.is_after(Moment.of(on))
        on.must(is_forward, "call.out_of_order", "That was before what is known of it.")

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "call.retracted", "It was taken back.")


_TALKING = (CallState.IN_PROGRESS, CallState.ON_HOLD)
