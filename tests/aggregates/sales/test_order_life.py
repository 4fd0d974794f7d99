"""What becomes of an order once it is placed: confirmed, cancelled, taken back, closed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.commands.base import Command
from crm_es.commands.sales.order import (
    CancelOrder,
    CloseOrder,
    ConfirmOrder,
    QuantityBody,
    RetractOrder,
    ReturnOrderLines,
)
from scenario import NOON, SUBJECT, Fact, given, in_history
from trade import ANN, back, delivered, line, order, placed, shipped, taken_back

WHICH: dict[str, Any] = {"order_id": SUBJECT}
CONFIRMED, CLOSED = order(Order.Confirmed), order(Order.Closed)
CANCELLED = taken_back(Order.Cancelled, back(1, "3", "30"))
RETRACTED = taken_back(Order.Retracted, back(1, "3", "30"))
SHIPPED, ARRIVED = shipped((1, "3")), delivered((1, "3"))
confirm, close = ConfirmOrder(**WHICH), CloseOrder(**WHICH)
cancel, retract = CancelOrder(**WHICH, reason="broken"), RetractOrder(**WHICH, reason="broken")


def take_back(*lines: tuple[int, str]) -> ReturnOrderLines:
    bodies = [QuantityBody(line=number, quantity=Decimal(q)) for number, q in lines]
    return ReturnOrderLines(**WHICH, lines=bodies, reason="broken")


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
