"""What goes out of an order and arrives: by quantities of its lines, never more than there is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.commands.base import Command
from crm_es.commands.sales.order import (
    AllocateOrderLine,
    DeliverOrder,
    PromiseDelivery,
    QuantityBody,
    RevisePromise,
    ShipOrder,
)
from scenario import SUBJECT, given, in_history
from trade import back, day, delivered, line, order, placed, shipped, taken_back

WHICH: dict[str, Any] = {"order_id": SUBJECT}
CONFIRMED, CLOSED = order(Order.Confirmed), order(Order.Closed)
CANCELLED = taken_back(Order.Cancelled, back(1, "3", "30"), back(2, "2", "8"))
TWO = (placed(line("3", "30"), line("2", "8")), CONFIRMED)
FIRST, SECOND = day("2026-03-01"), day("2026-03-09")
PROMISED = order(Order.DeliveryPromised, promised_on=FIRST)


def bodies(*lines: tuple[int, str]) -> list[QuantityBody] | None:
    return [QuantityBody(line=n, quantity=Decimal(q)) for n, q in lines] or None


def ship(*lines: tuple[int, str]) -> ShipOrder:
    return ShipOrder(**WHICH, lines=bodies(*lines))


def deliver(*lines: tuple[int, str]) -> DeliverOrder:
    return DeliverOrder(**WHICH, lines=bodies(*lines))


def test_all_that_is_inside_goes_out_and_arrives() -> None:
    all_of_it = shipped((1, "3"), (2, "2"))
    given(*TWO).when(ship()).then(all_of_it)
    given(*TWO, all_of_it).when(ship()).then_nothing()
    given(*TWO, all_of_it).when(deliver()).then(delivered((1, "3"), (2, "2")))
    given(*TWO, all_of_it, delivered((1, "3"), (2, "2"))).when(deliver()).then_nothing()


def test_some_goes_out_and_the_rest_later() -> None:
    some = shipped((1, "1"), is_complete=False)
    rest = shipped((1, "2"), (2, "2"))
    given(*TWO).when(ship((1, "1"))).then(some)
    given(*TWO, some).when(ship()).then(rest)
    given(*TWO, some).when(deliver()).then(delivered((1, "1"), is_complete=False))
    given(*TWO, some, rest).when(ship()).then_nothing()
    given(*TWO, some, rest).when(deliver((1, "3"))).then(delivered((1, "3"), is_complete=False))
    given(*TWO, some, rest).when(deliver((1, "3"), (2, "2"))).then(delivered((1, "3"), (2, "2")))


def test_the_same_parcel_twice_is_two_parcels() -> None:
    some = shipped((1, "1"), is_complete=False)
    given(*TWO, some).when(ship((1, "1"))).then(some)


def test_no_more_goes_out_than_was_ordered_and_arrives_than_went_out() -> None:
    code = "order.line_exceeded"
    given(*TWO).when(ship((1, "4"))).then_refused(code)
    given(*TWO, shipped((1, "2"), is_complete=False)).when(ship((1, "2"))).then_refused(code)
    in_history(*TWO).when(ship((1, "4"))).then(shipped((1, "4"), is_complete=False)).with_findings(
        code
    )
    given(*TWO, shipped((1, "2"), is_complete=False)).when(deliver((1, "3"))).then_refused(code)
    in_history(*TWO, shipped((1, "2"), is_complete=False)).when(deliver((1, "3"))).then_found(code)


def test_only_a_confirmed_sale_is_sent_out() -> None:
    given(placed()).when(ship()).then_refused("order.unconfirmed")
    in_history(placed()).when(ship()).then(shipped((1, "3"))).with_findings("order.unconfirmed")
    given(placed(kind=OrderKind.RETURN), CONFIRMED).when(ship()).then_refused("order.no_sale")


def test_an_order_of_nothing_but_free_lines_is_fulfilled_all_the_same() -> None:
    given(placed(line("0", "5")), CONFIRMED).when(ship()).then(shipped())
    given(placed(line("0", "5")), CONFIRMED, shipped()).when(ship()).then_nothing()


def test_nothing_arrives_that_was_not_sent() -> None:
    given(*TWO).when(deliver()).then_refused("order.not_shipped")
    in_history(*TWO).when(deliver()).then(delivered(is_complete=False)).with_findings(
        "order.not_shipped"
    )


def test_a_line_is_allocated_as_far_as_it_goes() -> None:
    allocate = AllocateOrderLine(**WHICH, line=2, quantity=Decimal("1.5"))
    allocated = order(Order.LineAllocated, line=2, quantity=Decimal("1.5"))
    given(*TWO).when(allocate).then(allocated)
    given(*TWO, allocated).when(allocate).then_refused("order.line_exceeded")
    in_history(*TWO, allocated).when(allocate).then(allocated)
    given(*TWO, CLOSED).when(allocate).then_refused("order.closed")


@pytest.mark.parametrize(
    "command",
    [ship((3, "1")), deliver((3, "1")), AllocateOrderLine(**WHICH, line=3, quantity=Decimal(1))],
)
def test_a_line_that_is_not_there_goes_nowhere(command: Command) -> None:
    given(*TWO).when(command).then_refused("order.line_not_found")
    in_history(*TWO).when(command).then_refused("order.line_not_found")


def test_a_day_is_promised_once_and_then_revised() -> None:
    promise = PromiseDelivery(**WHICH, deliver_on=FIRST)
    revise = RevisePromise(**WHICH, deliver_on=SECOND, reason="strike")
    revised = order(Order.PromiseRevised, from_date=FIRST, promised_on=SECOND, reason="strike")
    given(*TWO).when(promise).then(PROMISED)
    given(*TWO, PROMISED).when(promise).then_nothing()
    given(*TWO, PROMISED).when(PromiseDelivery(**WHICH, deliver_on=SECOND)).then_refused(
        "order.promised"
    )
    given(*TWO, PROMISED).when(revise).then(revised)
    given(*TWO, PROMISED, revised).when(revise).then_nothing()
    given(*TWO).when(revise).then_refused("order.not_promised")


def test_what_goes_out_knows_what_was_promised() -> None:
    given(*TWO, PROMISED).when(ship((1, "1"))).then(
        shipped((1, "1"), is_complete=False, promised_on=FIRST)
    )


@pytest.mark.parametrize("command", [ship(), deliver(), PromiseDelivery(**WHICH, deliver_on=FIRST)])
def test_nothing_happens_to_a_cancelled_order(command: Command) -> None:
    given(*TWO, CANCELLED).when(command).then_refused("order.cancelled")
    assert "order.cancelled" in in_history(*TWO, CANCELLED).when(command)._decide().findings


def test_what_is_closed_may_still_arrive() -> None:
    all_of_it = shipped((1, "3"), (2, "2"))
    given(*TWO, all_of_it, CLOSED).when(deliver()).then(delivered((1, "3"), (2, "2")))
    given(*TWO, all_of_it, CLOSED).when(ship()).then_nothing()
    given(*TWO, all_of_it, CLOSED).when(ship((1, "1"))).then_refused("order.line_exceeded")
