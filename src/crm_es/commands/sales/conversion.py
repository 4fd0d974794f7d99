"""What a lead becomes: a customer, and perhaps a deal, in one command over all their streams."""

from collections.abc import Iterable
from uuid import UUID, uuid5

from pydantic import Field

from crm_es.aggregates.party.contact_points import Channel
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.customer_state import PartyKind
from crm_es.aggregates.sales.lead import Lead
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.commands.base import Desk
from crm_es.commands.fields import Code, Currency, Day, Handle, Id, Line, PositiveAmount
from crm_es.commands.party.contact_points import AddContactPoint
from crm_es.commands.party.customer import RegisterCustomer
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.commands.sales.lead import LeadCommand
from crm_es.commands.sales.opportunity import OpenOpportunity


class ConvertLead(LeadCommand):
    """Link a lead to the customer it became, once; and to its deal. Nothing is copied or moved.

    A customer who is new is registered out of what the lead says of itself. With a pipeline the
    deal is opened; without one it is a deal that is there already.
    """

    customer_id: Id
    new_customer: PartyKind | None = Field(
        default=None, description="Register the customer as this, out of the lead's own data."
    )
    contact_id: Id | None = Field(default=None, description="The person, if it is a company.")
    opportunity_id: Id | None = None
    pipeline_id: Id | None = Field(default=None, description="Open the deal on this pipeline.")
    stage: Code | None = None
    title: Line | None = None
    product: Line | None = None
    amount: PositiveAmount | None = None
    currency: Currency | None = None
    expected_close_on: Day | None = None
    owner: Handle | None = None

    def reads(self) -> Iterable[UUID]:
        return mentioned(
            self.lead_id, self.customer_id, self.contact_id, self.opportunity_id, self.pipeline_id
        )

    def decide(self, desk: Desk) -> None:
        lead = desk.get(Lead, self.lead_id)
        if lead.is_converted_into(self.customer_id, self.opportunity_id):
            return
        if self.new_customer is None:
            known_customer(desk, self.customer_id)
        else:
            self._register(lead, self.new_customer, desk)
        known_customer(desk, self.contact_id)
        lead.convert(
            desk, customer_id=self.customer_id, contact_id=self.contact_id,
            opportunity_id=self.opportunity_id, owner=self.owner,
            is_reachable=self._is_reachable(desk),
        )  # fmt: skip
        if self.opportunity_id is not None:
            self._link(lead, self.opportunity_id, desk)

    def _is_reachable(self, desk: Desk) -> bool:
        if desk.is_history:  # no import loads a customer for each of its leads
            return False
        return desk.get(Customer, self.customer_id).is_reachable

    def _register(self, lead: Lead, kind: PartyKind, desk: Desk) -> None:
        is_person = kind is PartyKind.PERSON
        name = lead.name if is_person or lead.company is None else lead.company
        RegisterCustomer(
            customer_id=self.customer_id, kind=kind, owner=self.owner or lead.owner,
            name=None if name is None else desk.unsealed(name),
        ).decide(desk)  # fmt: skip
        for channel, token in ((Channel.EMAIL, lead.email), (Channel.PHONE, lead.phone)):
            value = None if token is None else desk.unsealed(token)
            if value is not None:
                AddContactPoint(
                    customer_id=self.customer_id, channel=channel, value=value,
                    contact_point_id=uuid5(self.lead_id, channel),
                ).decide(desk)  # fmt: skip

    def _link(self, lead: Lead, opportunity_id: UUID, desk: Desk) -> None:
        if self.pipeline_id is not None:
            OpenOpportunity(
                opportunity_id=opportunity_id, pipeline_id=self.pipeline_id, stage=self.stage,
                customer_id=self.customer_id, title=self.title, owner=lead.owner,
                product=self.product, amount=self.amount, currency=self.currency,
                expected_close_on=self.expected_close_on, lead_id=self.lead_id,
                campaign_id=lead.campaign_id, origin=lead.origin,
            ).decide(desk)  # fmt: skip
            return
        deal = desk.find(Opportunity, opportunity_id)
        if deal is not None:
            deal.link_lead(self.lead_id, self.customer_id, desk)
        elif not desk.is_history:
            desk.unknown("opportunity.not_found", f"There is no opportunity {opportunity_id}.")


COMMANDS = (ConvertLead,)
