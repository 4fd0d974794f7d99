"""A call: rung, answered or missed, ended, and called back when it was missed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class CallResult(StrEnum):
    """What came of it, in our own few words; the source's words stand in ``outcome``."""

    ANSWERED = "answered"
    MISSED = "missed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class CallState(StrEnum):
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    ENDED = "ended"


class Callback(StrEnum):
    REQUIRED = "required"
    DONE = "done"
    WAIVED = "waived"


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
    attempts: int


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
        self.started_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.type: str | None = None
        self.line: str | None = None
        self.seconds: int | None = None
        self.wait_seconds: int | None = None
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
        attempts: int
        line: Plain | None
        campaign_id: UUID | None
        case_id: UUID | None
        phone: Personal[str] | None
        summary: Personal[str] | None
        source: Plain | None
        source_id: Plain | None

        def apply(self, call: Call) -> None:
            call.customer_id, call.agent = self.customer_id, self.agent
            call.direction, call.result = self.direction, self.result
            call.type, call.outcome, call.line = self.type, self.outcome, self.line
            call.seconds, call.wait_seconds = self.seconds, self.wait_seconds
            call.attempts, call.campaign_id = self.attempts, self.campaign_id
            call.state = CallState.ENDED
            if self.case_id is not None:
                call.cases.add(self.case_id)
            if self.direction is Direction.INBOUND and self.result is CallResult.MISSED:
                call.callback = Callback.REQUIRED

    class Started(Aggregate.Event, AggregateCreated):
        TOPIC = "call.started"
        customer_id: UUID | None
        agent: Plain | None
        direction: Direction
        line: Plain | None
        campaign_id: UUID | None
        phone: Personal[str] | None
        source: Plain | None
        source_id: Plain | None

        def apply(self, call: Call) -> None:
            call.customer_id, call.agent = self.customer_id, self.agent
            call.direction, call.line = self.direction, self.line
            call.campaign_id, call.started_at = self.campaign_id, self.timestamp

    class Answered(Aggregate.Event):
        TOPIC = "call.answered"
        customer_id: UUID | None
        agent: Plain
        wait_seconds: int

        def apply(self, call: Call) -> None:
            call.agent, call.state = self.agent, CallState.IN_PROGRESS
            call.answered_at = self.timestamp

    class Held(Aggregate.Event):
        TOPIC = "call.held"
        customer_id: UUID | None

        def apply(self, call: Call) -> None:
            call.state = CallState.ON_HOLD

    class Resumed(Aggregate.Event):
        TOPIC = "call.resumed"
        customer_id: UUID | None

        def apply(self, call: Call) -> None:
            call.state = CallState.IN_PROGRESS

    class Transferred(Aggregate.Event):
        TOPIC = "call.transferred"
        customer_id: UUID | None
        from_agent: Plain | None
        to_agent: Plain

        def apply(self, call: Call) -> None:
            call.agent = self.to_agent

    class Ended(Aggregate.Event):
        """The whole call once more, so that a fact needs no other event."""

        TOPIC = "call.ended"
        customer_id: UUID | None
        agent: Plain | None
        direction: Direction
        result: CallResult
        seconds: int
        wait_seconds: int
        outcome: Plain | None
        line: Plain | None
        campaign_id: UUID | None
        started_at: datetime
        summary: Personal[str] | None

        def apply(self, call: Call) -> None:
            call.state, call.result = CallState.ENDED, self.result
            call.seconds, call.wait_seconds = self.seconds, self.wait_seconds
            if self.direction is Direction.INBOUND and self.result is CallResult.MISSED:
                call.callback = Callback.REQUIRED

    class Dispositioned(Aggregate.Event):
        TOPIC = "call.dispositioned"
        customer_id: UUID | None
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
        return cls.begin(cls.Recorded, on, id=id, **facts)

    @classmethod
    def start(cls, id: UUID, on: Occasion, **facts: Any) -> Self:
        return cls.begin(cls.Started, on, id=id, **facts)

    def answer(self, agent: str, on: Occasion) -> None:
        if self.state is CallState.IN_PROGRESS and self.agent == agent:
            return
        on.must(self.state is CallState.RINGING, "call.not_ringing", f"It is {self.state}.")
        waited = self._seconds_since(self.started_at, on)
        self.record(
            self.Answered, on, customer_id=self.customer_id, agent=agent, wait_seconds=waited
        )

    def hold(self, on: Occasion) -> None:
        if self.state is not CallState.ON_HOLD:
            self._must_be_talking(on)
            self.record(self.Held, on, customer_id=self.customer_id)

    def resume(self, on: Occasion) -> None:
        if self.state is not CallState.IN_PROGRESS:
            on.must(self.state is CallState.ON_HOLD, "call.not_held", "It is not on hold.")
            self.record(self.Resumed, on, customer_id=self.customer_id)

    def transfer(self, agent: str, on: Occasion) -> None:
        if agent != self.agent:
            self._must_be_talking(on)
            self.record(
                self.Transferred, on, customer_id=self.customer_id, from_agent=self.agent,
                to_agent=agent,
            )  # fmt: skip

    def finish(self, result: CallResult | None, summary: str | None, on: Occasion) -> None:
        """End it: answered if somebody talked, missed or unanswered if nobody did."""
        if self.state is CallState.ENDED:
            return
        began = self.started_at or on.at
        on.must(on.at >= began, "call.ends_before_it_starts", "It would end before it starts.")
        talked = self.answered_at is not None
        unanswered = (
            CallResult.MISSED if self.direction is Direction.INBOUND else CallResult.NO_ANSWER
        )
        seconds = self._seconds_since(self.answered_at, on) if talked else 0
        total = self._seconds_since(began, on)
        self.record(
            self.Ended, on, customer_id=self.customer_id, agent=self.agent,
            direction=self.direction, seconds=seconds, wait_seconds=max(total - seconds, 0),
            result=result or (CallResult.ANSWERED if talked else unanswered),
            outcome=self.outcome, line=self.line, campaign_id=self.campaign_id, started_at=began,
            summary=summary,
        )  # fmt: skip

    def dispose(self, outcome: str, on: Occasion) -> None:
        self._must_stand(on)
        if outcome != self.outcome:
            self.record(
                self.Dispositioned, on, customer_id=self.customer_id, from_outcome=self.outcome,
                to_outcome=outcome,
            )  # fmt: skip

    def call_back(self, by_call_id: UUID | None, on: Occasion) -> None:
        if self.callback is not Callback.DONE:
            self._must_await_callback(on)
            self.record(self.CallbackDone, on, customer_id=self.customer_id, by_call_id=by_call_id)

    def waive_callback(self, reason: str, on: Occasion) -> None:
        if self.callback is not Callback.WAIVED:
            self._must_await_callback(on)
            self.record(self.CallbackWaived, on, customer_id=self.customer_id, reason=reason)

    def link(self, case_id: UUID, on: Occasion) -> None:
        self._must_stand(on)
        if case_id not in self.cases:
            self.record(self.LinkedToCase, on, customer_id=self.customer_id, case_id=case_id)

    def reattribute(self, customer_id: UUID | None, on: Occasion) -> None:
        self._must_stand(on)
        if customer_id != self.customer_id:
            self.record(
                self.Reattributed, on, **{**self._counted(), "customer_id": customer_id},
                from_customer_id=self.customer_id,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, **self._counted(), reason=reason)

    def _counted(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "took_place_at": self.created_on, "state": self.state,
            "agent": self.agent, "direction": self.direction, "result": self.result,
            "type": self.type, "outcome": self.outcome, "line": self.line,
            "campaign_id": self.campaign_id, "seconds": self.seconds,
            "wait_seconds": self.wait_seconds, "attempts": self.attempts,
        }  # fmt: skip

    @staticmethod
    def _seconds_since(moment: datetime | None, on: Occasion) -> int:
        return 0 if moment is None else max(int((on.at - moment).total_seconds()), 0)

    def _must_be_talking(self, on: Occasion) -> None:
        on.must(
            self.state in {CallState.IN_PROGRESS, CallState.ON_HOLD},
            "call.not_in_progress",
            f"It is {self.state}.",
        )

    def _must_await_callback(self, on: Occasion) -> None:
        on.must(
            self.callback is Callback.REQUIRED, "call.no_callback", "Nobody waits for a callback."
        )

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "call.retracted", "It was taken back.")
