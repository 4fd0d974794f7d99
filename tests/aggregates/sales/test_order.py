"""Orders: placed with their lines, confirmed, cancelled, taken back, closed; and returns."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_es.aggregates.platform.field_definition import FieldType
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.order_line import WORTH_MAX, OrderLine
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.commands.base import Command
from crm_es.commands.fields import LINES_MAX
from crm_es.commands.sales.order import (
    CancelOrder,
    CloseOrder,
    ConfirmOrder,
    OrderLineBody,
    PlaceOrder,
    QuantityBody,
    RetractOrder,
    ReturnOrderLines,
)
from scenario import NOON, SUBJECT, Fact, given, in_history
from trade import (
    ANN,
    BOB,
    DEAL,
    NOBODY,
    ORDER,
    back,
    defined,
    delivered,
    line,
    opened,
    order,
    person,
    placed,
    registered,
    shipped,
    taken_back,
)

WHICH: dict[str, Any] = {"order_id": SUBJECT}
CONFIRMED, CLOSED = order(Order.Confirmed), order(Order.Closed)
CANCELLED = taken_back(Order.Cancelled, back(1, "3", "30"))
RETRACTED = taken_back(Order.Retracted, back(1, "3", "30"))
SHIPPED, ARRIVED = shipped((1, "3")), delivered((1, "3"))
confirm, close = ConfirmOrder(**WHICH), CloseOrder(**WHICH)
cancel, retract = CancelOrder(**WHICH, reason="broken"), RetractOrder(**WHICH, reason="broken")


def body(quantity: str = "3", **more: str) -> OrderLineBody:
    return OrderLineBody(quantity=Decimal(quantity), **{n: Decimal(v) for n, v in more.items()})


def place(*lines: OrderLineBody, **more: Any) -> PlaceOrder:
    return PlaceOrder(**WHICH, lines=list(lines or [body(amount="30")]), **more)


def take_back(*lines: tuple[int, str]) -> ReturnOrderLines:
    bodies = [QuantityBody(line=number, quantity=Decimal(q)) for number, q in lines]
    return ReturnOrderLines(**WHICH, lines=bodies, reason="broken")


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


def test_an_order_is_confirmed_once() -> None:
    given(placed()).when(confirm).then(CONFIRMED)
    given(placed(), CONFIRMED).when(confirm).then_nothing()
    given(placed(), CANCELLED).when(confirm).then_nothing()
    given(placed(), RETRACTED).when(confirm).then_refused("order.retracted")
    given().when(confirm).then_refused("order.not_found")


def test_an_order_is_cancelled_before_it_is_shipped_with_all_its_money() -> None:
    counted: dict[str, Any] = {
        "customer_id": ANN,
        "owner": "bob",
        "country": "Austria",
        "channel": "web",
    }
    whole = taken_back(Order.Cancelled, back(1, "3", "30"), back(2, "0", "5"), **counted)
    given(placed(line(), line("0", "5"), **counted)).when(cancel).then(whole)
    given(placed(), CONFIRMED).when(cancel).then(CANCELLED)
    given(placed(), CANCELLED).when(cancel).then_nothing()
    given(placed(), CONFIRMED, SHIPPED).when(cancel).then_refused("order.shipped")
    in_history(placed(), CONFIRMED, SHIPPED).when(cancel).then(CANCELLED).with_findings(
        "order.shipped"
    )


def test_money_is_taken_back_once_whatever_history_says_next() -> None:
    nothing = taken_back(Order.Retracted)
    given(placed(), CANCELLED).when(retract).then(nothing)
    in_history(placed(), CANCELLED, SHIPPED).when(retract).then(nothing)
    in_history(placed(), RETRACTED).when(cancel).then(taken_back(Order.Cancelled)).with_findings(
        "order.retracted"
    )
    in_history(placed(), CANCELLED, SHIPPED, ARRIVED).when(take_back((1, "1"))).then(
        taken_back(Order.Returned)
    )


def test_what_was_recorded_by_mistake_is_taken_back_once_with_what_is_left() -> None:
    given(placed()).when(retract).then(RETRACTED)
    given(placed(), RETRACTED).when(retract).then_nothing()
    returned = taken_back(Order.Returned, back(1, "1", "10"))
    given(placed(), CONFIRMED, SHIPPED, ARRIVED, returned).when(retract).then(
        taken_back(Order.Retracted, back(1, "2", "20"))
    )


OUT = (placed(), CONFIRMED, SHIPPED)


def test_delivered_lines_come_back_with_their_part_of_the_money() -> None:
    given(*OUT, ARRIVED).when(take_back((1, "1"))).then(
        taken_back(Order.Returned, back(1, "1", "10"))
    )
    twice = take_back((1, "1"), (1, "0.5"))
    given(*OUT, ARRIVED).when(twice).then(taken_back(Order.Returned, back(1, "1.5", "15")))


def test_no_more_comes_back_than_was_delivered() -> None:
    code = "order.return_exceeds_delivery"
    given(*OUT).when(take_back((1, "1"))).then_refused(code)
    given(*OUT, delivered((1, "2"))).when(take_back((1, "3"))).then_refused(code)
    once = taken_back(Order.Returned, back(1, "2", "20"))
    given(*OUT, ARRIVED, once).when(take_back((1, "2"))).then_refused(code)
    in_history(*OUT, ARRIVED, once).when(take_back((1, "2"))).then(
        taken_back(Order.Returned, back(1, "2", "10"))
    ).with_findings(code)


def test_coming_back_twice_is_two_returns() -> None:
    once = taken_back(Order.Returned, back(1, "1", "10"))
    given(*OUT, ARRIVED, once).when(take_back((1, "1"))).then(once)


def test_a_line_that_is_not_there_does_not_come_back() -> None:
    in_history(*OUT, ARRIVED).when(take_back((2, "1"))).then_refused("order.line_not_found")


def test_a_fulfilled_order_is_closed_once() -> None:
    given(*OUT).when(close).then(CLOSED)
    given(*OUT, CLOSED).when(close).then_nothing()
    given(placed(), CONFIRMED).when(close).then_refused("order.unfulfilled")
    in_history(placed(), CONFIRMED).when(close).then(CLOSED).with_findings("order.unfulfilled")


def test_what_is_never_sent_out_is_closed_when_it_is_confirmed() -> None:
    given(placed(kind=OrderKind.RETURN), CONFIRMED).when(close).then(CLOSED)
    given(placed(kind=OrderKind.RETURN)).when(close).then_refused("order.unfulfilled")


@pytest.mark.parametrize("command", [take_back((1, "1")), cancel, close, retract])
def test_what_was_taken_back_stays_so(command: Command) -> None:
    past: tuple[Fact, ...] = (*OUT, ARRIVED, RETRACTED)
    if command is retract:
        given(*past).when(command).then_nothing()
    else:
        given(*past).when(command).then_refused("order.retracted")


def test_a_return_is_told_at_its_own_time_and_knows_when_the_order_was_placed() -> None:
    later = take_back((1, "1")).model_copy(update={"at": NOON + timedelta(days=9)})
    given(*OUT, ARRIVED).when(later).then(
        taken_back(Order.Returned, back(1, "1", "10"), placed_at=NOON)
    )
