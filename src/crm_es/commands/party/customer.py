"""What can be asked of a customer."""

import unicodedata
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.party.contact_points import Channel, ContactPoint
from crm_es.aggregates.party.customer import Customer, Role
from crm_es.aggregates.party.customer_state import Lifecycle, PartyKind
from crm_es.aggregates.party.restrictions import Scope
from crm_es.commands.attributes import Attributes, definition_id, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Country, Handle, Id, Line, SourceId
from crm_es.errors import Conflict

PARENTS_MAX = 20
SOURCE_ID, TAX_ID, EMAIL = "customer.source_id", "customer.tax_id", "email"
"""What belongs to one customer at a time."""


class CustomerCommand(Command):
    TARGET = "customer_id"
    customer_id: Id

    def customer(self, desk: Desk) -> Customer:
        return desk.get(Customer, self.customer_id)


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
        return (self.customer_id, *(definition_id("customer", name) for name in self.attributes))

    def decide(self, desk: Desk) -> None:
        known = desk.find(Customer, self.customer_id)
        if known is not None:
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
        if self.tax_id is not None:
            desk.claim_sealed(TAX_ID, normal_tax_id(self.tax_id), self.customer_id)
        customer.change_tax_id(self.tax_id, desk)


class AddContactPoint(CustomerCommand):
    """Add an e-mail address, a phone number or another way to reach a customer.

    An e-mail address belongs to one customer at a time.
    """

    contact_point_id: Id
    channel: Channel
    value: Line
    label: Code | None = None

    def decide(self, desk: Desk) -> None:
        customer = self.customer(desk)
        if self.channel is Channel.EMAIL:
            desk.claim_sealed(EMAIL, normal_email(self.value), self.customer_id)
        customer.add_contact_point(
            self.contact_point_id, self.channel, self.value, self.label, desk
        )


class VerifyContactPoint(CustomerCommand):
    """Note that a contact point was tried and works."""

    contact_point_id: Id

    def decide(self, desk: Desk) -> None:
        self.customer(desk).verify_contact_point(self.contact_point_id, desk)


class InvalidateContactPoint(CustomerCommand):
    """Note that a contact point does not work."""

    contact_point_id: Id
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).invalidate_contact_point(self.contact_point_id, self.reason, desk)


class RemoveContactPoint(CustomerCommand):
    """Forget a contact point; an e-mail address is free for another customer again."""

    contact_point_id: Id

    def decide(self, desk: Desk) -> None:
        customer = self.customer(desk)
        point = customer.contact_points.get(self.contact_point_id)
        customer.remove_contact_point(self.contact_point_id, desk)
        kept = {_email(other, desk) for other in customer.contact_points.values()}
        if point is not None and _email(point, desk) not in kept:
            _release_email(point, self.customer_id, desk)


class DeclareCustomerUnreachable(CustomerCommand):
    """Say that there is no way to reach a customer, until a contact point is added."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).declare_unreachable(self.reason, desk)


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
        for _ in range(PARENTS_MAX):
            if above is None:
                break
            if above == self.customer_id:
                raise Conflict("customer.parent_cycle", "It would stand above itself.")
            above = desk.get(Customer, above).parent_id
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
        return (self.customer_id, *(definition_id("customer", name) for name in self.attributes))

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


class ProposeCustomerRestriction(CustomerCommand):
    """Ask for sales, credit or marketing to be stopped for a customer."""

    scope: Scope
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).propose_restriction(self.scope, self.reason, desk.actor, desk)


class RestrictCustomer(CustomerCommand):
    """Stop sales, credit or marketing for a customer."""

    scope: Scope
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).restrict(self.scope, self.reason, desk.actor, desk)


class LiftCustomerRestriction(CustomerCommand):
    """Lift a restriction, or turn down a proposed one."""

    scope: Scope
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).lift_restriction(self.scope, self.reason, desk)


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
        if customer.tax_id is not None:
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
            _release_email(point, self.customer_id, desk)
        _release_tax_id(customer, desk)
        desk.release(SOURCE_ID, f"{customer.source}\x1f{customer.source_id}", self.customer_id)


def _email(point: ContactPoint, desk: Desk) -> str | None:
    address = desk.unsealed(point.value) if point.channel is Channel.EMAIL else None
    return None if address is None else normal_email(address)


def _release_email(point: ContactPoint, owner: UUID, desk: Desk) -> None:
    address = _email(point, desk)
    if address is not None:
        desk.release_sealed(EMAIL, address, owner)


def _release_tax_id(customer: Customer, desk: Desk) -> None:
    number = None if customer.tax_id is None else desk.unsealed(customer.tax_id)
    if number is not None:
        desk.release_sealed(TAX_ID, normal_tax_id(number), customer.id)


def normal_tax_id(number: str) -> str:
    """Letters and digits only, in capitals: blanks and points are a matter of taste."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", number))).upper()


def normal_email(address: str) -> str:
    """How two spellings of one address are told to be the same: NFKC, case folded, IDNA domain."""
    folded = unicodedata.normalize("NFKC", address.strip()).casefold()
    local, _, domain = folded.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return folded


COMMANDS = (
    RegisterCustomer, RenameCustomer, AddContactPoint, VerifyContactPoint, InvalidateContactPoint,
    RemoveContactPoint, DeclareCustomerUnreachable, ChangeCustomerTaxId, StatePreference,
    ChangeCustomerTier, TransferCustomer, SetCustomerParent, ChangeCustomerCountry,
    ChangeCustomerAttributes, GrantCustomerRole, EndCustomerRole, ChangeCustomerLifecycle,
    ProposeCustomerRestriction, RestrictCustomer, LiftCustomerRestriction, CloseCustomer,
    WinBackCustomer, RetractCustomer,
)  # fmt: skip
