"""What can be asked of the ways to reach a customer."""

import unicodedata
from uuid import UUID

from crm_es.aggregates.party.contact_points import Channel, ContactPoint
from crm_es.commands.base import Desk
from crm_es.commands.fields import Code, Id, Line
from crm_es.commands.party.reference import CustomerCommand

EMAIL = "email"
"""An address belongs to one customer at a time."""


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
        # What history adds to a customer who was taken back holds nothing: nobody would free it.
        if self.channel is Channel.EMAIL and not customer.is_retracted:
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
            release_email(point, self.customer_id, desk)


class DeclareCustomerUnreachable(CustomerCommand):
    """Say that there is no way to reach a customer, until a contact point is added."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).declare_unreachable(self.reason, desk)


def release_email(point: ContactPoint, owner: UUID, desk: Desk) -> None:
    address = _email(point, desk)
    if address is not None:
        desk.release_sealed(EMAIL, address, owner)


def _email(point: ContactPoint, desk: Desk) -> str | None:
    address = desk.unsealed(point.value) if point.channel is Channel.EMAIL else None
    return None if address is None else normal_email(address)


def normal_email(address: str) -> str:
    """How two spellings of one address are told to be the same: NFKC, case folded, IDNA domain."""
    folded = unicodedata.normalize("NFKC", address.strip()).casefold()
    local, _, domain = folded.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return folded


COMMANDS = (
    AddContactPoint, VerifyContactPoint, InvalidateContactPoint, RemoveContactPoint,
    DeclareCustomerUnreachable,
)  # fmt: skip
