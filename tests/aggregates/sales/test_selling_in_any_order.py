"""Whatever is asked of leads, deals and orders, in any order: what then still holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_es.aggregates.sales.lead import Lead
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.commands.sales import conversion, lead, opportunity, order, product
from play import Play
from some_body import body_of
from trade import STAGES


def ids(kind: str) -> list[str]:
    """Two of a kind, the first of which is asked of most."""
    one, other = (f"00000000-0000-0000-0000-0000000000{kind}{n}" for n in (1, 2))
    return [one, one, one, other]


(ANN, *_, BOB), (FUNNEL, *_) = ids("a"), ids("f")
DEALS, LEADS, ORDERS, PRODUCTS = ids("d"), ids("e"), ids("0"), ids("c")
QUANTITIES = ["1", "1", "2", "0", "0.5", "-1"]
DAYS = ["2026-03-01", "2026-04-01"]
CHOICES: dict[str, Any] = {
    "opportunity_id": DEALS,
    "lead_id": LEADS,
    "order_id": ORDERS,
    "product_id": PRODUCTS,
    "customer_id": [ANN, BOB],
    "contact_id": [ANN],
    "pipeline_id": [FUNNEL],
    "stage": ["contacted", "contacted", "proposal", "won", "lost"],
    "reason": ["price", "timing"],
    "quantity": QUANTITIES,
    "line": [1, 1, 2, 3],
    "unit_price": ["0.333333", "10", "-10"],
    "amount": ["10", "500", "-10"],
    "probability": ["0", "0.3", "1"],
    "discount_rate": ["0.15"],
    "currency": ["EUR"],
    "at_precision": ["exact", "day"],
    "expected_close_on": DAYS,
    "deliver_on": DAYS,
    "new_customer": ["person"],
}
MODULES = [lead, opportunity, order, product]
REPEATS = {"AllocateOrderLine", "ShipOrder", "DeliverOrder", "ReturnOrderLines"}
"""Each is something that happens to so much of a line; all others ask how things should stand."""
MISSING = (".not_found", ".exists", ".line_not_found", ".not_promised", ".worth", ".line_amount")
SENSELESS = ("stage_kind", "currency_mismatch", "bundle_cycle", "part_twice", "attribute.sealed")


def asked(*modules: Any) -> st.SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    names = [kind.__name__ for module in modules for kind in module.COMMANDS]
    names += 3 * [name for name in names if not name.startswith("Retract")]
    one = st.one_of(*(st.tuples(st.just(name), body_of(name, CHOICES, ORDERS)) for name in names))
    return st.lists(one, min_size=10, max_size=40)


ASKED = {module: asked(module) for module in MODULES}
DEALS_ASKED = asked(opportunity) | asked(conversion, opportunity)
LEADS_ASKED = asked(lead, conversion)


def played(*, is_history: bool) -> Play:
    play = Play(is_history=is_history)
    for customer_id in (ANN, BOB):
        play.do("RegisterCustomer", customer_id=customer_id, name="Ann")
    stages = [{"name": s.name, "kind": s.kind, "probability": str(s.probability)} for s in STAGES]
    play.do("PublishPipeline", pipeline_id=FUNNEL, name="sales", stages=stages)
    play.do("RegisterProduct", product_id=PRODUCTS[0], sku="HP-40")
    play.do("CaptureLead", lead_id=LEADS[0], email="ann@example.org", owner="bob")
    play.do("OpenOpportunity", opportunity_id=DEALS[0], pipeline_id=FUNNEL, amount="500")
    lines = [{"quantity": "3", "amount": "10"}, {"quantity": "2", "unit_price": "0.333333"}]
    play.do("PlaceOrder", order_id=ORDERS[0], lines=lines)
    play.do("ConfirmOrder", order_id=ORDERS[0])
    return play


def ask(play: Play, name: str, body: dict[str, Any]) -> list[Any] | str:
    """What is recorded, or why nothing is; a body no command can have is refused as well."""
    before = {id: len(events) for id, events in play.events.items()}
    try:
        told = play.do(name, **body)
    except ValidationError:
        return "invalid"
    if isinstance(told, str):
        assert before == {id: len(events) for id, events in play.events.items()}
    return told


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
@given(st.data(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_asking_anything_is_answered_or_refused(
    module: Any, data: st.DataObject, is_history: Any
) -> None:
    play = played(is_history=is_history)
    for name, body in data.draw(ASKED[module]):
        told = ask(play, name, body)
        if isinstance(told, str):
            is_sense = told == "invalid" or told.endswith((*MISSING, *SENSELESS))
            assert not is_history or is_sense, told
            continue
        assert is_history or play.findings == []
        if not name.startswith(("Open", "Place", "Capture", "Register")) and name not in REPEATS:
            assert play.do(name, **body) == []


@given(DEALS_ASKED, st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_pipeline_is_the_sum_of_what_each_event_takes_away_and_adds(
    asks: Any, is_history: Any
) -> None:
    play = played(is_history=is_history)
    for name, body in asks:
        ask(play, name, body)
    for events in play.lives():
        if isinstance(events[0], Opportunity.Opened):
            _follows_itself(events)


COUNTED = ("status", "stage", "owner", "amount", "probability", "close_on", "customer_id")
DECIDED = {Opportunity.Won: "won", Opportunity.Lost: "lost", Opportunity.Abandoned: "abandoned"}
STATUS = {**DECIDED, Opportunity.Held: "on_hold", **dict.fromkeys(
    (Opportunity.Resumed, Opportunity.Reopened), "open",
)}  # fmt: skip


def _follows_itself(events: list[Any]) -> None:
    """Each event tells as before what the one before it told as after."""
    opened = events[0]
    stands: dict[str, Any] = {
        "status": "open", "stage": opened.stage, "owner": opened.owner, "amount": opened.amount,
        "probability": opened.probability, "close_on": opened.expected_close_on,
        "customer_id": opened.customer_id,
    }  # fmt: skip
    is_gone = False
    for event in events[1:]:
        if isinstance(event, Opportunity.CompetitorLinked):
            continue
        told = vars(event)
        before = {**_before(told), "status": event.from_status}
        expected = {**stands, "status": None} if is_gone else stands
        assert before == {name: expected[name] for name in before}
        is_gone = is_gone or isinstance(event, Opportunity.Retracted)
        stands = {**stands, **_after(event, told)}


def _before(told: dict[str, Any]) -> dict[str, Any]:
    names = ("stage", "owner", "amount", "probability", "customer_id")
    before = {name: told.get(f"from_{name}", told.get(name)) for name in names}
    return {**before, "close_on": told["expected_close_on"]}


def _after(event: Any, told: dict[str, Any]) -> dict[str, Any]:
    names = ("stage", "owner", "amount", "probability", "customer_id")
    after = {name: told[f"to_{name}"] for name in names if f"to_{name}" in told}
    after |= {name: told[name] for name in names if name in told and f"from_{name}" in told}
    if isinstance(event, Opportunity.CloseDateMoved):
        after["close_on"] = event.to_date
    if type(event) in STATUS:
        after["status"] = STATUS[type(event)]
    if type(event) in DECIDED:
        after["probability"] = Decimal(event.__class__ is Opportunity.Won)
    return after


@given(ASKED[order], st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_order_gives_more_money_back_than_it_took(asks: Any, is_history: Any) -> None:
    play = played(is_history=is_history)
    for name, body in asks:
        ask(play, name, body)
    for placed, *later in play.lives():
        if not isinstance(placed, Order.Placed):
            continue
        is_whole = placed.kind is OrderKind.SALE and all(
            line.quantity >= 0 and line.amount >= 0 for line in placed.lines
        )
        taken = [event for event in later if hasattr(event, "placed_at")]
        left = placed.amount - sum(event.amount for event in taken)
        is_void = any(isinstance(event, (Order.Cancelled, Order.Retracted)) for event in taken)
        assert not is_void or left == 0
        assert not is_whole or left >= 0
        for number, line in enumerate(placed.lines, start=1):
            pieces = [p for event in taken for p in event.lines if p.line == number]
            assert not is_whole or sum(p.amount for p in pieces) <= line.amount
            assert is_history or sum(p.quantity for p in pieces) <= max(line.quantity, 0)


@given(LEADS_ASKED)
@settings(max_examples=100, deadline=None)
def test_a_lead_is_converted_once_after_all_its_steps(asks: Any) -> None:
    play = played(is_history=False)
    for name, body in asks:
        ask(play, name, body)
    for events in play.lives():
        converted = [n for n, event in enumerate(events) if isinstance(event, Lead.Converted)]
        assert len(converted) <= 1
        for n in converted:
            assert any(isinstance(event, Lead.Qualified) for event in events[:n])
            assert events[n].owner is not None
            assert all(isinstance(event, (Lead.Retracted,)) for event in events[n + 1 :])
