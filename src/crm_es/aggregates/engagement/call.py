"""A call: rung, answered or missed, ended, and called back when it was missed."""

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


class _Counted(Aggregate.Event):
    """A call counts otherwise than it did; told by all that it was counted by."""

    customer_id: UUID | None
    took_place_at: datetime
    state: CallState
    """Only what has ended counts."""
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
    attempts: int
    callback: Callback | None


class Call(Aggregate):
    """Ringing -> in progress <-> on hold -> ended; a missed inbound one asks for a callback.

    A transfer keeps the call and changes its agent. Every missed inbound call is called back or
    let go with a reason.
    """

    TOPIC = "call"

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

    class Recorded(Aggregate.Event, AggregateCreated):
        TOPIC = "call.recorded"
        customer_id: UUID | None
        agent: Plain | None
        direction: Direction
        result: CallResult
        type: Plain | None
        outcome: Plain | None
        seconds: int | None
        wait_seconds: int | None
        hold_seconds: int | None
        attempts: int
        line: Plain | None
        campaign_id: UUID | None
        case_id: UUID | None
        needs_callback: bool
        phone: Personal[str] | None
        summary: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, call: Call) -> None:
            call.customer_id, call.agent = self.customer_id, self.agent
            call.direction, call.result = self.direction, self.result
            call.type, call.outcome, call.line = self.type, self.outcome, self.line
            call.seconds, call.wait_seconds = self.seconds, self.wait_seconds
            call.hold_seconds, call.attempts = self.hold_seconds, self.attempts
            call.campaign_id, call.state = self.campaign_id, CallState.ENDED
            call.callback = Callback.REQUIRED if self.needs_callback else None
            call.cases = set() if self.case_id is None else {self.case_id}

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

        def apply(self, call: Call) -> None:
            call.customer_id, call.agent = self.customer_id, self.agent
            call.direction, call.type, call.line = self.direction, self.type, self.line
            call.campaign_id = self.campaign_id
            call.times.rang = call.times.note(self.moment)

    class Answered(_Step):
        TOPIC = "call.answered"
        agent: Plain
        wait_seconds: int | None

        def apply(self, call: Call) -> None:
            call.agent, call.state = self.agent, CallState.IN_PROGRESS
            times = call.times
            times.wait_seconds = self.wait_seconds
            times.answered = times.handed = times.note(self.moment)

    class Held(_Step):
        TOPIC = "call.held"
        agent: Plain | None

        def apply(self, call: Call) -> None:
            call.state = CallState.ON_HOLD
            call.times.held = call.times.note(self.moment)

    class Resumed(_Step):
        """``hold_seconds`` of the whole call so far."""

        TOPIC = "call.resumed"
        agent: Plain | None
        hold_seconds: int | None

        def apply(self, call: Call) -> None:
            call.state, call.times.held = CallState.IN_PROGRESS, None
            call.times.hold_seconds = self.hold_seconds
            call.times.note(self.moment)

    class Transferred(_Step):
        """``seconds`` are those of the agent who handed it on."""

        TOPIC = "call.transferred"
        from_agent: Plain | None
        to_agent: Plain
        seconds: int | None

        def apply(self, call: Call) -> None:
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

        def apply(self, call: Call) -> None:
            call.state, call.result = CallState.ENDED, self.result
            call.seconds, call.wait_seconds = self.seconds, self.wait_seconds
            call.hold_seconds = self.hold_seconds
            call.callback = Callback.REQUIRED if self.needs_callback else None

    class Dispositioned(_Counted):
        TOPIC = "call.dispositioned"
        from_outcome: Plain | None
        to_outcome: Plain

        def apply(self, call: Call) -> None:
            call.outcome = self.to_outcome

    class CallbackDone(Aggregate.Event):
        TOPIC = "call.callback_done"
        customer_id: UUID | None
        by_call_id: UUID | None

        def apply(self, call: Call) -> None:
            call.callback = Callback.DONE

    class CallbackWaived(Aggregate.Event):
        TOPIC = "call.callback_waived"
        customer_id: UUID | None
        reason: Plain

        def apply(self, call: Call) -> None:
            call.callback = Callback.WAIVED

    class LinkedToCase(Aggregate.Event):
        TOPIC = "call.linked_to_case"
        customer_id: UUID | None
        case_id: UUID

        def apply(self, call: Call) -> None:
            call.cases.add(self.case_id)

    class UnlinkedFromCase(Aggregate.Event):
        TOPIC = "call.unlinked_from_case"
        customer_id: UUID | None
        case_id: UUID

        def apply(self, call: Call) -> None:
            call.cases.discard(self.case_id)

    class Reattributed(_Counted):
        """It was about somebody else: both parties' stories tell so."""

        TOPIC = "call.reattributed"
        SUBJECTS = ("customer_id", "from_customer_id")
        from_customer_id: UUID | None

        def apply(self, call: Call) -> None:
            call.customer_id = self.customer_id

    class Retracted(_Counted):
        TOPIC = "call.retracted"
        reason: Plain

        def apply(self, call: Call) -> None:
            call.is_retracted = True

    # What we allow.

    @classmethod
    def log(cls, id: UUID, on: Occasion, **facts: Any) -> Self:
        result, seconds = facts["result"], facts["seconds"]
        is_silent = result not in UNANSWERED or not seconds
        on.must(is_silent, "call.talked_unanswered", "It lasted, yet nobody took it.")
        needs = is_miss(facts["direction"], result)
        return cls.begin(cls.Recorded, on, id=id, needs_callback=needs, **facts)

    @classmethod
    def start(cls, id: UUID, on: Occasion, **facts: Any) -> Self:
        return cls.begin(cls.Started, on, id=id, at_precision=on.precision, **facts)

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

    def dispose(self, outcome: str, on: Occasion) -> None:
        if outcome != self.outcome:
            self._must_stand(on)
            self.record(
                self.Dispositioned, on, **self._counted(), from_outcome=self.outcome,
                to_outcome=outcome,
            )  # fmt: skip

    def call_back(self, by_call_id: UUID | None, on: Occasion) -> None:
        if self.callback is not Callback.DONE:
            self._must_await_callback(on)
            on.must(by_call_id != self.id, "call.own_callback", "A call cannot call itself back.")
            self.record(self.CallbackDone, on, customer_id=self.customer_id, by_call_id=by_call_id)

    def waive_callback(self, reason: str, on: Occasion) -> None:
        if self.callback is not Callback.WAIVED:
            self._must_await_callback(on)
            self.record(self.CallbackWaived, on, customer_id=self.customer_id, reason=reason)

    def link(self, case_id: UUID, on: Occasion) -> None:
        if case_id not in self.cases:
            self._must_stand(on)
            self.record(self.LinkedToCase, on, customer_id=self.customer_id, case_id=case_id)

    def unlink(self, case_id: UUID, on: Occasion) -> None:
        if case_id in self.cases:
            self._must_stand(on)
            self.record(self.UnlinkedFromCase, on, customer_id=self.customer_id, case_id=case_id)

    def reattribute(self, customer_id: UUID | None, on: Occasion) -> None:
        if customer_id != self.customer_id:
            self._must_stand(on)
            self.record(
                self.Reattributed, on, **{**self._counted(), "customer_id": customer_id},
                from_customer_id=self.customer_id,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, **self._counted(), reason=reason)

    def _step(self, on: Occasion) -> dict[str, Any]:
        return {"customer_id": self.customer_id, "at_precision": on.precision}

    def _counted(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "took_place_at": self.created_on, "state": self.state,
            "agent": self.agent, "direction": self.direction, "result": self.result,
            "type": self.type, "outcome": self.outcome, "line": self.line,
            "campaign_id": self.campaign_id, "seconds": self.seconds,
            "wait_seconds": self.wait_seconds, "hold_seconds": self.hold_seconds,
            "attempts": self.attempts, "callback": self.callback,
        }  # fmt: skip

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

    def _must_await_callback(self, on: Occasion) -> None:
        self._must_stand(on)
        on.must(
            self.callback is Callback.REQUIRED, "call.no_callback", "Nobody waits for a callback."
        )

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "call.retracted", "It was taken back.")


_TALKING = (CallState.IN_PROGRESS, CallState.ON_HOLD)
