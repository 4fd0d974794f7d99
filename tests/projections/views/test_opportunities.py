"""Deals: single ones, the board, those that slipped or lie still, and how one moved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm_es.projections.views.opportunities import opportunities, slipped, stale
from crm_es.projections.views.pipelines import board, pipelines
from crm_es.projections.views.stream_stories import stage_history
from scene import ANN, NOON, Scene, day, nth

PIPELINE, TODAY = nth(100), date(2026, 2, 1)
STAGES = [
    {"name": "new", "probability": "0.1"}, {"name": "offer", "probability": "0.5"},
    {"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def pipeline(scene: Scene) -> None:
    scene.do("PublishPipeline", pipeline_id=PIPELINE, name="sales", stages=STAGES, at=day(-90))


def open_(scene: Scene, number: int, **more: Any) -> None:
    deal = {"pipeline_id": PIPELINE, "customer_id": ANN, "amount": "100", **more}
    scene.do("OpenOpportunity", opportunity_id=nth(number), **deal)


def one(db: sa.Connection) -> dict[str, Any]:
    (deal,) = opportunities(db).items
    return deal


def test_a_deal_is_won_and_reopened(scene: Scene) -> None:
    open_(scene, 1, owner="eve")
    scene.do("MoveOpportunity", opportunity_id=nth(1), stage="offer")
    scene.do("ReviseOpportunityAmount", opportunity_id=nth(1), amount="120")
    scene.do("WinOpportunity", opportunity_id=nth(1), without_order=True, amount="130.5")
    with scene.views() as db:
        deal = one(db)
    assert (deal["status"], deal["stage"], deal["amount"]) == ("won", "won", "130.5")
    assert deal["decided_at"] is not None
    scene.do("ReopenOpportunity", opportunity_id=nth(1), reason="not signed", stage="offer")
    with scene.views() as db:
        deal = one(db)
    assert (deal["status"], deal["stage"], deal["probability"]) == ("open", "offer", "0.5")
    assert deal["decided_at"] is None


def test_a_lost_deal_says_to_whom_and_why(scene: Scene) -> None:
    open_(scene, 1)
    scene.do("LoseOpportunity", opportunity_id=nth(1), reason="price", competitor="Rival")
    with scene.views() as db:
        deal = one(db)
    assert (deal["status"], deal["reason"], deal["competitors"]) == ("lost", "price", ["Rival"])


def test_deals_are_listed_by_what_is_asked(scene: Scene) -> None:
    open_(scene, 1, owner="eve")
    open_(scene, 2, owner="bob", customer_id=None)
    scene.do("AbandonOpportunity", opportunity_id=nth(2), reason="no need")
    with scene.views() as db:
        for asked in ({"owner": "eve"}, {"is_open": True}, {"status": "open"}, {"customer": ANN}):
            assert [d["id"] for d in opportunities(db, **asked).items] == [str(nth(1))]
        assert [d["id"] for d in opportunities(db, is_open=False).items] == [str(nth(2))]


def test_the_board_sums_each_stage_plain_and_weighted_by_currency(scene: Scene) -> None:
    open_(scene, 1, amount="100.01")
    open_(scene, 2, amount="200.02", currency="USD")
    open_(scene, 3, amount="0.03", stage="offer")
    open_(scene, 4, amount=None, stage="offer")
    scene.do("HoldOpportunity", opportunity_id=nth(4), reason="budget")
    open_(scene, 5, amount="50")
    scene.do("WinOpportunity", opportunity_id=nth(5), without_order=True)
    open_(scene, 6, amount="7")
    scene.do("AbandonOpportunity", opportunity_id=nth(6), reason="no need")
    with scene.views() as db:
        shown = board(db, PIPELINE, TODAY, "EUR")
    assert shown is not None
    stages = {column["stage"]: column for column in shown["stages"]}
    assert list(stages) == ["new", "offer", "won", "lost"]
    assert stages["new"]["amounts"] == {
        "EUR": {"amount": "100.01", "weighted": "10.001"},
        "USD": {"amount": "200.02", "weighted": "20.002"},
    }
    assert (stages["offer"]["deals"], stages["offer"]["on_hold"]) == (2, 1)
    assert stages["offer"]["amounts"] == {"EUR": {"amount": "0.03", "weighted": "0.015"}}
    assert (stages["won"]["deals"], stages["lost"]["deals"]) == (1, 0)
    assert shown["open"]["deals"] == 4
    assert shown["open"]["amounts"]["EUR"] == {"amount": "100.04", "weighted": "10.016"}
    assert shown["abandoned"]["amounts"] == {"EUR": {"amount": "7", "weighted": "0"}}


def test_the_board_reports_in_one_currency_at_the_rates_of_the_day(scene: Scene) -> None:
    for n, currency in enumerate(("EUR", "USD", "JPY", "CHF"), start=1):
        open_(scene, n, amount="100", currency=currency)
    for on, rate in (("2026-01-01", "0.9"), ("2026-02-01", "0.8"), ("2026-03-01", "0.1")):
        scene.do("PublishExchangeRate", currency="USD", valid_on=on, rate=rate)
    scene.do("PublishExchangeRate", currency="JPY", valid_on="2026-01-01", rate="0.5", units=100)
    with scene.views() as db:
        shown = board(db, PIPELINE, date(2026, 2, 28), "EUR")
    assert shown is not None
    assert shown["open"]["reported"] == {
        "currency": "EUR", "amount": "180.5", "weighted": "18.05", "without_rate": ["CHF"],
    }  # fmt: skip


def test_the_board_weighs_by_the_probability_a_deal_was_given(scene: Scene) -> None:
    open_(scene, 1)
    scene.do("OverrideProbability", opportunity_id=nth(1), probability="0.9", reason="verbal yes")
    with scene.views() as db:
        shown = board(db, PIPELINE, TODAY, "EUR")
        assert shown is not None
        assert board(db, PIPELINE, TODAY, "EUR", owner="nobody") is not None
        assert board(db, nth(999), TODAY, "EUR") is None
    assert shown["stages"][0]["amounts"]["EUR"] == {"amount": "100", "weighted": "90"}


def test_deals_on_a_stage_that_is_gone_stand_behind_the_others(scene: Scene) -> None:
    open_(scene, 1, stage="offer")
    fewer = [stage for stage in STAGES if stage["name"] != "offer"]
    scene.do("PublishPipeline", pipeline_id=PIPELINE, name="sales", stages=fewer)
    with scene.views() as db:
        shown = board(db, PIPELINE, TODAY, "EUR")
        (pipeline,) = pipelines(db).items
    assert shown is not None
    assert (pipeline["edition"], shown["edition"]) == (2, 2)
    assert [(s["stage"], s["deals"]) for s in shown["stages"]] == [
        ("new", 0), ("won", 0), ("lost", 0), ("offer", 1),
    ]  # fmt: skip


def test_slipped_deals_are_past_their_day_or_were_pushed(scene: Scene) -> None:
    open_(scene, 1, expected_close_on="2025-12-20", owner="eve")
    open_(scene, 2, expected_close_on="2025-12-10")
    open_(scene, 3, expected_close_on="2026-02-01")
    open_(scene, 4, expected_close_on="2025-12-01")
    open_(scene, 5)
    scene.do("MoveCloseDate", opportunity_id=nth(3), expected_close_on="2026-03-01")
    scene.do("WinOpportunity", opportunity_id=nth(4), without_order=True)
    today = date(2026, 1, 1)
    with scene.views() as db:
        assert [d["id"] for d in slipped(db, today).items] == [str(nth(2)), str(nth(1))]
        assert [d["id"] for d in slipped(db, today, owner="eve").items] == [str(nth(1))]
        assert [d["id"] for d in slipped(db, date(2025, 12, 20)).items] == [str(nth(2))]
        (pushed,) = slipped(db, today, pushed=True).items
    assert (pushed["id"], pushed["pushes"]) == (str(nth(3)), 1)


def test_a_deal_is_stale_when_nothing_was_heard_of_it_not_when_something_is_told_late(
    scene: Scene,
) -> None:
    open_(scene, 1, at=day(-40))
    open_(scene, 2, at=day(-50))
    scene.do("MoveOpportunity", opportunity_id=nth(2), stage="offer", at=day(-5))
    scene.do("AssignOpportunity", opportunity_id=nth(2), owner="eve", at=day(-45))
    with scene.views() as db:
        assert [d["id"] for d in stale(db, NOON - timedelta(days=30)).items] == [str(nth(1))]
        assert [d["id"] for d in stale(db, NOON).items] == [str(nth(1)), str(nth(2))]


def test_a_stage_history_says_how_long_a_deal_stood_where(scene: Scene) -> None:
    open_(scene, 1, at=day(-10))
    scene.do("MoveOpportunity", opportunity_id=nth(1), stage="offer", at=day(-8))
    scene.do("OverrideProbability", opportunity_id=nth(1), probability="0.9", reason="yes")
    scene.do("LoseOpportunity", opportunity_id=nth(1), reason="price", at=day(-1))
    stays = stage_history(scene.world.log, nth(1))
    assert [(s["stage"], s["event"], s["seconds"]) for s in stays] == [
        ("new", "opened", 2 * 86_400), ("offer", "stage_advanced", 7 * 86_400),
        ("lost", "lost", None),
    ]  # fmt: skip
