"""How a customer can be reached: addresses, whether they work, or that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Personal, Plain
from crm_es.aggregates.party.customer_state import CustomerState, PartyKind


class Channel(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    POST = "post"
    MESSENGER = "messenger"
    WEB = "web"


@dataclass(slots=True)
class ContactPoint:
    """What rules remember of one address: its channel, its token, and whether it works."""

    channel: Channel
    value: str
    is_verified: bool = False
    is_valid: bool = True


class ContactPoints(CustomerState):
    """A person keeps at least one contact point, or is said to be unreachable."""

    def __init__(self) -> None:
        super().__init__()
        self.contact_points: dict[UUID, ContactPoint] = {}
        self.is_unreachable = False

    # What can happen, and the little of it that later decisions need.

    class ContactPointAdded(CustomerState.Event):
        TOPIC = "customer.contact_point_added"
        contact_point_id: UUID
        channel: Channel
        value: Personal[str]
        label: Plain | None

        def apply(self, customer: ContactPoints) -> None:
            customer.contact_points[self.contact_point_id] = ContactPoint(self.channel, self.value)
            customer.is_unreachable = False

    class ContactPointVerified(CustomerState.Event):
        TOPIC = "customer.contact_point_verified"
        contact_point_id: UUID
        channel: Channel

        def apply(self, customer: ContactPoints) -> None:
            customer.contact_points[self.contact_point_id].is_verified = True

    class ContactPointInvalidated(CustomerState.Event):
        TOPIC = "customer.contact_point_invalidated"
        contact_point_id: UUID
        channel: Channel
        was_verified: bool
        reason: Plain

        def apply(self, customer: ContactPoints) -> None:
            customer.contact_points[self.contact_point_id].is_valid = False

    class ContactPointRemoved(CustomerState.Event):
        TOPIC = "customer.contact_point_removed"
        contact_point_id: UUID
        channel: Channel

        def apply(self, customer: ContactPoints) -> None:
            del customer.contact_points[self.contact_point_id]

    class DeclaredUnreachable(CustomerState.Event):
        TOPIC = "customer.declared_unreachable"
        reason: Plain

        def apply(self, customer: ContactPoints) -> None:
            customer.is_unreachable = True

    # What we allow.

    @property
    def is_reachable(self) -> bool:
        return any(point.is_valid for point in self.contact_points.values())

    def add_contact_point(
        self, id: UUID, channel: Channel, value: str, label: str | None, on: Occasion
    ) -> None:
        known = self.contact_points.get(id)
        if known is not None and known.channel is channel and on.is_same(known.value, value):
            return
        self._must_be_open(on)
        on.must(known is None, "contact_point.exists", "That contact point is another address.")
        self.record(
            self.ContactPointAdded, on, contact_point_id=id, channel=channel, value=value,
            label=label,
        )  # fmt: skip

    def verify_contact_point(self, id: UUID, on: Occasion) -> None:
        point = self._point(id, on)
        if not point.is_verified:
            self._must_be_open(on)
            on.must(point.is_valid, "contact_point.invalid", "That contact point does not work.")
            self.record(self.ContactPointVerified, on, contact_point_id=id, channel=point.channel)

    def invalidate_contact_point(self, id: UUID, reason: str, on: Occasion) -> None:
        point = self._point(id, on)
        if point.is_valid:
            self._must_be_open(on)
            self.record(
                self.ContactPointInvalidated, on, contact_point_id=id, channel=point.channel,
                was_verified=point.is_verified, reason=reason,
            )  # fmt: skip

    def remove_contact_point(self, id: UUID, on: Occasion) -> None:
        point = self.contact_points.get(id)
        if point is None:
            return
        self._must_be_open(on)
        is_needed = self.kind is PartyKind.PERSON and len(self.contact_points) == 1
        on.must(
            not is_needed or self.is_unreachable,
            "contact_point.last",
            "It is the last one: add another, or declare the customer unreachable.",
        )
        self.record(self.ContactPointRemoved, on, contact_point_id=id, channel=point.channel)

    def declare_unreachable(self, reason: str, on: Occasion) -> None:
        if not self.is_unreachable:
            self._must_be_open(on)
            self.record(self.DeclaredUnreachable, on, reason=reason)

    def _point(self, id: UUID, on: Occasion) -> ContactPoint:
        point = self.contact_points.get(id)
        if point is None:
            on.unknown("contact_point.not_found", f"There is no contact point {id}.")
        return point
