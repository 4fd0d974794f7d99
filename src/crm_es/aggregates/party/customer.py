"""A customer: a person or an organisation, from first hearing of it until it is closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Personal, Plain
from crm_es.aggregates.party.contact_points import ContactPoints
from crm_es.aggregates.party.customer_state import CustomerState, Lifecycle, PartyKind
from crm_es.aggregates.party.restrictions import Restrictions, Scope


class Role(StrEnum):
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    DISTRIBUTOR = "distributor"
    PARTNER = "partner"
    COMPETITOR = "competitor"


class Customer(ContactPoints, Restrictions):
    """One party the company deals with.

    Prospect -> active <-> dormant -> closed, and back to active when won back.
    """

    TOPIC = "customer"

    def __init__(self) -> None:
        super().__init__()
        self.name: str | None = None
        self.tax_id: str | None = None
        self.source: str | None = None
        self.source_id: str | None = None
        self.owner: str | None = None
        self.tier: str | None = None
        self.parent_id: UUID | None = None
        self.country: str | None = None
        self.preferences: dict[str, str] = {}
        self.attributes: dict[str, Any] = {}
        self.sealed_attributes: dict[str, str] = {}
        self.roles: set[Role] = set()

    # What can happen, and the little of it that later decisions need.

    class Event(CustomerState.Event):
        pass

    class Registered(Event, AggregateCreated):
        TOPIC = "customer.registered"
        kind: PartyKind
        name: Personal[str] | None
        tax_id: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        owner: Plain | None
        country: Plain | None
        tier: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, customer: Customer) -> None:
            customer.kind, customer.name, customer.tax_id = self.kind, self.name, self.tax_id
            customer.source, customer.source_id = self.source, self.source_id
            customer.owner, customer.country = self.owner, self.country
            customer.tier, customer.attributes = self.tier, dict(self.attributes)
            customer.sealed_attributes = dict(self.sealed_attributes)
            customer.roles = {Role.CUSTOMER}

    class Renamed(Event):
        TOPIC = "customer.renamed"
        name: Personal[str]

        def apply(self, customer: Customer) -> None:
            customer.name = self.name

    class TaxIdChanged(Event):
        TOPIC = "customer.tax_id_changed"
        tax_id: Personal[str] | None

        def apply(self, customer: Customer) -> None:
            customer.tax_id = self.tax_id

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
        rule_version: Plain | None

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
        from_parent_id: UUID | None
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

    class Closed(Event):
        TOPIC = "customer.closed"
        from_stage: Lifecycle
        reason: Plain

        def apply(self, customer: Customer) -> None:
            customer.lifecycle = Lifecycle.CLOSED

    class WonBack(Event):
        TOPIC = "customer.won_back"
        from_stage: Lifecycle
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
    def register(cls, id: UUID, on: Occasion, /, **profile: Any) -> Self:
        return cls.begin(cls.Registered, on, id, profile)

    def rename(self, name: str, on: Occasion) -> None:
        if not on.is_same(self.name, name):
            self._must_be_open(on)
            self.record(self.Renamed, on, name=name)

    def change_tax_id(self, tax_id: str | None, on: Occasion) -> None:
        if not on.is_same(self.tax_id, tax_id):
            self._must_be_open(on)
            self.record(self.TaxIdChanged, on, tax_id=tax_id)

    def state_preference(self, topic: str, value: str, on: Occasion) -> None:
        if self.preferences.get(topic) != value:
            self._must_be_open(on)
            self.record(self.PreferenceStated, on, topic=topic, value=value)

    def change_tier(self, tier: str | None, on: Occasion, **why: Any) -> None:
        if tier != self.tier:
            self._must_be_open(on)
            self.record(self.TierChanged, on, from_tier=self.tier, to_tier=tier, **why)

    def transfer(self, owner: str | None, reason: str | None, on: Occasion) -> None:
        if owner != self.owner:
            self._must_be_open(on)
            self.record(
                self.OwnershipTransferred, on, from_owner=self.owner, to_owner=owner, reason=reason
            )

    def set_parent(self, parent_id: UUID | None, on: Occasion) -> None:
        if parent_id != self.parent_id:
            self._must_be_open(on)
            self.record(self.ParentSet, on, from_parent_id=self.parent_id, parent_id=parent_id)

    def move_to(self, country: str | None, on: Occasion) -> None:
        if country != self.country:
            self._must_be_open(on)
            self.record(self.CountryChanged, on, from_country=self.country, to_country=country)

    def change_attributes(
        self, plain: dict[str, Any], sealed: dict[str, str], on: Occasion
    ) -> None:
        new = {name: value for name, value in plain.items() if self.attributes.get(name) != value}
        hidden = {
            name: text
            for name, text in sealed.items()
            if not on.is_same(self.sealed_attributes.get(name), text)
        }
        if new or hidden:
            self._must_be_open(on)
            self.record(self.AttributesChanged, on, attributes=new, sealed_attributes=hidden)

    def grant(self, role: Role, on: Occasion) -> None:
        if role not in self.roles:
            self._must_be_open(on)
            self.record(self.RoleGranted, on, role=role)

    def end(self, role: Role, on: Occasion) -> None:
        if role in self.roles:
            self._must_be_open(on)
            self.record(self.RoleEnded, on, role=role)

    def change_lifecycle(self, stage: Lifecycle, reason: str | None, on: Occasion) -> None:
        if stage is self.lifecycle:
            return
        self._must_be_open(on)
        is_next = stage in _NEXT[self.lifecycle]
        on.must(is_next, "customer.lifecycle_order", f"A {self.lifecycle} cannot be {stage}.")
        self.record(
            self.LifecycleChanged, on, from_stage=self.lifecycle, to_stage=stage, reason=reason
        )

    def close(self, reason: str, on: Occasion) -> None:
        if self.lifecycle is not Lifecycle.CLOSED:
            self._must_count(on)
            self.record(self.Closed, on, from_stage=self.lifecycle, reason=reason)

    def win_back(self, reason: str | None, on: Occasion) -> None:
        if self.lifecycle is Lifecycle.ACTIVE:
            return
        self._must_count(on)
        is_lost = self.lifecycle in {Lifecycle.CLOSED, Lifecycle.DORMANT}
        on.must(is_lost, "customer.not_lost", "Only a customer who was lost can be won back.")
        self.record(self.WonBack, on, from_stage=self.lifecycle, reason=reason)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, reason=reason)

    def must_allow(self, scope: Scope | None, on: Occasion) -> None:
        """What the other departments ask before they deal with this customer.

        Whoever was closed may still call or complain; to sell to them is to win them back first.
        """
        self._must_count(on)
        if scope in _SELLING:
            self._must_be_open(on)
        if scope is not None:
            self.must_not_be_restricted(scope, on)


_SELLING = {Scope.SALES, Scope.CREDIT}
_NEXT = {
    Lifecycle.PROSPECT: {Lifecycle.ACTIVE},
    Lifecycle.ACTIVE: {Lifecycle.DORMANT},
    Lifecycle.DORMANT: {Lifecycle.ACTIVE},
    Lifecycle.CLOSED: set(),
}
