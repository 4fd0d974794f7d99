"""A customer from first hearing of it until it is closed, and what its changes say."""

from __future__ import annotations

from typing import Any

import pytest

from crm_es.aggregates.party.customer import Customer, Role
from crm_es.aggregates.party.customer_state import Lifecycle, PartyKind
from crm_es.aggregates.platform.field_definition import FieldType
from crm_es.commands.base import Command
from crm_es.commands.party.customer import (
    ChangeCustomerAttributes,
    ChangeCustomerCountry,
    ChangeCustomerLifecycle,
    ChangeCustomerTaxId,
    ChangeCustomerTier,
    CloseCustomer,
    EndCustomerRole,
    GrantCustomerRole,
    RegisterCustomer,
    RenameCustomer,
    RetractCustomer,
    SetCustomerParent,
    StatePreference,
    TransferCustomer,
    WinBackCustomer,
)
from scenario import SUBJECT, Fact, fact, given, in_history
from trade import ACME, ANN, GLOBEX, NOBODY, defined, organisation, registered

WHO: dict[str, Any] = {"customer_id": SUBJECT}
CLOSED = fact(Customer.Closed, from_stage=Lifecycle.PROSPECT, reason="moved away")
RETRACTED = fact(Customer.Retracted, reason="twice")


def stage(one: Lifecycle, other: Lifecycle) -> Fact:
    return fact(Customer.LifecycleChanged, from_stage=one, to_stage=other, reason=None)


ACTIVE = stage(Lifecycle.PROSPECT, Lifecycle.ACTIVE)


def test_a_customer_is_registered_with_what_is_known_of_it() -> None:
    register = RegisterCustomer(
        **WHO, kind=PartyKind.ORGANISATION, name="Acme", source="erp", source_id="07592",
        owner="bob", country="Austria", tier="A", tax_id="ATU 123",
    )  # fmt: skip
    given().when(register).then(
        registered(
            kind=PartyKind.ORGANISATION, name="Acme", source="erp", source_id="07592",
            owner="bob", country="Austria", tier="A", tax_id="ATU 123",
        )
    )  # fmt: skip


def test_nothing_but_an_id_is_needed() -> None:
    given().when(RegisterCustomer(**WHO)).then(registered(name=None))


def test_an_id_is_registered_once() -> None:
    given(registered()).when(RegisterCustomer(**WHO)).then_refused("customer.exists")
    in_history(registered()).when(RegisterCustomer(**WHO)).then_refused("customer.exists")


def test_attributes_are_kept_as_they_are_defined() -> None:
    given(
        defined("customer", "staff", FieldType.NUMBER),
        defined("customer", "allergy", is_sealed=True),
    ).when(RegisterCustomer(**WHO, attributes={"staff": "12.50", "allergy": "nuts"})).then(
        registered(name=None, attributes={"staff": "12.5"}, sealed_attributes={"allergy": "nuts"})
    )


CHANGES: list[tuple[Command, Fact]] = [
    (RenameCustomer(**WHO, name="Anna"), fact(Customer.Renamed, name="Anna")),
    (ChangeCustomerTaxId(**WHO, tax_id="DE1"), fact(Customer.TaxIdChanged, tax_id="DE1")),
    (
        StatePreference(**WHO, topic="language", value="de"),
        fact(Customer.PreferenceStated, topic="language", value="de"),
    ),
    (
        ChangeCustomerTier(**WHO, tier="A", reason="grew", rule_version="7"),
        fact(Customer.TierChanged, from_tier=None, to_tier="A", reason="grew", rule_version="7"),
    ),
    (
        TransferCustomer(**WHO, owner="eve", reason="leaver"),
        fact(Customer.OwnershipTransferred, from_owner=None, to_owner="eve", reason="leaver"),
    ),
    (
        SetCustomerParent(**WHO, parent_id=ACME),
        fact(Customer.ParentSet, from_parent_id=None, parent_id=ACME),
    ),
    (
        ChangeCustomerCountry(**WHO, country="Italy"),
        fact(Customer.CountryChanged, from_country=None, to_country="Italy"),
    ),
    (GrantCustomerRole(**WHO, role=Role.PARTNER), fact(Customer.RoleGranted, role=Role.PARTNER)),
    (EndCustomerRole(**WHO, role=Role.CUSTOMER), fact(Customer.RoleEnded, role=Role.CUSTOMER)),
    (
        ChangeCustomerAttributes(**WHO, attributes={"staff": 3}),
        fact(Customer.AttributesChanged, attributes={"staff": "3"}, sealed_attributes={}),
    ),
]
KNOWN = (defined("customer", "staff", FieldType.NUMBER), organisation())


@pytest.mark.parametrize(("command", "change"), CHANGES, ids=lambda one: type(one).__name__)
def test_a_change_is_recorded_once_and_never_of_a_closed_customer(
    command: Command, change: Fact
) -> None:
    given(*KNOWN, registered()).when(command).then(change)
    given(*KNOWN, registered(), change).when(command).then_nothing()
    given(*KNOWN, registered(), change, CLOSED).when(command).then_nothing()
    given(*KNOWN, registered(), CLOSED).when(command).then_refused("customer.closed")
    given(*KNOWN, registered(), RETRACTED).when(command).then_refused("customer.retracted")
    given(*KNOWN).when(command).then_refused("customer.not_found")
    in_history(*KNOWN, registered(), RETRACTED).when(command).then_found("customer.retracted")


def test_only_what_is_new_of_the_attributes_is_recorded() -> None:
    known = {"staff": "3", "branch": "steel"}
    change = ChangeCustomerAttributes(**WHO, attributes={"staff": "3.00", "branch": "glass"})
    given(*KNOWN, defined("customer", "branch"), registered(attributes=known)).when(change).then(
        fact(Customer.AttributesChanged, attributes={"branch": "glass"}, sealed_attributes={})
    )


@pytest.mark.parametrize(
    ("past", "to", "is_allowed"),
    [
        ((), Lifecycle.ACTIVE, True),
        ((), Lifecycle.DORMANT, False),
        ((), Lifecycle.CLOSED, False),
        ((ACTIVE,), Lifecycle.DORMANT, True),
        ((ACTIVE,), Lifecycle.PROSPECT, False),
        ((ACTIVE, stage(Lifecycle.ACTIVE, Lifecycle.DORMANT)), Lifecycle.ACTIVE, True),
    ],
)
def test_a_prospect_becomes_active_and_only_an_active_customer_falls_asleep(
    past: tuple[Fact, ...], to: Lifecycle, is_allowed: Any
) -> None:
    change = ChangeCustomerLifecycle(**WHO, stage=to)
    was = past[-1].details["to_stage"] if past else Lifecycle.PROSPECT
    if is_allowed:
        given(registered(), *past).when(change).then(stage(was, to))
    else:
        given(registered(), *past).when(change).then_refused("customer.lifecycle_order")
        in_history(registered(), *past).when(change).then_found("customer.lifecycle_order")


def test_a_closed_customer_says_why_and_is_won_back() -> None:
    close = CloseCustomer(**WHO, reason="moved away")
    won_back = fact(Customer.WonBack, from_stage=Lifecycle.CLOSED, reason="new plant")
    given(registered()).when(close).then(CLOSED)
    given(registered(), CLOSED).when(close).then_nothing()
    win = WinBackCustomer(**WHO, reason="new plant")
    given(registered(), CLOSED).when(win).then(won_back)
    given(registered(), CLOSED, won_back).when(win).then_nothing()
    given(registered()).when(win).then_refused("customer.not_lost")
    in_history(registered()).when(win).then_found("customer.not_lost")


def test_nobody_stands_above_themselves() -> None:
    below = fact(Customer.ParentSet, on=ACME, from_parent_id=None, parent_id=SUBJECT)
    given(registered(), organisation(), below).when(
        SetCustomerParent(**WHO, parent_id=ACME)
    ).then_refused("customer.parent_cycle")
    given(registered()).when(SetCustomerParent(**WHO, parent_id=SUBJECT)).then_refused(
        "customer.parent_cycle"
    )
    given(registered(), organisation(GLOBEX), organisation()).when(
        SetCustomerParent(**WHO, parent_id=NOBODY)
    ).then_refused("customer.unknown")
    in_history(registered()).when(SetCustomerParent(**WHO, parent_id=NOBODY)).then(
        fact(Customer.ParentSet, from_parent_id=None, parent_id=NOBODY)
    )


def test_a_parent_is_taken_away_again() -> None:
    under = fact(Customer.ParentSet, from_parent_id=None, parent_id=ACME)
    given(registered(), organisation(), under).when(SetCustomerParent(**WHO, parent_id=None)).then(
        fact(Customer.ParentSet, from_parent_id=ACME, parent_id=None)
    )


def test_what_was_recorded_by_mistake_is_taken_back_once() -> None:
    given(registered()).when(RetractCustomer(**WHO, reason="twice")).then(RETRACTED)
    given(registered(), RETRACTED).when(RetractCustomer(**WHO, reason="twice")).then_nothing()
    given(registered(), RETRACTED).when(CloseCustomer(**WHO, reason="x")).then_refused(
        "customer.retracted"
    )


def test_a_customer_taken_back_is_registered_anew_live_and_in_history() -> None:
    register, facts = RegisterCustomer(**WHO, name="Bea"), (registered(), ACTIVE, RETRACTED)
    given(*facts).when(register).then(registered(name="Bea"))
    in_history(*facts).when(register).then(registered(name="Bea")).with_findings()
    close = CloseCustomer(**WHO, reason="moved away")
    given(*facts, registered(name="Bea")).when(close).then(CLOSED)


def test_two_customers_of_one_name_are_two() -> None:
    given(registered(ANN)).when(RegisterCustomer(**WHO, name="Ann")).then(registered())
