"""What can be asked of a call."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.engagement.call import Call, CallResult, Direction
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Handle, Id, Line, Note, Seconds, SourceId
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict

Attempts = Annotated[int, Field(ge=1, le=10_000)]


class _CallCommand(Command):
    TARGET = "call_id"
    call_id: Id

    def call(self, desk: Desk) -> Call:
        return desk.get(Call, self.call_id)


class RecordCall(Command):
    """Record a call that is over. Its agent, its customer and its length may be unknown."""

    TARGET = "call_id"
    call_id: Id
    customer_id: Id | None = None
    agent: Handle | None = None
    direction: Direction = Direction.UNKNOWN
    result: CallResult | None = Field(
        default=None, description="Answered if it lasted, else unknown, if left out."
    )
    type: Code | None = Field(default=None, description="The source's own word for its kind.")
    outcome: Code | None = Field(default=None, description="The source's own disposition.")
    seconds: Seconds | None = Field(default=None, description="Talked; null is unknown.")
    wait_seconds: Seconds | None = None
    attempts: Attempts = 1
    line: Code | None = Field(default=None, description="Mobile, landline, ...")
    campaign_id: Id | None = None
    case_id: Id | None = None
    phone: Line | None = None
    summary: Note | None = None
    source: Code | None = None
    source_id: SourceId | None = None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.call_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        if desk.find(Call, self.call_id) is not None:
            raise Conflict("call.exists", f"Call {self.call_id} is recorded.")
        known_customer(desk, self.customer_id)
        result = self.result
        if result is None:
            result = CallResult.ANSWERED if self.seconds else CallResult.UNKNOWN
        Call.log(
            self.call_id, desk, customer_id=self.customer_id, agent=self.agent,
            direction=self.direction, result=result, type=self.type, outcome=self.outcome,
            seconds=self.seconds, wait_seconds=self.wait_seconds, attempts=self.attempts,
            line=self.line, campaign_id=self.campaign_id, case_id=self.case_id, phone=self.phone,
            summary=self.summary, source=self.source, source_id=self.source_id,
        )  # fmt: skip


class StartCall(Command):
    """A call begins to ring."""

    TARGET = "call_id"
    call_id: Id
    customer_id: Id | None = None
    agent: Handle | None = None
    direction: Direction
    line: Code | None = None
    campaign_id: Id | None = None
    phone: Line | None = None
    source: Code | None = None
    source_id: SourceId | None = None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.call_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        if desk.find(Call, self.call_id) is not None:
            raise Conflict("call.exists", f"Call {self.call_id} has started.")
        known_customer(desk, self.customer_id)
        Call.start(
            self.call_id, desk, customer_id=self.customer_id, agent=self.agent,
            direction=self.direction, line=self.line, campaign_id=self.campaign_id,
            phone=self.phone, source=self.source, source_id=self.source_id,
        )  # fmt: skip


class AnswerCall(_CallCommand):
    """Somebody takes the call."""

    agent: Handle

    def decide(self, desk: Desk) -> None:
        self.call(desk).answer(self.agent, desk)


class HoldCall(_CallCommand):
    """Put the caller on hold."""

    def decide(self, desk: Desk) -> None:
        self.call(desk).hold(desk)


class ResumeCall(_CallCommand):
    """Talk again after a hold."""

    def decide(self, desk: Desk) -> None:
        self.call(desk).resume(desk)


class TransferCall(_CallCommand):
    """Hand the call to another agent; it stays the same call."""

    agent: Handle

    def decide(self, desk: Desk) -> None:
        self.call(desk).transfer(self.agent, desk)


class EndCall(_CallCommand):
    """Hang up. A call that nobody took was missed, or not answered."""

    result: CallResult | None = None
    summary: Note | None = None

    def decide(self, desk: Desk) -> None:
        self.call(desk).finish(self.result, self.summary, desk)


class DispositionCall(_CallCommand):
    """Say what came of a call, in the words of the team."""

    outcome: Code

    def decide(self, desk: Desk) -> None:
        self.call(desk).dispose(self.outcome, desk)


class CompleteCallback(_CallCommand):
    """Note that a missed call was called back."""

    by_call_id: Id | None = Field(default=None, description="The call that did it.")

    def decide(self, desk: Desk) -> None:
        self.call(desk).call_back(self.by_call_id, desk)


class WaiveCallback(_CallCommand):
    """Let a missed call go, with a reason."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.call(desk).waive_callback(self.reason, desk)


class LinkCallToCase(_CallCommand):
    """Say that a call was about a case; it may be about several."""

    case_id: Id

    def decide(self, desk: Desk) -> None:
        self.call(desk).link(self.case_id, desk)


class ReattributeCall(_CallCommand):
    """Say that a call was with another customer, or with nobody we know."""

    customer_id: Id | None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.call_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        known_customer(desk, self.customer_id)
        self.call(desk).reattribute(self.customer_id, desk)


class RetractCall(_CallCommand):
    """Take back a call that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.call(desk).retract(self.reason, desk)


COMMANDS = (
    RecordCall, StartCall, AnswerCall, HoldCall, ResumeCall, TransferCall, EndCall,
    DispositionCall, CompleteCallback, WaiveCallback, LinkCallToCase, ReattributeCall, RetractCall,
)  # fmt: skip
