"""Facts and the views over them, told by small stories whose figures anyone can check by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm_es.log.envelope import new_id
from crm_es.projections.facts.calendar import Calendar
from crm_es.projections.facts.plan import Plan
from fact_store import Facts
from world import World

ANN, BOB = UUID(int=1), UUID(int=2)
STAGES = [
    {"name": "new", "kind": "open", "probability": "0.1"},
    {"name": "offer", "kind": "open", "probability": "0.5"},
    {"name": "won", "kind": "won", "probability": "1"},
    {"name": "lost", "kind": "lost", "probability": "0"},
]


class Story:
    """``do`` is a command, ``ask`` a question about all that was done so far."""

    def __init__(self, world: World, facts: Facts) -> None:
        self._world, self._facts = world, facts

    def do(self, name: str, /, at: str | None = None, **body: Any) -> int:
        moment = {} if at is None else {"at": f"{at}T12:00:00Z"}
        return self._world.do(name, **body, **moment).position

    def ask(self, sql: str, *, as_of: int | None = None) -> list[tuple[Any, ...]]:
        return self._facts.follow().asked(sql, as_of=as_of)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Facts]]:
    folder = tmp_path_factory.mktemp("stories")
    world = World(folder)
    facts = Facts(folder, Plan(Calendar("America/New_York", 7, "USD")))
    yield world, facts
    facts.close()
    world.close()


@pytest.fixture
def story(shared: tuple[World, Facts]) -> Story:
    """The stories stand side by side in one log, each about things of its own."""
    return Story(*shared)


def line(quantity: str, price: str, **more: Any) -> dict[str, Any]:
    return {"sku": "P1", "quantity": quantity, "unit_price": price, **more}


def test_an_order_counts_what_was_not_taken_back(story: Story) -> None:
    order = new_id()
    lines = [line("10", "2.50", cost="15"), line("4", "1", discount_rate="0.25")]
    story.do(
        "PlaceOrder", order_id=order, channel="shop", country="DE", lines=lines, at="2025-03-01"
    )
    for name in ("ConfirmOrder", "ShipOrder", "DeliverOrder"):
        story.do(name, order_id=order)
    delivered = story.do(
        "ReturnOrderLines", order_id=order, reason="broken", lines=[{"line": 1, "quantity": "4"}]
    )
    sql = f"""
        select change, line, quantity, amount, discount, cost, lines
        from fact_order_line where order_id = '{order}' and is_known(position)
        order by position, line
    """
    decimals = [
        ("placed", 1, "10", "25", None, "15", 1), ("placed", 2, "4", "3", "1", None, 1),
        ("returned", 1, "-4", "-10", None, "-6", 0),
    ]  # fmt: skip
    expected = [
        (c, n, *(None if f is None else Decimal(f) for f in figures), lines)
        for c, n, *figures, lines in decimals
    ]
    assert story.ask(sql) == expected
    assert story.ask(sql, as_of=delivered - 1) == expected[:2]
    life = story.ask(f"select amount, taken_back, net from order_life where order_id = '{order}'")
    assert life == [(Decimal(28), Decimal(10), Decimal(18))]


def test_an_order_that_never_was_is_gone_from_the_day_it_was_told_for(story: Story) -> None:
    order = new_id()
    placed = story.do(
        "PlaceOrder", order_id=order, channel="ghost", lines=[line("1", "7")], at="2025-04-05"
    )
    story.do("RetractOrder", order_id=order, reason="mistake")
    sql = """
        select business_day(occurred_at), sum(amount), sum(lines) from fact_order_line
        where channel = 'ghost' and is_known(position) group by 1
    """
    assert story.ask(sql, as_of=placed) == [(date(2025, 4, 5), Decimal(7), 1)]
    assert story.ask(sql) == [(date(2025, 4, 5), Decimal(0), 0)]


def test_the_pipeline_of_any_past_day_is_a_sum(story: Story) -> None:
    pipeline, one, two = new_id(), new_id(), new_id()
    story.do("PublishPipeline", pipeline_id=pipeline, name="stories", stages=STAGES)
    for deal, day, amount in ((one, "2025-01-10", "1000"), (two, "2025-02-10", "500")):
        story.do(
            "OpenOpportunity", opportunity_id=deal, pipeline_id=pipeline, amount=amount, at=day
        )
    story.do("MoveOpportunity", opportunity_id=one, stage="offer", at="2025-02-20")
    story.do("ReviseOpportunityAmount", opportunity_id=one, amount="1200", at="2025-03-01")
    won = story.do("WinOpportunity", opportunity_id=one, without_order=True, at="2025-03-15")

    def board(day: str, as_of: int | None = None) -> list[tuple[Any, ...]]:
        legs = f"""
            select stage, sum(deals), sum(amount), sum(weighted) from pipeline_leg
            where pipeline_id = '{pipeline}' and status in ('open', 'on_hold')
                and occurred_at <= timestamptz '{day} 23:59:59Z'
            group by 1 having sum(deals) <> 0 order by 1
        """
        standing = f"""
            select stage, count(*), sum(amount), sum(amount * probability)
            from opportunity_at(timestamptz '{day} 23:59:59Z')
            where pipeline_id = '{pipeline}' and status in ('open', 'on_hold')
            group by 1 order by 1
        """
        assert story.ask(legs, as_of=as_of) == story.ask(standing, as_of=as_of)
        return story.ask(legs, as_of=as_of)

    new, both = ("new", 1, Decimal(500), Decimal(50)), ("new", 2, Decimal(1500), Decimal(150))
    assert board("2025-01-09") == []
    assert board("2025-02-15") == [both]
    assert board("2025-02-20") == [new, ("offer", 1, Decimal(1000), Decimal(500))]
    assert board("2025-03-02") == [new, ("offer", 1, Decimal(1200), Decimal(600))]
    assert board("2025-03-15") == [new]
    assert board("2025-03-15", as_of=won - 1) == [new, ("offer", 1, Decimal(1200), Decimal(600))]
    stays = story.ask(
        f"""
        select stage, began_with, ended_with, seconds / 86400 from opportunity_stay
        where opportunity_id = '{one}' order by number
        """
    )
    assert stays == [
        ("new", "opened", "advanced", 41), ("offer", "advanced", "won", 23),
        ("won", "won", None, None),
    ]  # fmt: skip
    life = story.ask(
        f"""
        select status, amount, first_amount, days_to_decision, moves from opportunity_life
        where opportunity_id = '{one}'
        """
    )
    assert life == [("won", Decimal(1200), Decimal(1000), 64, 1)]


def test_a_customer_is_joined_as_it_was_at_the_time_even_if_that_was_told_late(
    story: Story,
) -> None:
    story.do("RegisterCustomer", customer_id=ANN, owner="eve", tier="C", at="2025-01-01")
    first = story.do("ChangeCustomerTier", customer_id=ANN, tier="A", at="2025-06-01")
    story.do("ChangeCustomerTier", customer_id=ANN, tier="B", at="2025-03-01")
    versions = f"""
        select tier, business_day(valid_from), business_day(valid_to), is_current
        from dim_customer where customer_id = '{ANN}' order by version
    """
    # The change told last holds from its own day on, and so on every later day too.
    assert story.ask(versions) == [
        ("C", date(2025, 1, 1), date(2025, 3, 1), False),
        ("B", date(2025, 3, 1), date(2025, 6, 1), False),
        ("B", date(2025, 6, 1), None, True),
    ]
    assert [row[0] for row in story.ask(versions, as_of=first)] == ["C", "A"]
    known = f"select tier from dim_customer_known where customer_id = '{ANN}' order by version"
    assert story.ask(known) == [("C",), ("A",), ("B",)]


def test_attributes_nobody_foresaw_can_be_summed(story: Story) -> None:
    for name, type in (("revenue", "money"), ("is_key", "flag"), ("sector", "text")):
        story.do("DefineField", kind="customer", name=name, type=type)
    story.do(
        "RegisterCustomer", customer_id=BOB, at="2025-01-01",
        attributes={"revenue": "1000.50", "is_key": True, "sector": "steel"},
    )  # fmt: skip
    story.do("ChangeCustomerAttributes", customer_id=BOB, attributes={"revenue": "2000"})
    sql = f"""
        select name, number, flag, text from dim_customer_attribute
        where customer_id = '{BOB}' and is_current order by name
    """
    assert story.ask(sql) == [
        ("is_key", None, True, "true"), ("revenue", Decimal(2000), None, "2000"),
        ("sector", None, None, "steel"),
    ]  # fmt: skip


def test_a_price_holds_from_the_day_it_was_changed(story: Story) -> None:
    product = new_id()
    story.do(
        "RegisterProduct", product_id=product, sku="P-7", price="10", cost="4", status="active",
        at="2025-01-01",
    )  # fmt: skip
    story.do("ChangeProductPrice", product_id=product, price="12", at="2025-02-01")
    story.do("ChangeProductCost", product_id=product, cost="5", at="2025-03-01")
    found = story.ask(
        f"""
        select price, cost, business_day(valid_from) from dim_product
        where product_id = '{product}' order by version
        """
    )
    assert found == [
        (Decimal(10), Decimal(4), date(2025, 1, 1)), (Decimal(12), Decimal(4), date(2025, 2, 1)),
        (Decimal(12), Decimal(5), date(2025, 3, 1)),
    ]  # fmt: skip


def test_a_call_moves_with_its_customer_and_a_correction_leaves_no_trace_in_sums(
    story: Story,
) -> None:
    call, one, two = new_id(), new_id(), new_id()
    for id in (one, two):
        story.do("RegisterCustomer", customer_id=id)
    story.do(
        "RecordCall", call_id=call, customer_id=one, agent="zoe", seconds=60, direction="outbound",
        at="2025-05-01",
    )  # fmt: skip
    story.do("ReattributeCall", call_id=call, customer_id=two)
    sql = """
        select customer_id, sum(calls), sum(seconds) from fact_call where agent = 'zoe'
        group by 1 having sum(calls) <> 0
    """
    assert story.ask(sql) == [(two, 1, 60)]
    contacts = """
        select customer_id, sum(contacts), business_day(min(occurred_at)) from fact_interaction
        where employee = 'zoe' group by 1 having sum(contacts) <> 0
    """
    assert story.ask(contacts) == [(two, 1, date(2025, 5, 1))]


def test_days_months_and_fiscal_years_are_the_companys_own(story: Story) -> None:
    """In New York it is still June, and the old fiscal year, when it is July in Greenwich."""
    moment = "timestamptz '2025-07-01 02:00:00Z'"
    found = story.ask(
        f"""
        select business_day({moment}), business_month({moment}), business_year({moment}),
            fiscal_year({moment}), fiscal_quarter({moment}), fiscal_month({moment}),
            fiscal_year({moment} + interval 3 hour), reporting_currency()
        """
    )
    assert found == [(date(2025, 6, 30), date(2025, 6, 1), 2025, 2025, 4, 12, 2026, "USD")]
    days = story.ask(
        "select fiscal_year, fiscal_month, season, is_workday, iso_week from dim_date"
        " where day in ('2025-06-30', '2025-07-05') order by day"
    )
    assert days == [(2025, 12, "summer", True, 27), (2026, 1, "summer", False, 27)]
