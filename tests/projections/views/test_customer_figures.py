"""What a customer comes to is the sum of its rows, whatever happens to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from crm_es.projections.views import (
    activities,
    affiliations,
    calls,
    campaign_members,
    cases,
    interactions,
    leads,
    opportunities,
    orders,
    visits,
    web_sessions,
)
from crm_es.projections.views.base import View
from crm_es.projections.views.customer_360 import document
from crm_es.projections.views.customer_figures import FIGURES, figures
from histories import History
from scene import ANN, NOON, Scene, day, nth
from view_builds import built, reading
from world import World

Counts = dict[str, Any]
_SETTLED = {"resolved", "closed", "duplicate", "rejected"}


def of_call(state: Counts) -> Counts:
    is_missed = state["result"] == "missed"
    return {"calls": 1, "call_seconds": state["seconds"] or 0, "calls_missed": is_missed}


def of_session(state: Counts) -> Counts:
    return {"sessions": 1, "pages": state["pages"] or 0}


def of_case(state: Counts) -> Counts:
    return {"cases": 1, "cases_open": state["state"] not in _SETTLED}


def of_member(state: Counts) -> Counts:
    values = {f"response_value {name}": Decimal(text) for name, text in state["values"].items()}
    counts = {"campaigns": 1, "touches": state["touches"], "responses": state["responses"]}
    return counts | values


def of_order(state: Counts) -> Counts:
    is_bought = state["kind"] == "sale" and state["status"] != "cancelled"
    revenue = {f"revenue {state['currency']}": Decimal(state["amount"])}
    return {"orders": 1, "purchases": is_bought} | revenue


def of_deal(state: Counts) -> Counts:
    status = {"on_hold": "open", "abandoned": "lost"}.get(state["status"], state["status"])
    counts: Counts = {f"opportunities_{status}": 1}
    if status != "lost":
        counts[f"{status}_amount {state['currency']}"] = Decimal(state["amount"] or 0)
    return counts


COUNTED: tuple[tuple[View, Callable[[Counts], Counts]], ...] = (
    (leads.VIEW, lambda _: {"leads": 1}),
    (orders.VIEW, of_order),
    (opportunities.VIEW, of_deal),
    (calls.VIEW, of_call),
    (visits.VIEW, lambda _: {"visits": 1}),
    (interactions.VIEW, lambda _: {"interactions": 1}),
    (web_sessions.VIEW, of_session),
    (cases.VIEW, of_case),
    (activities.VIEW, lambda _: {"activities": 1}),
    (campaign_members.VIEW, of_member),
    (affiliations.VIEW, lambda _: {"affiliations": 1}),
)
WHOSE = ("customer_id", "person_id", "organisation_id")


def of_rows(db: sa.Connection) -> dict[str, Counter[str]]:
    """By customer, what the figures should be: counted over the rows themselves."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for view, counts in COUNTED:
        for (text,) in db.execute(sa.select(view.table.c.state)):
            state = orjson.loads(text)
            for customer in {state[name] for name in WHOSE if state.get(name) is not None}:
                found[customer].update(counts(state))
    return {customer: +counted for customer, counted in found.items() if +counted}


def told(db: sa.Connection) -> dict[str, Counter[str]]:
    """By customer, the figures as the view has them, without those that rows do not tell."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, state in db.execute(sa.select(FIGURES.c.key, FIGURES.c.state)):
        counted = found[str(UUID(bytes=key))]
        for name, value in figures(orjson.loads(state)).items():
            if isinstance(value, dict):
                counted.update({f"{name} {c}": Decimal(text) for c, text in value.items()})
            else:
                counted[name] = value
        for name in ("events", "returned EUR", "returned USD"):
            del counted[name]
    return {customer: +counted for customer, counted in found.items() if +counted}


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_the_sums_of_the_rows(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    History(world, seed, history=0).run(6_000)
    with reading(built(tmp_path / "views", world.log)) as db:
        assert told(db) == of_rows(db)


def test_lifetime_value_is_by_currency_and_without_what_came_back(scene: Scene) -> None:
    for n, (amount, currency) in enumerate((("10.5", "EUR"), ("4.25", "EUR"), ("7", "USD"))):
        scene.do(
            "PlaceOrder", order_id=nth(n), customer_id=ANN, currency=currency,
            lines=[{"quantity": "1", "amount": amount}],
        )  # fmt: skip
    for step in ("ConfirmOrder", "ShipOrder", "DeliverOrder"):
        scene.do(step, order_id=nth(0))
    scene.do("ReturnOrderLines", order_id=nth(0), lines=[{"line": 1, "quantity": "0.5"}])
    scene.do("CancelOrder", order_id=nth(2), reason="too late")
    with scene.views() as db:
        ann = document(db, ANN, NOON)
    assert ann is not None
    assert ann["figures"]["revenue"] == {"EUR": "9.5", "USD": "0"}
    assert ann["figures"]["returned"] == {"EUR": "5.25"}
    assert (ann["figures"]["orders"], ann["figures"]["purchases"]) == (3, 2)


def amounts(scene: Scene, *names: str) -> list[Any]:
    with scene.views() as db:
        ann = document(db, ANN, NOON)
    assert ann is not None
    return [ann["figures"][name] for name in names]


def test_a_deal_counts_where_it_stands_with_what_it_is_worth_there(scene: Scene) -> None:
    stages = [{"name": "new"}, {"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"}]
    scene.do("PublishPipeline", pipeline_id=nth(9), name="sales", stages=stages, at=day(-9))
    names = (
        "opportunities_open", "opportunities_won", "opportunities_lost", "open_amount",
        "won_amount",
    )  # fmt: skip
    deal = {"opportunity_id": nth(1)}
    seen = []
    for step, body in (
        ("OpenOpportunity", {"pipeline_id": nth(9), "customer_id": ANN, "amount": "10"}),
        ("ReviseOpportunityAmount", {"amount": "12.5"}),
        ("HoldOpportunity", {"reason": "budget"}),
        ("WinOpportunity", {"amount": "14", "without_order": True}),
        ("ReopenOpportunity", {"reason": "not signed"}),
        ("LoseOpportunity", {"reason": "price"}),
        ("RetractOpportunity", {"reason": "mistake"}),
    ):  # fmt: skip
        scene.do(step, **deal, **body)
        seen.append(amounts(scene, *names))
    assert seen == [
        [1, 0, 0, {"EUR": "10"}, {}],
        [1, 0, 0, {"EUR": "12.5"}, {}],
        [1, 0, 0, {"EUR": "12.5"}, {}],
        [0, 1, 0, {"EUR": "0"}, {"EUR": "14"}],
        [1, 0, 0, {"EUR": "14"}, {"EUR": "0"}],
        [0, 0, 1, {"EUR": "0"}, {"EUR": "0"}],
        [0, 0, 0, {"EUR": "0"}, {"EUR": "0"}],
    ]


def test_history_that_decides_twice_is_counted_once(scene: Scene) -> None:
    stages = [{"name": "new"}, {"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"}]
    scene.do("PublishPipeline", pipeline_id=nth(9), name="sales", stages=stages, at=day(-9))
    scene.tell("OpenOpportunity", opportunity_id=nth(1), pipeline_id=nth(9), customer_id=ANN)
    for step in ("LoseOpportunity", "WinOpportunity", "HoldOpportunity", "ResumeOpportunity"):
        reason = {} if step in {"WinOpportunity", "ResumeOpportunity"} else {"reason": "price"}
        scene.tell(step, opportunity_id=nth(1), **reason)
    names = ("opportunities_open", "opportunities_won", "opportunities_lost")
    assert amounts(scene, *names) == [1, 0, 0]


def test_a_deal_out_of_a_lead_becomes_the_customers(scene: Scene) -> None:
    stages = [{"name": "new"}, {"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"}]
    scene.do("PublishPipeline", pipeline_id=nth(9), name="sales", stages=stages, at=day(-9))
    scene.do("OpenOpportunity", opportunity_id=nth(1), pipeline_id=nth(9), amount="10")
    scene.do("CaptureLead", lead_id=nth(2), owner="eve", email="ann@example.org")
    scene.do("QualifyLead", lead_id=nth(2))
    assert amounts(scene, "leads", "open_amount") == [0, {}]
    scene.do("ConvertLead", lead_id=nth(2), customer_id=ANN, opportunity_id=nth(1))
    assert amounts(scene, "leads", "open_amount") == [1, {"EUR": "10"}]


def test_a_member_takes_touches_and_responses_with_it(scene: Scene) -> None:
    scene.do("PlanCampaign", campaign_id=nth(1), name="Spring", at=day(-30))
    scene.do("ApproveCampaignBudget", campaign_id=nth(1), budget="10", at=day(-29))
    scene.do("LaunchCampaign", campaign_id=nth(1), at=day(-28))
    member = {"campaign_id": nth(1), "customer_id": ANN}
    names = ("campaigns", "touches", "responses", "response_value")
    scene.do("TargetMember", **member)
    for wave in ("first", "second"):
        scene.do("RecordTouch", **member, wave=wave)
    scene.do("RecordResponse", **member, response_id=nth(2), kind="visit", value="3")
    assert amounts(scene, *names) == [1, 2, 1, {"EUR": "3"}]
    scene.do("ReclassifyResponse", **member, response_id=nth(2), evidence="bot")
    assert amounts(scene, *names) == [1, 2, 0, {"EUR": "0"}]
    scene.do("RetractMember", **member, reason="mistake")
    assert amounts(scene, *names) == [0, 0, 0, {"EUR": "0"}]


def test_a_stub_has_figures_and_no_profile(scene: Scene) -> None:
    scene.tell("RecordCall", call_id=nth(1), customer_id=nth(9), direction="inbound", at=day(-1))
    with scene.views() as db:
        stub = document(db, nth(9), NOON)
        assert document(db, nth(8), NOON) is None
    assert stub is not None
    assert (stub["is_registered"], stub["profile"]) == (False, None)
    assert stub["figures"]["calls"] == 1
