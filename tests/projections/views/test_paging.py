"""Pages of a list follow each other without gap or repeat, and cursors cannot be forged."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from crm_es.errors import Invalid
from crm_es.projections.views.calls import calls, missed_calls
from crm_es.projections.views.paging import LIMIT_MAX, Page, cursor
from crm_es.projections.views.products import products
from scene import ANN, Scene, day, nth

CALLS = 23


@pytest.fixture
def called(scene: Scene) -> Scene:
    for n in range(CALLS):
        scene.do(
            "RecordCall", call_id=nth(n), customer_id=ANN, direction="inbound", result="missed",
            at=day(-(n // 4) - 1),
        )  # fmt: skip
    return scene


@pytest.mark.parametrize("size", [1, 2, 5, 22, 23, 24])
def test_pages_cover_the_list_once_even_among_equal_times(called: Scene, size: int) -> None:
    with called.views() as db:
        for listing in (calls, missed_calls):
            whole = [row["id"] for row in listing(db, limit=LIMIT_MAX).items]
            found: list[str] = []
            page: Page | None = None
            for _ in range(CALLS + 1):
                page = listing(db, limit=size, after=page.next if page else None)
                found += [row["id"] for row in page.items]
                if page.next is None:
                    break
            assert found == whole
            assert len(set(found)) == CALLS


def test_a_list_in_the_order_of_texts_pages_too(scene: Scene) -> None:
    for n, sku in enumerate(("B", "a", "Ä", "A")):
        scene.do("RegisterProduct", product_id=nth(n), sku=sku)
    with scene.views() as db:
        first = products(db, limit=2)
        rest = products(db, limit=2, after=first.next)
    assert [p["sku"] for p in (*first.items, *rest.items)] == ["A", "B", "a", "Ä"]
    assert rest.next is None


@pytest.mark.parametrize("limit", [0, -1, LIMIT_MAX + 1])
def test_a_page_has_a_size(called: Scene, limit: int) -> None:
    with called.views() as db, pytest.raises(Invalid):
        calls(db, limit=limit)


@pytest.mark.parametrize(
    "place",
    [
        (), ("call.at-",), ("call.at-", 1), ("call.at-", "1", "00"), ("call.at-", 1.5, "00"),
        ("call.at-", True, "00"), ("call.at-", 2**63, "00"), ("call.at-", 1, 0),
        ("call.at+", 1, "00"), ("sales_order.at-", 1, "00"), ("call.at-", 1, "00", "00"),
        ("call.at-", None, "00"), ("call.at-", [1], "00"),
    ],
)  # fmt: skip
def test_a_cursor_that_was_never_given_out_is_refused(called: Scene, place: Any) -> None:
    forged = cursor(*place) if place else "!!"
    with called.views() as db, pytest.raises(Invalid):
        calls(db, after=forged)


def test_a_forged_key_only_asks_for_another_place(called: Scene) -> None:
    with called.views() as db:
        assert len(calls(db, after=cursor("call.at-", 2**62, "no hex")).items) == CALLS
        assert orjson.dumps(calls(db, after=cursor("call.at-", 0, "00")).items) == b"[]"
