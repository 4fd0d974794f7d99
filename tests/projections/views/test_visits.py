"""Visits: the plan, what took place, and what came of it."""

from __future__ import annotations

from datetime import timedelta

from crm_es.projections.views.customer_360 import document
from crm_es.projections.views.visits import planned_visits, visits
from scene import ANN, NOON, Scene, day, nth


def test_a_visit_goes_from_its_plan_to_its_report(scene: Scene) -> None:
    scene.do("PlanVisit", visit_id=nth(1), customer_id=ANN, agent="eve", planned_at=day(-2))
    scene.do("CheckInVisit", visit_id=nth(1), at=day(-2))
    scene.do("CheckOutVisit", visit_id=nth(1), at=day(-1.9))
    scene.do("ReportVisit", visit_id=nth(1), report="Fine.", outcome="interested")
    with scene.views() as db:
        (visit,) = visits(db, agent="eve").items
        ann = document(db, ANN, NOON)
    assert (visit["state"], visit["outcome"], visit["seconds"]) == ("reported", "interested", 8640)
    assert visit["report"].startswith("~1.")
    assert ann is not None
    assert ann["last_contact"] == {"kind": "visit", "id": str(nth(1)), "at": day(-2)[:19] + "Z"}


def test_planned_visits_come_in_the_order_of_their_time(scene: Scene) -> None:
    for n in (3, 1, 2):
        scene.do("PlanVisit", visit_id=nth(n), customer_id=ANN, agent="eve", planned_at=day(n))
    scene.do("CancelVisit", visit_id=nth(2), reason="away")
    scene.do("RescheduleVisit", visit_id=nth(1), planned_at=day(9))
    with scene.views() as db:
        assert [v["id"] for v in planned_visits(db).items] == [str(nth(3)), str(nth(1))]
        soon = planned_visits(db, until=NOON + timedelta(days=5))
        assert [v["id"] for v in soon.items] == [str(nth(3))]
        late = planned_visits(db, since=NOON + timedelta(days=5))
        assert [v["id"] for v in late.items] == [str(nth(1))]
        ann = document(db, ANN, NOON)
    assert ann is not None
    assert ann["next_contact"]["id"] == str(nth(3))
    assert ann["last_contact"] is None


def test_a_visit_told_afterwards_shows_some_of_what_was_left(scene: Scene) -> None:
    lines = [{"product": f"P{n}", "quantity": "1", "value": "2.5"} for n in range(30)]
    scene.do("RecordVisit", visit_id=nth(1), customer_id=ANN, lines=lines, at=day(-1))
    with scene.views() as db:
        (visit,) = visits(db, customer=ANN).items
    assert (len(visit["lines"]), visit["line_count"]) == (20, 30)
    assert (visit["value"], visit["currency"]) == ("75", "EUR")
