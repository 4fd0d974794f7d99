"""How a customer is reached: addresses that work, that do not, and the last of them."""

from __future__ import annotations

from typing import Any

import pytest

from crm_es.aggregates.party.contact_points import Channel
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.customer_state import Lifecycle
from crm_es.commands.base import Command
from crm_es.commands.party.contact_points import (
    AddContactPoint,
    DeclareCustomerUnreachable,
    InvalidateContactPoint,
    RemoveContactPoint,
    VerifyContactPoint,
    normal_email,
)
from scenario import SUBJECT, fact, given, in_history
from trade import NOBODY, POINT, organisation, reachable, registered

AT: dict[str, Any] = {"customer_id": SUBJECT, "contact_point_id": POINT}
_THERE: dict[str, Any] = {"contact_point_id": POINT, "channel": Channel.EMAIL}
CLOSED = fact(Customer.Closed, from_stage=Lifecycle.PROSPECT, reason="moved away")
VERIFIED = fact(Customer.ContactPointVerified, **_THERE)
INVALID = fact(Customer.ContactPointInvalidated, **_THERE, was_verified=False, reason="bounced")
REMOVED = fact(Customer.ContactPointRemoved, **_THERE)
UNREACHABLE = fact(Customer.DeclaredUnreachable, reason="asked for it")

add = AddContactPoint(**AT, channel=Channel.EMAIL, value="ann@example.org")
verify, remove = VerifyContactPoint(**AT), RemoveContactPoint(**AT)
invalidate = InvalidateContactPoint(**AT, reason="bounced")
declare = DeclareCustomerUnreachable(customer_id=SUBJECT, reason="asked for it")


def test_a_contact_point_is_added_once() -> None:
    given(registered()).when(add).then(reachable())
    given(registered(), reachable()).when(add).then_nothing()


def test_an_id_of_a_contact_point_is_one_address() -> None:
    other = AddContactPoint(**AT, channel=Channel.EMAIL, value="bob@example.org")
    given(registered(), reachable()).when(other).then_refused("contact_point.exists")
    in_history(registered(), reachable()).when(other).then_found("contact_point.exists")


def test_a_contact_point_is_found_to_work_or_not() -> None:
    given(registered(), reachable()).when(verify).then(VERIFIED)
    given(registered(), reachable(), VERIFIED).when(verify).then_nothing()
    given(registered(), reachable()).when(invalidate).then(INVALID)
    given(registered(), reachable(), INVALID).when(invalidate).then_nothing()
    given(registered(), reachable(), INVALID).when(verify).then_refused("contact_point.invalid")
    in_history(registered(), reachable(), INVALID).when(verify).then_found("contact_point.invalid")


@pytest.mark.parametrize("command", [verify, invalidate])
def test_what_is_not_there_is_neither_verified_nor_invalid(command: Command) -> None:
    given(registered()).when(command).then_refused("contact_point.not_found")
    in_history(registered()).when(command).then_refused("contact_point.not_found")


def test_a_person_keeps_one_contact_point_or_is_declared_unreachable() -> None:
    given(registered(), reachable()).when(remove).then_refused("contact_point.last")
    in_history(registered(), reachable()).when(remove).then_found("contact_point.last")
    given(registered(), reachable(), UNREACHABLE).when(remove).then(REMOVED)
    second = reachable(contact_point_id=NOBODY, value="2@example.org")
    given(registered(), reachable(), second).when(remove).then(REMOVED)


def test_an_organisation_may_have_none_of_its_own() -> None:
    given(organisation(SUBJECT), reachable()).when(remove).then(REMOVED)
    given(organisation(SUBJECT), reachable(), REMOVED).when(remove).then_nothing()


def test_a_new_contact_point_ends_being_unreachable() -> None:
    given(registered()).when(declare).then(UNREACHABLE)
    given(registered(), UNREACHABLE).when(declare).then_nothing()
    given(registered(), UNREACHABLE, reachable()).when(declare).then(UNREACHABLE)


@pytest.mark.parametrize("command", [verify, invalidate, remove, declare])
def test_nothing_of_a_closed_customer_changes(command: Command) -> None:
    given(registered(), reachable(), CLOSED).when(command).then_refused("customer.closed")
    in_history(organisation(SUBJECT), reachable(), CLOSED).when(command).then_found(
        "customer.closed"
    )


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ann@Example.ORG", "ann@example.org", True),
        (" ann@example.org ", "ann@example.org", True),
        ("ann@bücher.example", "ann@xn--bcher-kva.example", True),
        ("\uff41nn@example.org", "ann@example.org", True),
        ("ann@example.org", "an@example.org", False),
    ],
)
def test_spellings_of_one_address_are_told_to_be_the_same(
    one: str, other: str, *, is_same: bool
) -> None:
    assert (normal_email(one) == normal_email(other)) is is_same
