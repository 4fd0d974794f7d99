"""A call: rung, answered or missed, ended, and called back when it was missed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.engagement.call_conversation import Conversation
from crm_es.aggregates.engagement.call_state import (
    UNANSWERED,
    Callback,
    CallResult,
    CallState,
    Direction,
    is_miss,
)
from crm_es.aggregates.fields import Personal, Plain


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


class Call(Conversation):
    """Ringing -> in progress <-> on hold -> ended; a missed inbound one asks for a callback.

    Every missed inbound call is called back or let go with a reason.
    """

    TOPIC = "call"

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
    def log(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        result, seconds = facts["result"], facts["seconds"]
        is_silent = result not in UNANSWERED or not seconds
        on.must(is_silent, "call.talked_unanswered", "It lasted, yet nobody took it.")
        needs = is_miss(facts["direction"], result)
        return cls.begin(cls.Recorded, on, id, facts, needs_callback=needs)

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

    def _counted(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "took_place_at": self.created_on, "state": self.state,
            "agent": self.agent, "direction": self.direction, "result": self.result,
            "type": self.type, "outcome": self.outcome, "line": self.line,
            "campaign_id": self.campaign_id, "seconds": self.seconds,
            "wait_seconds": self.wait_seconds, "hold_seconds": self.hold_seconds,
            "attempts": self.attempts, "callback": self.callback,
        }  # fmt: skip

    def _must_await_callback(self, on: Occasion) -> None:
        self._must_stand(on)
        on.must(
            self.callback is Callback.REQUIRED, "call.no_callback", "Nobody waits for a callback."
        )
