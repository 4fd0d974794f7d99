"""A customer: a person or an organisation, from first hearing of it until it is closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain


class PartyKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class Lifecycle(StrEnum):
    PROSPECT = "prospect"
    ACTIVE = "active"
    DORMANT = "dormant"
    CLOSED = "closed"


class Channel(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    POST = "post"
    MESSENGER = "messenger"
    WEB = "web"


class Role(StrEnum):
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    DISTRIBUTOR = "distributor"
    PARTNER = "partner"
    COMPETITOR = "competitor"


class Scope(StrEnum):
    """What a restriction stops."""

    SALES = "sales"
    CREDIT = "credit"
    MARKETING = "marketing"


class ContactPoint:
    """What rules remember of one address: its channel, its token, and whether it works."""

    __slots__ = ("channel", "is_valid", "is_verified", "value")

    def __init__(self, channel: Channel, value: str) -> None:
        self.channel, self.value = channel, value
        self.is_verified, self.is_valid = False, True


class Customer(Aggregate):
    """One party the company deals with.

    Prospect -> active <-> dormant -> closed, and back to active when won back. A restriction
    stops what lies in its scope, whoever asks, until it is lifted.
    """

    TOPIC = "customer"

    def __init__(self) -> None:
        self.kind: PartyKind
        self.name: str | None = None
        self.owner: str | None = None
        self.tier: str | None = None
        self.parent_id: UUID | None = None
        self.country: str | None = None
        self.lifecycle = Lifecycle.PROSPECT
        self.contact_points: dict[UUID, ContactPoint] = {}
        self.preferences: dict[str, str] = {}
        self.attributes: dict[str, Any] = {}
        self.sealed_attributes: dict[str, str] = {}
        self.roles: set[Role] = set()
        self.restrictions: dict[Scope, bool] = {}
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ("originator_id",)

    class Registered(Event, AggregateCreated):
        TOPIC = "customer.registered"
        kind: PartyKind
        name: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        owner: Plain | None
        country: Plain | None
        tier: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, customer: Customer) -> None:
            customer.kind, customer.name, customer.owner = self.kind, self.name, self.owner
            customer.country, customer.tier = self.country, self.tier
            customer.attributes = dict(self.attributes)
            customer.sealed_attributes = dict(self.sealed_attributes)
            customer.roles = {Role.CUSTOMER}

    class Renamed(Event):
        TOPIC = "customer.renamed"
        name: Personal[str]

        def apply(self, customer: Customer) -> None:
            customer.name = self.name

    class ContactPointAdded(Event):
        TOPIC = "customer.contact_point_added"
        contact_point_id: UUID
        channel: Channel
        value: Personal[str]
        label: Plain | None

        def apply(self, customer: Customer) -> None:
            customer.contact_points[self.contact_point_id] = ContactPoint(self.channel, self.value)

    class ContactPointVerified(Event):
        TOPIC = "customer.contact_point_verified"
        contact_point_id: UUID

        def apply(self, customer: Customer) -> None:
            customer.contact_points[self.contact_point_id].is_verified = True

    class ContactPointInvalidated(Event):
        TOPIC = "customer.contact_point_invalidated"
        contact_point_id: UUID
        reason: Plain

        def apply(self, customer: Customer) -> None:
            customer.contact_points[self.contact_point_id].is_valid = False

    class ContactPointRemoved(Event):
        TOPIC = "customer.contact_point_removed"
        contact_point_id: UUID

        def apply(self, customer: Customer) -> None:
            del customer.contact_points[self.contact_point_id]

    class PreferenceStated(Event):
        TOPIC = "customer.preference_stated"
        topic: Plain
        value: Plain

        def apply(self, customer: Customer) -> None:
            customer.preferences[self.topic] = self.value

    class TierChanged(Event):
        TOPIC = "customer.tier_changed"
        from_tier: Plain | None
        to_tier: Plain | None
        reason: Plain | None

        def apply(self, customer: Customer) -> None:
            customer.tier = self.to_tier

    class OwnershipTransferred(Event):
        TOPIC = "customer.ownership_transferred"
        from_owner: Plain | None
        to_owner: Plain | None
        reason: Plain | None

        def apply(self, customer: Customer) -> None:
            customer.owner = self.to_owner

    class ParentSet(Event):
        TOPIC = "customer.parent_set"
        parent_id: UUID | None

        def apply(self, customer: Customer) -> None:
            customer.parent_id = self.parent_id

    class CountryChanged(Event):
        TOPIC = "customer.country_changed"
        from_country: Plain | None
        to_country: Plain | None

        def apply(self, customer: Customer) -> None:
            customer.country = self.to_country

    class AttributesChanged(Event):
        TOPIC = "customer.attributes_changed"
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, customer: Customer) -> None:
            customer.attributes.update(self.attributes)
            customer.sealed_attributes.update(self.sealed_attributes)

    class RoleGranted(Event):
        TOPIC = "customer.role_granted"
        role: Role

        def apply(self, customer: Customer) -> None:
            customer.roles.add(self.role)

    class RoleEnded(Event):
        TOPIC = "customer.role_ended"
        role: Role

        def apply(self, customer: Customer) -> None:
            customer.roles.discard(self.role)

    class LifecycleChanged(Event):
        TOPIC = "customer.lifecycle_changed"
        from_stage: Lifecycle
        to_stage: Lifecycle
        reason: Plain | None

        def apply(self, customer: Customer) -> None:
            customer.lifecycle = self.to_stage

    class RestrictionProposed(Event):
        TOPIC = "customer.restriction_proposed"
        scope: Scope
        reason: Plain
        by: Plain

        def apply(self, customer: Customer) -> None:
            customer.restrictions[self.scope] = False

    class Restricted(Event):
        TOPIC = "customer.restricted"
        scope: Scope
        reason: Plain
        by: Plain

        def apply(self, customer: Customer) -> None:
            customer.restrictions[self.scope] = True

    class RestrictionLifted(Event):
        TOPIC = "customer.restriction_lifted"
        scope: Scope
        reason: Plain
        was_active: bool

        def apply(self, customer: Customer) -> None:
            del customer.restrictions[self.scope]

    class Closed(Event):
        TOPIC = "customer.closed"
        from_stage: Lifecycle
        reason: Plain

        def apply(self, customer: Customer) -> None:
            customer.lifecycle = Lifecycle.CLOSED

    class WonBack(Event):
        TOPIC = "customer.won_back"
        reason: Plain | None

        def apply(self, customer: Customer) -> None:
            customer.lifecycle = Lifecycle.ACTIVE

    class Retracted(Event):
        TOPIC = "customer.retracted"
        reason: Plain

        def apply(self, customer: Customer) -> None:
            customer.is_retracted = True

    # What we allow.

    @classmethod
    def register(cls, id: UUID, on: Occasion, **profile: Any) -> Self:
        return cls.begin(cls.Registered, on, id=id, **profile)

    def rename(self, name: str, on: Occasion) -> None:
        self._must_be_open(on)
        if not on.is_same(self.name, name):
            self.record(self.Renamed, on, name=name)

    def add_contact_point(
        self, id: UUID, channel: Channel, value: str, label: str | None, on: Occasion
    ) -> None:
        self._must_be_open(on)
        known = self.contact_points.get(id)
        if known is not None and known.channel is channel and on.is_same(known.value, value):
            return
        on.must(known is None, "contact_point.exists", "That contact point is another address.")
        self.record(
            self.ContactPointAdded, on, contact_point_id=id, channel=channel, value=value,
            label=label,
        )  # fmt: skip

    def verify_contact_point(self, id: UUID, on: Occasion) -> None:
        point = self._point(id, on)
        on.must(point.is_valid, "contact_point.invalid", "That contact point does not work.")
        if not point.is_verified:
            self.record(self.ContactPointVerified, on, contact_point_id=id)

    def invalidate_contact_point(self, id: UUID, reason: str, on: Occasion) -> None:
        if self._point(id, on).is_valid:
            self.record(self.ContactPointInvalidated, on, contact_point_id=id, reason=reason)

    def remove_contact_point(self, id: UUID, on: Occasion) -> None:
        self._must_be_open(on)
        if id in self.contact_points:
            self.record(self.ContactPointRemoved, on, contact_point_id=id)

    def state_preference(self, topic: str, value: str, on: Occasion) -> None:
        self._must_be_open(on)
        if self.preferences.get(topic) != value:
            self.record(self.PreferenceStated, on, topic=topic, value=value)

    def change_tier(self, tier: str | None, reason: str | None, on: Occasion) -> None:
        self._must_be_open(on)
        if tier != self.tier:
            self.record(self.TierChanged, on, from_tier=self.tier, to_tier=tier, reason=reason)

    def transfer(self, owner: str | None, reason: str | None, on: Occasion) -> None:
        self._must_be_open(on)
        if owner != self.owner:
            self.record(
                self.OwnershipTransferred, on, from_owner=self.owner, to_owner=owner, reason=reason
            )

    def set_parent(self, parent_id: UUID | None, on: Occasion) -> None:
        self._must_be_open(on)
        if parent_id != self.parent_id:
            self.record(self.ParentSet, on, parent_id=parent_id)

    def move_to(self, country: str | None, on: Occasion) -> None:
        self._must_be_open(on)
        if country != self.country:
            self.record(self.CountryChanged, on, from_country=self.country, to_country=country)

    def change_attributes(
        self, plain: dict[str, Any], sealed: dict[str, str], on: Occasion
    ) -> None:
        self._must_be_open(on)
        new = {name: value for name, value in plain.items() if self.attributes.get(name) != value}
        hidden = {
            name: text
            for name, text in sealed.items()
            if not on.is_same(self.sealed_attributes.get(name), text)
        }
        if new or hidden:
            self.record(self.AttributesChanged, on, attributes=new, sealed_attributes=hidden)

    def grant(self, role: Role, on: Occasion) -> None:
        self._must_be_open(on)
        if role not in self.roles:
            self.record(self.RoleGranted, on, role=role)

    def end(self, role: Role, on: Occasion) -> None:
        self._must_be_open(on)
        if role in self.roles:
            self.record(self.RoleEnded, on, role=role)

    def change_lifecycle(self, stage: Lifecycle, reason: str | None, on: Occasion) -> None:
        self._must_be_open(on)
        if stage is self.lifecycle:
            return
        allowed = _NEXT[self.lifecycle]
        on.must(
            stage in allowed, "customer.lifecycle_order", f"A {self.lifecycle} cannot be {stage}."
        )
        self.record(
            self.LifecycleChanged, on, from_stage=self.lifecycle, to_stage=stage, reason=reason
        )

    def propose_restriction(self, scope: Scope, reason: str, by: str, on: Occasion) -> None:
        self._must_be_open(on)
        if scope not in self.restrictions:
            self.record(self.RestrictionProposed, on, scope=scope, reason=reason, by=by)

    def restrict(self, scope: Scope, reason: str, by: str, on: Occasion) -> None:
        if self.restrictions.get(scope) is not True:
            self.record(self.Restricted, on, scope=scope, reason=reason, by=by)

    def lift_restriction(self, scope: Scope, reason: str, on: Occasion) -> None:
        if scope in self.restrictions:
            was = self.restrictions[scope]
            self.record(self.RestrictionLifted, on, scope=scope, reason=reason, was_active=was)

    def close(self, reason: str, on: Occasion) -> None:
        if self.lifecycle is not Lifecycle.CLOSED:
            self.record(self.Closed, on, from_stage=self.lifecycle, reason=reason)

    def win_back(self, reason: str | None, on: Occasion) -> None:
        if self.lifecycle is Lifecycle.ACTIVE:
            return
        lost = self.lifecycle in {Lifecycle.CLOSED, Lifecycle.DORMANT}
        on.must(lost, "customer.not_lost", "Only a customer who was lost can be won back.")
        self.record(self.WonBack, on, reason=reason)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, reason=reason)

    def must_allow(self, scope: Scope, on: Occasion) -> None:
        """What the other departments ask before they deal with this customer."""
        on.must(
            self.restrictions.get(scope) is not True,
            f"customer.restricted_{scope}",
            f"The customer is restricted in {scope}.",
        )
        on.must(not self.is_retracted, "customer.retracted", "The customer was taken back.")

    def _point(self, id: UUID, on: Occasion) -> ContactPoint:
        self._must_be_open(on)
        point = self.contact_points.get(id)
        if point is None:
            on.unknown("contact_point.not_found", f"There is no contact point {id}.")
        return point

    def _must_be_open(self, on: Occasion) -> None:
        on.must(self.lifecycle is not Lifecycle.CLOSED, "customer.closed", "It is closed.")
        on.must(not self.is_retracted, "customer.retracted", "It was taken back.")


_NEXT = {
    Lifecycle.PROSPECT: {Lifecycle.ACTIVE},
    Lifecycle.ACTIVE: {Lifecycle.DORMANT},
    Lifecycle.DORMANT: {Lifecycle.ACTIVE},
    Lifecycle.CLOSED: set(),
}
