"""What can be asked of a customer."""

import unicodedata
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.party.customer import Customer, Role
from crm_es.aggregates.party.customer_state import Lifecycle, PartyKind
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Country, Handle, Id, Line, SourceId
from crm_es.commands.party.contact_points import release_email
from crm_es.commands.party.reference import CustomerCommand, known_customer
from crm_es.errors import Conflict

PARENTS_MAX = 20
SOURCE_ID, TAX_ID = "customer.source_id", "customer.tax_id"
"""What belongs to one customer at a time."""


class RegisterCustomer(Command):
    """Make a person or an organisation known. An id met before in the history becomes whole."""

    TARGET = "customer_id"
    customer_id: Id
    kind: PartyKind = PartyKind.PERSON
    name: Line | None = None
    source: Code | None = Field(default=None, description="The system it comes from.")
    source_id: SourceId | None = Field(default=None, description="Its id there, as written.")
    owner: Handle | None = Field(default=None, description="The employee who looks after it.")
    country: Country | None = None
    tier: Code | None = None
    tax_id: Line | None = Field(default=None, description="Belongs to one open customer.")
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        return (self.customer_id, *definitions("customer", self.attributes))

    def decide(self, desk: Desk) -> None:
        if desk.standing(Customer, self.customer_id) is not None:
            raise Conflict("customer.exists", f"Customer {self.customer_id} is registered.")
        plain, sealed = sort_attributes("customer", self.attributes, desk)
        if self.source is not None and self.source_id is not None:
            desk.claim(SOURCE_ID, f"{self.source}\x1f{self.source_id}", self.customer_id)
        if self.tax_id is not None:
            desk.claim_sealed(TAX_ID, normal_tax_id(self.tax_id), self.customer_id)
        Customer.register(
            self.customer_id, desk, kind=self.kind, name=self.name, tax_id=self.tax_id,
            source=self.source, source_id=self.source_id, owner=self.owner, country=self.country,
            tier=self.tier, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class RenameCustomer(CustomerCommand):
    """Give a customer another name."""

    name: Line

    def decide(self, desk: Desk) -> None:
        self.customer(desk).rename(self.name, desk)


class ChangeCustomerTaxId(CustomerCommand):
    """Note the tax number of a customer, another one, or that it has none."""

    tax_id: Line | None

    def decide(self, desk: Desk) -> None:
        customer = self.customer(desk)
        if not desk.is_same(customer.tax_id, self.tax_id):
            _release_tax_id(customer, desk)
        if self.tax_id is not None and not customer.is_retracted:
            desk.claim_sealed(TAX_ID, normal_tax_id(self.tax_id), self.customer_id)
        customer.change_tax_id(self.tax_id, desk)


class StatePreference(CustomerCommand):
    """Note what a customer says it prefers."""

    topic: Code
    value: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).state_preference(self.topic, self.value, desk)


class ChangeCustomerTier(CustomerCommand):
    """Put a customer into another tier."""

    tier: Code | None
    reason: Code | None = None
    rule_version: Code | None = Field(default=None, description="Which rule said so, if one did.")

    def decide(self, desk: Desk) -> None:
        self.customer(desk).change_tier(
            self.tier, desk, reason=self.reason, rule_version=self.rule_version
        )


class TransferCustomer(CustomerCommand):
    """Give a customer to another owner, or to none."""

    owner: Handle | None
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.customer(desk).transfer(self.owner, self.reason, desk)


class SetCustomerParent(CustomerCommand):
    """Place an organisation under another; nobody can stand above themselves."""

    parent_id: Id | None

    def reads(self) -> Iterable[UUID]:
        return (self.customer_id,) if self.parent_id is None else (self.customer_id, self.parent_id)

    def decide(self, desk: Desk) -> None:
        customer, above = self.customer(desk), self.parent_id
        known_customer(desk, self.parent_id)
        for _ in range(PARENTS_MAX):
            if above is None:
                break
            if above == self.customer_id:
                raise Conflict("customer.parent_cycle", "It would stand above itself.")
            parent = desk.find(Customer, above)
            above = None if parent is None else parent.parent_id
        else:
            raise Conflict("customer.parents_too_many", f"{PARENTS_MAX} levels are the limit.")
        customer.set_parent(self.parent_id, desk)


class ChangeCustomerCountry(CustomerCommand):
    """Note that a customer is in another country."""

    country: Country | None

    def decide(self, desk: Desk) -> None:
        self.customer(desk).move_to(self.country, desk)


class ChangeCustomerAttributes(CustomerCommand):
    """Set custom attributes; those not named stay as they are."""

    attributes: Annotated[Attributes, Field(min_length=1)]

    def reads(self) -> Iterable[UUID]:
        return (self.customer_id, *definitions("customer", self.attributes))

    def decide(self, desk: Desk) -> None:
        plain, sealed = sort_attributes("customer", self.attributes, desk)
        self.customer(desk).change_attributes(plain, sealed, desk)


class GrantCustomerRole(CustomerCommand):
    """Let a party also be a supplier, distributor, partner or competitor."""

    role: Role

    def decide(self, desk: Desk) -> None:
        self.customer(desk).grant(self.role, desk)


class EndCustomerRole(CustomerCommand):
    """End a role of a party."""

    role: Role

    def decide(self, desk: Desk) -> None:
        self.customer(desk).end(self.role, desk)


class ChangeCustomerLifecycle(CustomerCommand):
    """Move a customer between prospect, active and dormant."""

    stage: Lifecycle
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.customer(desk).change_lifecycle(self.stage, self.reason, desk)


class CloseCustomer(CustomerCommand):
    """End the relationship and say why; its tax number is free for another customer."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        customer = self.customer(desk)
        customer.close(self.reason, desk)
        _release_tax_id(customer, desk)


class WinBackCustomer(CustomerCommand):
    """Take up the relationship with a lost customer again."""

    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        customer = self.customer(desk)
        if customer.tax_id is not None and not customer.is_retracted:
            number = desk.unsealed(customer.tax_id)
            if number is not None:
                desk.claim_sealed(TAX_ID, normal_tax_id(number), self.customer_id)
        customer.win_back(self.reason, desk)


class RetractCustomer(CustomerCommand):
    """Take back a customer who was registered by mistake; all that was theirs alone is free."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        customer = self.customer(desk)
        customer.retract(self.reason, desk)
        for point in customer.contact_points.values():
            release_email(point, self.customer_id, desk)
        _release_tax_id(customer, desk)
        desk.release(SOURCE_ID, f"{customer.source}\x1f{customer.source_id}", self.customer_id)


def _release_tax_id(customer: Customer, desk: Desk) -> None:
    number = None if customer.tax_id is None else desk.unsealed(customer.tax_id)
    if number is not None:
        desk.release_sealed(TAX_ID, normal_tax_id(number), customer.id)


def normal_tax_id(number: str) -> str:
    """Letters and digits only, in capitals: blanks and points are a matter of taste."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", number))).upper()


COMMANDS = (
    RegisterCustomer, RenameCustomer, ChangeCustomerTaxId, StatePreference, ChangeCustomerTier,
    TransferCustomer, SetCustomerParent, ChangeCustomerCountry, ChangeCustomerAttributes,
    GrantCustomerRole, EndCustomerRole, ChangeCustomerLifecycle, CloseCustomer, WinBackCustomer,
    RetractCustomer,
)  # fmt: skip
