"""Orders, returns and adjustments: what they are placed with, and what their lines stand for."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from crm_es.aggregates.platform.field_definition import FieldType
from crm_es.aggregates.sales.order_line import WORTH_MAX, OrderLine
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.commands.fields import LINES_MAX
from crm_es.commands.sales.order import (
    OrderLineBody,
    PlaceOrder,
)
from scenario import SUBJECT, given, in_history
from trade import (
    ANN,
    BOB,
    DEAL,
    NOBODY,
    ORDER,
    defined,
    line,
    opened,
    person,
    placed,
    registered,
)

WHICH: dict[str, Any] = {"order_id": SUBJECT}


def body(quantity: str = "3", **more: str) -> OrderLineBody:
    return OrderLineBody(quantity=Decimal(quantity), **{n: Decimal(v) for n, v in more.items()})


def place(*lines: OrderLineBody, **more: Any) -> PlaceOrder:
    return PlaceOrder(**WHICH, lines=list(lines or [body(amount="30")]), **more)


def test_an_order_is_placed_with_or_without_a_customer() -> None:
    given().when(place()).then(placed())
    whole: dict[str, Any] = {
        "customer_id": ANN, "owner": "bob", "channel": "web", "place": "Graz",
        "country": "Austria", "currency": "SEK", "number": "0017", "source": "erp",
        "source_id": "14646.0", "campaign_id": BOB,
    }  # fmt: skip
    given(person()).when(place(**whole)).then(placed(**whole))
    given(placed()).when(place()).then_refused("order.exists")


def test_two_equal_orders_are_two_and_so_are_two_equal_lines() -> None:
    same = body(amount="30")
    given(placed(line(), line(), id=NOBODY)).when(place(same, same)).then(placed(line(), line()))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (body("3", unit_price="1.005"), line("3", "3.015", unit_price=Decimal("1.005"))),
        (body("3", amount="30"), line("3", "30")),
        (body("3", amount="29", unit_price="10"), line("3", "29", unit_price=Decimal(10))),
        (body("0", amount="1.29"), line("0", "1.29")),
        (body("0", unit_price="5"), line("0", "0", unit_price=Decimal(5))),
        (
            body("4", unit_price="25", discount_rate="0.15"),
            line(
                "4", "85", unit_price=Decimal(25), discount_rate=Decimal("0.15"),
                discount=Decimal(15),
            ),
        ),
        (
            body("4", unit_price="25", discount="10", cost="50"),
            line("4", "90", unit_price=Decimal(25), discount=Decimal(10), cost=Decimal(50)),
        ),
        (
            body("4", unit_price="25", discount_rate="0.15", amount="80"),
            line(
                "4", "80", unit_price=Decimal(25), discount_rate=Decimal("0.15"),
                discount=Decimal(15),
            ),
        ),
        (
            body("0.333", unit_price="0.000001"),
            line("0.333", "0", unit_price=Decimal("0.000001")),
        ),
    ],
)  # fmt: skip
def test_a_line_stands_for_its_amount_or_its_quantity_at_its_price(
    told: OrderLineBody, kept: OrderLine
) -> None:
    given().when(place(told)).then(placed(kept))


def test_a_line_is_told_with_the_fields_it_is_kept_with() -> None:
    assert set(OrderLineBody.model_fields) == {field.name for field in fields(OrderLine)}


def test_a_line_that_says_neither_amount_nor_price_makes_no_sense() -> None:
    for occasion in (given(), in_history()):
        occasion.when(place(body(amount="1"), body())).then_refused("order.line_amount")


def test_sums_are_taken_before_rounding() -> None:
    third = body("1", unit_price="0.333333")
    given().when(place(third, third, third)).then(
        placed(*[line("1", "0.333333", unit_price=Decimal("0.333333"))] * 3)
    )


@pytest.mark.parametrize(
    "lines",
    [
        [body(amount=str(WORTH_MAX / 2))] * 2,
        [body(str(10**6), unit_price=str(10**6))],
        [body(str(10**6), unit_price=str(10**6), amount="1", discount_rate="1")],
    ],
)
def test_an_order_worth_more_than_facts_can_hold_makes_no_sense(lines: list[OrderLineBody]) -> None:
    given().when(place(*lines)).then_refused("order.worth")
    in_history().when(place(*lines)).then_refused("order.worth")


def test_an_order_may_have_very_many_lines() -> None:
    many = [body(str(n), amount="1.01") for n in range(1, 1_115)]
    [(_, event)] = given().when(place(*many))._decide().recorded
    assert (event.line_count, event.amount) == (1_114, Decimal("1125.14"))
    assert len(place(*[body(amount="1")] * LINES_MAX).lines) == LINES_MAX


def test_a_sale_has_no_negative_lines() -> None:
    minus = line("-3", "-30")
    given().when(place(body("-3", amount="-30"))).then_refused("order.negative_line")
    in_history().when(place(body("-3", amount="-30"))).then(placed(minus)).with_findings(
        "order.negative_line"
    )
    for kind in (OrderKind.RETURN, OrderKind.ADJUSTMENT):
        given().when(place(body("-3", amount="-30"), kind=kind)).then(placed(minus, kind=kind))


def test_a_return_may_name_no_sale_or_one_of_the_same_customer() -> None:
    def returned(**more: Any) -> PlaceOrder:
        return place(**{"kind": OrderKind.RETURN, "returns_order_id": ORDER, **more})

    sale = placed(id=ORDER, customer_id=ANN)
    given().when(place(kind=OrderKind.RETURN)).then(placed(kind=OrderKind.RETURN))
    given(person(), sale).when(returned(customer_id=ANN)).then_found()
    given(sale, registered(BOB)).when(returned(customer_id=BOB)).then_refused("order.returns_other")
    given(placed(id=ORDER, kind=OrderKind.RETURN)).when(returned()).then_refused(
        "order.returns_other"
    )
    given(placed(id=ORDER)).when(returned(kind=OrderKind.SALE)).then_refused("order.no_return")
    given().when(returned()).then_refused("order.not_found")
    in_history().when(returned()).then(placed(kind=OrderKind.RETURN, returns_order_id=ORDER))


def test_an_order_out_of_a_deal_names_one_we_know() -> None:
    given().when(place(opportunity_id=DEAL)).then_refused("opportunity.not_found")
    given(opened(DEAL)).when(place(opportunity_id=DEAL)).then(placed(opportunity_id=DEAL))
    in_history().when(place(opportunity_id=DEAL)).then(placed(opportunity_id=DEAL))


def test_an_order_keeps_attributes_plain_or_sealed() -> None:
    known = (
        defined("order", "weight", FieldType.NUMBER),
        defined("order", "gift", is_sealed=True),
    )
    given(*known).when(place(attributes={"weight": "1.50", "gift": "For Ann"})).then(
        placed(attributes={"weight": "1.5"}, sealed_attributes={"gift": "For Ann"})
    )
