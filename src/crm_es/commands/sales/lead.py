"""What can be asked of a lead."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.sales.lead import Lead
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Handle, Id, Line, SourceId
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict


class LeadCommand(Command):
    TARGET = "lead_id"
    lead_id: Id

    def lead(self, desk: Desk) -> Lead:
        return desk.get(Lead, self.lead_id)


class CaptureLead(Command):
    """Note someone who may become a customer."""

    TARGET = "lead_id"
    lead_id: Id
    customer_id: Id | None = Field(default=None, description="Who it is, if we know them.")
    origin: Code | None = Field(default=None, description="Exactly as given; empty is not unknown.")
    page: Line | None = None
    campaign_id: Id | None = None
    campaign: Line | None = None
    name: Line | None = None
    company: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    owner: Handle | None = None
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        defined = definitions("lead", self.attributes)
        return (*mentioned(self.lead_id, self.customer_id), *defined)

    def decide(self, desk: Desk) -> None:
        if desk.standing(Lead, self.lead_id) is not None:
            raise Conflict("lead.exists", f"Lead {self.lead_id} is captured.")
        known_customer(desk, self.customer_id)
        plain, sealed = sort_attributes("lead", self.attributes, desk)
        Lead.capture(
            self.lead_id, desk, customer_id=self.customer_id, origin=self.origin, page=self.page,
            campaign_id=self.campaign_id, campaign=self.campaign, name=self.name,
            company=self.company, email=self.email, phone=self.phone, owner=self.owner,
            source=self.source, source_id=self.source_id, attributes=plain,
            sealed_attributes=sealed,
        )  # fmt: skip


class AssignLead(LeadCommand):
    """Give a lead to someone."""

    owner: Handle

    def decide(self, desk: Desk) -> None:
        self.lead(desk).assign(self.owner, desk)


class ScoreLead(LeadCommand):
    """Rate how promising a lead is."""

    score: Annotated[int, Field(ge=0, le=100)]
    model: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.lead(desk).rate(self.score, self.model, desk)


class WorkLead(LeadCommand):
    """Begin to work on a lead."""

    def decide(self, desk: Desk) -> None:
        self.lead(desk).work(desk)


class QualifyLead(LeadCommand):
    """Find a lead worth selling to."""

    def decide(self, desk: Desk) -> None:
        self.lead(desk).qualify(desk)


class RecycleLead(LeadCommand):
    """Put a lead back for later."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.lead(desk).recycle(self.reason, desk)


class DisqualifyLead(LeadCommand):
    """Give a lead up."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.lead(desk).disqualify(self.reason, desk)


class RetractLead(LeadCommand):
    """Take back a lead that was captured by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.lead(desk).retract(self.reason, desk)


COMMANDS = (
    CaptureLead, AssignLead, ScoreLead, WorkLead, QualifyLead, RecycleLead, DisqualifyLead,
    RetractLead,
)  # fmt: skip
