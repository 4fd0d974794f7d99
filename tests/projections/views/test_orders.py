"""Orders: what still counts of them, by customer, state and period."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_es.projections.views.orders import order_totals, orders
from crm_es.projections.views.stream_stories import order_lines
from scene import ANN, BOB, NOON, Scene, day, nth

LINES = [
    {"sku": "P1", "quantity": "3", "unit_price": "10.5"},
    {"quantity": "1", "amount": "0.0395"},
]


def place(scene: Scene, n: int, **more: Any) -> None:
    scene.do("PlaceOrder", **{"order_id": nth(n), "customer_id": ANN, "lines": LINES, **more})


def test_an_order_goes_from_placed_to_closed(scene: Scene) -> None:
    place(scene, 1, number="4711", owner="eve")
    seen = []
    for step in ("ConfirmOrder", "ShipOrder", "DeliverOrder", "CloseOrder"):
        scene.do(step, order_id=nth(1))
        with scene.views() as db:
            (row,) = orders(db, number="4711").items
        seen.append((row["status"], row["is_delivered"]))
    assert seen == [
        ("confirmed", False), ("fulfilled", False), ("fulfilled", True), ("closed", True),
    ]  # fmt: skip
    assert (row["amount"], row["line_count"], row["owner"]) == ("31.5395", 2, "eve")


def test_what_is_returned_or_cancelled_counts_no_more(scene: Scene) -> None:
    place(scene, 1)
    for step in ("ConfirmOrder", "ShipOrder", "DeliverOrder"):
        scene.do(step, order_id=nth(1))
    scene.do("ReturnOrderLines", order_id=nth(1), lines=[{"line": 1, "quantity": "1"}])
    place(scene, 2)
    scene.do("CancelOrder", order_id=nth(2), reason="too late")
    with scene.views() as db:
        cancelled, returned = orders(db, customer=ANN).items
    assert (returned["amount"], returned["returned_amount"]) == ("21.0395", "10.5")
    assert returned["placed_amount"] == "31.5395"
    assert (cancelled["status"], cancelled["amount"]) == ("cancelled", "0")


def test_an_order_taken_back_is_gone(scene: Scene) -> None:
    place(scene, 1)
    scene.do("RetractOrder", order_id=nth(1), reason="mistake")
    with scene.views() as db:
        assert orders(db).items == []


def test_orders_are_listed_by_customer_status_and_period(scene: Scene) -> None:
    place(scene, 1, at=day(-9))
    place(scene, 2, at=day(-5), customer_id=BOB)
    place(scene, 3, at=day(-1))
    scene.do("ConfirmOrder", order_id=nth(3))

    def listed(**asked: Any) -> list[str]:
        with scene.views() as db:
            return [row["id"] for row in orders(db, **asked).items]

    assert listed() == [str(nth(3)), str(nth(2)), str(nth(1))]
    assert listed(customer=ANN) == [str(nth(3)), str(nth(1))]
    assert listed(status="placed") == [str(nth(2)), str(nth(1))]
    since, until = NOON - timedelta(days=9), NOON - timedelta(days=1)
    assert listed(since=since, until=until) == [str(nth(2)), str(nth(1))]


def test_totals_are_exact_and_by_currency(scene: Scene) -> None:
    for number in range(3):
        place(scene, number)
    place(scene, 3, currency="USD", lines=[{"quantity": "1", "amount": "0.000001"}])
    with scene.views() as db:
        assert order_totals(db, customer=ANN) == [
            {"status": "placed", "currency": "EUR", "orders": 3, "amount": "94.6185"},
            {"status": "placed", "currency": "USD", "orders": 1, "amount": "0.000001"},
        ]
        assert order_totals(db, customer=BOB) == []


def test_totals_of_the_largest_orders_do_not_overflow(scene: Scene) -> None:
    for number in range(12):
        place(scene, number, lines=[{"quantity": "1", "amount": "999999999999.999999"}])
    with scene.views() as db:
        (total,) = order_totals(db)
    assert total["amount"] == "11999999999999.999988"


def test_the_lines_of_an_order_say_how_much_of_each_went_where(scene: Scene) -> None:
    place(scene, 1)
    scene.do("ConfirmOrder", order_id=nth(1))
    scene.do("AllocateOrderLine", order_id=nth(1), line=1, quantity="3")
    scene.do("ShipOrder", order_id=nth(1), lines=[{"line": 1, "quantity": "2"}])
    scene.do("ShipOrder", order_id=nth(1))
    scene.do("DeliverOrder", order_id=nth(1))
    scene.do("ReturnOrderLines", order_id=nth(1), lines=[{"line": 1, "quantity": "0.5"}])
    first, second = order_lines(scene.world.log, nth(1))
    told = ("sku", "quantity", "amount", "allocated", "shipped", "delivered", "returned")
    assert [first[name] for name in told] == ["P1", "3", "31.5", "3", "3", "3", "0.5"]
    assert [second[name] for name in told] == [None, "1", "0.0395", "0", "1", "1", "0"]
    assert order_lines(scene.world.log, nth(2)) == []
