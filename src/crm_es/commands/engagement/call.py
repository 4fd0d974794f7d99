"""What can be asked of a call."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.engagement.call import Call
from crm_es.aggregates.engagement.call_state import CallResult, Direction
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.engagement.about import known_thing
from crm_es.commands.fields import Code, Handle, Id, Line, Note, Seconds, SourceId
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict

Attempts = Annotated[int, Field(ge=1, le=10_000)]


class _CallCommand(Command):
    TARGET = "call_id"
    call_id: Id

    def call(self, desk: Desk) -> Call:
        return desk.get(Call, self.call_id)


class _NewCall(Command):
    TARGET = "call_id"
    call_id: Id
    customer_id: Id | None = None
    agent: Handle | None = None
    direction: Direction = Direction.UNKNOWN
    type: Code | None = Field(default=None, description="The source's own word for its kind.")
    line: Code | None = Field(default=None, description="Mobile, landline, ...")
    campaign_id: Id | None = None
    phone: Line | None = None
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        ids = mentioned(self.call_id, self.customer_id)
        return (*ids, *definitions("call", self.attributes))

    def must_be_new(self, desk: Desk) -> None:
        if desk.standing(Call, self.call_id) is not None:
            raise Conflict("call.exists", f"Call {self.call_id} is there.")
        known_customer(desk, self.customer_id)


class RecordCall(_NewCall):
    """Record a call that is over. Its agent, its customer and its length may be unknown."""

    result: CallResult | None = Field(
        default=None, description="Answered if it lasted, else unknown, if left out."
    )
    outcome: Code | None = Field(default=None, description="The source's own disposition.")
    seconds: Seconds | None = Field(default=None, description="Talked; null is unknown.")
    wait_seconds: Seconds | None = None
    hold_seconds: Seconds | None = None
    attempts: Attempts = 1
    case_id: Id | None = None
    summary: Note | None = None

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        known_thing(desk, "case", self.case_id)
        plain, sealed = sort_attributes("call", self.attributes, desk)
        result = self.result
        if result is None:
            result = CallResult.ANSWERED if self.seconds else CallResult.UNKNOWN
        Call.log(
            self.call_id, desk, customer_id=self.customer_id, agent=self.agent,
            direction=self.direction, result=result, type=self.type, outcome=self.outcome,
            seconds=self.seconds, wait_seconds=self.wait_seconds, hold_seconds=self.hold_seconds,
            attempts=self.attempts, line=self.line, campaign_id=self.campaign_id,
            case_id=self.case_id, phone=self.phone, summary=self.summary, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class StartCall(_NewCall):
    """A call begins to ring."""

    direction: Direction

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        plain, sealed = sort_attributes("call", self.attributes, desk)
        Call.start(
            self.call_id, desk, customer_id=self.customer_id, agent=self.agent,
            direction=self.direction, type=self.type, line=self.line,
            campaign_id=self.campaign_id, phone=self.phone, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
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

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.call_id, self.by_call_id)

    def decide(self, desk: Desk) -> None:
        known_thing(desk, "call", self.by_call_id)
        self.call(desk).call_back(self.by_call_id, desk)


class WaiveCallback(_CallCommand):
    """Let a missed call go, with a reason."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.call(desk).waive_callback(self.reason, desk)


class LinkCallToCase(_CallCommand):
    """Say that a call was about a case; it may be about several."""

    case_id: Id

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.call_id, self.case_id)

    def decide(self, desk: Desk) -> None:
        known_thing(desk, "case", self.case_id)
        self.call(desk).link(self.case_id, desk)


class UnlinkCallFromCase(_CallCommand):
    """Say that a call was not about a case after all."""

    case_id: Id

    def decide(self, desk: Desk) -> None:
        self.call(desk).unlink(self.case_id, desk)


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
    DispositionCall, CompleteCallback, WaiveCallback, LinkCallToCase, UnlinkCallFromCase,
    ReattributeCall, RetractCall,
)  # fmt: skip
