"""What belongs to one customer at a time: addresses, tax numbers, ids of a source."""

from __future__ import annotations

from typing import Any

import pytest

from trade import ACME, ANN, BOB, POINT
from world import World

EMAIL = {"channel": "email", "value": "ann@example.org"}


def taken(world: World, what: str, **more: Any) -> bool:
    """Whether another customer is refused what Ann has."""
    if what == "email":
        body = {"customer_id": BOB, "contact_point_id": ACME, **EMAIL}
        refused = world.refusal("AddContactPoint", **body)
    else:
        refused = world.refusal("RegisterCustomer", customer_id=ACME, **more)
    assert refused in {None, f"{what}.taken"}
    return refused is not None


@pytest.fixture
def ann(world: World) -> World:
    world.do(
        "RegisterCustomer", customer_id=ANN, kind="organisation", source="erp", source_id="1",
        tax_id="DE 12.3",
    )  # fmt: skip
    world.do("RegisterCustomer", customer_id=BOB)
    world.do("AddContactPoint", customer_id=ANN, contact_point_id=POINT, **EMAIL)
    return world


SAME = {
    "email": {},
    "customer.tax_id": {"tax_id": "de123"},
    "customer.source_id": {"source": "erp", "source_id": "1"},
}


@pytest.mark.parametrize(("what", "more"), SAME.items())
def test_what_one_customer_has_no_other_gets(ann: World, what: str, more: dict[str, Any]) -> None:
    assert taken(ann, what, **more)


@pytest.mark.parametrize(("what", "more"), SAME.items())
def test_what_a_customer_taken_back_had_is_free(
    ann: World, what: str, more: dict[str, Any]
) -> None:
    ann.do("RetractCustomer", customer_id=ANN, reason="twice")
    assert not taken(ann, what, **more)


def test_what_history_adds_to_a_customer_taken_back_holds_nothing(ann: World) -> None:
    ann.do("RetractCustomer", customer_id=ANN, reason="twice")
    ann.tell("AddContactPoint", customer_id=ANN, contact_point_id=ACME, **EMAIL)
    ann.tell("ChangeCustomerTaxId", customer_id=ANN, tax_id="DE 12.3")
    ann.tell("WinBackCustomer", customer_id=ANN)
    for what in ("email", "customer.tax_id"):
        assert not taken(ann, what, **SAME[what])


def test_a_closed_customer_keeps_its_address_and_gives_up_its_tax_number(ann: World) -> None:
    ann.do("CloseCustomer", customer_id=ANN, reason="moved away")
    assert taken(ann, "email")
    assert not taken(ann, "customer.tax_id", **SAME["customer.tax_id"])
    back = ann.refusal("WinBackCustomer", customer_id=ANN)
    assert back == "customer.tax_id.taken"


def test_another_tax_number_frees_the_one_before(ann: World) -> None:
    ann.do("ChangeCustomerTaxId", customer_id=ANN, tax_id="DE-12-3")
    assert ann.topics()[-1] == "customer.tax_id_changed"
    assert taken(ann, "customer.tax_id", **SAME["customer.tax_id"])
    ann.do("ChangeCustomerTaxId", customer_id=ANN, tax_id=None)
    assert not taken(ann, "customer.tax_id", **SAME["customer.tax_id"])


def test_an_address_noted_twice_is_free_when_both_are_gone(ann: World) -> None:
    twice = {"customer_id": ANN, "contact_point_id": ACME}
    ann.do("AddContactPoint", **twice, channel="email", value="Ann@Example.org")
    ann.do("RemoveContactPoint", customer_id=ANN, contact_point_id=POINT)
    assert taken(ann, "email")
    ann.do("RemoveContactPoint", **twice)
    assert not taken(ann, "email")


def test_a_stub_becomes_whole_when_somebody_registers_it(world: World) -> None:
    sale = {"lines": [{"quantity": "1", "amount": "5"}]}
    world.tell("PlaceOrder", order_id=ACME, customer_id=ANN, **sale)
    assert world.refusal("PlaceOrder", order_id=BOB, customer_id=ANN, **sale) == "customer.unknown"
    world.tell("RegisterCustomer", customer_id=ANN, name="Ann")
    world.do("PlaceOrder", order_id=BOB, customer_id=ANN, **sale)
    told = [row.topic for row in world.log.read(0, 9) if ANN.bytes in row.subjects]
    assert told == ["order.placed", "customer.registered", "order.placed"]


def test_an_address_history_gives_to_two_is_a_finding_on_the_second(ann: World) -> None:
    ann.tell("AddContactPoint", customer_id=BOB, contact_point_id=ACME, **EMAIL)
    assert [record.findings for record in ann.log.read(0, 9)][-1] == "email.taken"
