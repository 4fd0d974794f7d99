"""What can be asked of a case beside the work on it."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import CaseState, LinkKind, PendingOn
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.engagement.about import known_thing
from crm_es.commands.fields import Code, Count, Handle, Id, Line, Note, SourceId
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.commands.service.case_file import CaseCommand
from crm_es.errors import Conflict


class OpenCase(Command):
    """Open a complaint, an incident, a request. Its customer may be unknown."""

    TARGET = "case_id"
    case_id: Id
    kind: Code = Field(description="Complaint, incident, request, problem, question, ...")
    customer_id: Id | None = None
    number: SourceId | None = Field(default=None, description="How people call it.")
    channel: Code | None = None
    category: Line | None = None
    subcategory: Line | None = None
    product: Line | None = None
    region: Line | None = None
    priority: Code | None = None
    group: Handle | None = None
    assignee: Handle | None = None
    subject: Line | None = None
    description: Note | None = None
    call_id: Id | None = Field(default=None, description="The call it was opened in.")
    order_id: Id | None = Field(default=None, description="The order it is about.")
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        defined = definitions("case", self.attributes)
        named = mentioned(self.case_id, self.customer_id, self.call_id, self.order_id)
        return (*named, *defined)

    def decide(self, desk: Desk) -> None:
        if desk.standing(Case, self.case_id) is not None:
            raise Conflict("case.exists", f"Case {self.case_id} is open.")
        known_customer(desk, self.customer_id)
        known_thing(desk, "call", self.call_id)
        known_thing(desk, "order", self.order_id)
        plain, sealed = sort_attributes("case", self.attributes, desk)
        Case.open(
            self.case_id, desk, customer_id=self.customer_id, kind=self.kind, number=self.number,
            channel=self.channel, category=self.category, subcategory=self.subcategory,
            product=self.product, region=self.region, priority=self.priority, group=self.group,
            assignee=self.assignee, subject=self.subject, description=self.description,
            call_id=self.call_id, order_id=self.order_id, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class ReclassifyCase(CaseCommand):
    """Correct what a case is about or how urgent it is; what is left out stays."""

    kind: Code | None = None
    channel: Code | None = None
    category: Line | None = None
    product: Line | None = None
    priority: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).reclassify(
            desk, kind=self.kind, channel=self.channel, category=self.category,
            product=self.product, priority=self.priority,
        )  # fmt: skip


class MarkCaseDuplicate(CaseCommand):
    """Say that a new case repeats another one. Both keep their history."""

    of_case_id: Id

    def reads(self) -> Iterable[UUID]:
        return (self.case_id, self.of_case_id)

    def decide(self, desk: Desk) -> None:
        known_thing(desk, "case", self.of_case_id)
        self.case(desk).mark_duplicate(self.of_case_id, desk)


class RejectCase(CaseCommand):
    """Turn a new case down."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.case(desk).reject(self.reason, desk)


class LinkCase(CaseCommand):
    """Say that a case is about an order, a call, another case."""

    kind: LinkKind
    linked_id: Id

    def reads(self) -> Iterable[UUID]:
        return (self.case_id, self.linked_id)

    def decide(self, desk: Desk) -> None:
        known_thing(desk, self.kind, self.linked_id)
        self.case(desk).link(self.kind, self.linked_id, desk)


class UnlinkCase(CaseCommand):
    """Say that a case is not about something after all."""

    kind: LinkKind
    linked_id: Id
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.case(desk).unlink(self.kind, self.linked_id, self.reason, desk)


class BlockCase(CaseCommand):
    """Keep a case from being closed before another one is settled."""

    by_case_id: Id

    def reads(self) -> Iterable[UUID]:
        return (self.case_id, self.by_case_id)

    def decide(self, desk: Desk) -> None:
        known_thing(desk, "case", self.by_case_id)
        self.case(desk).block(self.by_case_id, desk)


class UnblockCase(CaseCommand):
    """Let a case be closed without waiting for another one."""

    by_case_id: Id
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.case(desk).unblock(self.by_case_id, self.reason, desk)


class RecordCaseUpdate(CaseCommand):
    """Record what another system says of its case: an event each time, whether or not it is new.

    What is left out stays as it was. Where it says that the case is another customer's, or is
    about something else, that is recorded first.
    """

    state: CaseState | None = Field(default=None, description="Ours; the same if left out.")
    source_state: Line | None = Field(default=None, description="The source's own word for it.")
    pending_on: PendingOn | None = None
    code: Code | None = Field(default=None, description="What came of it.")
    customer_id: Id | None = None
    kind: Code | None = None
    channel: Code | None = None
    category: Line | None = None
    product: Line | None = None
    priority: Code | None = None
    group: Handle | None = None
    assignee: Handle | None = None
    reassignments: Count | None = Field(default=None, description="So far, as reported.")
    reopenings: Count | None = Field(default=None, description="So far, as reported.")
    is_in_sla: bool | None = None
    disputed: bool | None = Field(default=None, description="The customer contests the outcome.")
    timely: bool | None = Field(default=None, description="It was answered in time.")

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.case_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        case = self.case(desk)
        if self.customer_id is not None and self.customer_id != case.customer_id:
            known_customer(desk, self.customer_id)
            case.reattribute(self.customer_id, desk)
        case.reclassify(
            desk, kind=self.kind, channel=self.channel, category=self.category,
            product=self.product, priority=self.priority,
        )  # fmt: skip
        case.update(
            self.state or case.state, self.group, self.assignee, desk,
            source_state=self.source_state, pending_on=self.pending_on, resolution=self.code,
            reassignments=self.reassignments, reopenings=self.reopenings,
            is_in_sla=self.is_in_sla, disputed=self.disputed, timely=self.timely,
        )  # fmt: skip


class ReattributeCase(CaseCommand):
    """Say that a case is another customer's, or nobody's we know."""

    customer_id: Id | None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.case_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        known_customer(desk, self.customer_id)
        self.case(desk).reattribute(self.customer_id, desk)


class RetractCase(CaseCommand):
    """Take back a case that was opened by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.case(desk).retract(self.reason, desk)


COMMANDS = (
    OpenCase, ReclassifyCase, MarkCaseDuplicate, RejectCase, LinkCase, UnlinkCase, BlockCase,
    UnblockCase, RecordCaseUpdate, ReattributeCase, RetractCase,
)  # fmt: skip
