"""The calendar of who means to do what, and what is overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_es.projections.views.activities import activities, calendar, overdue
from crm_es.projections.views.customer_360 import document
from scene import ANN, NOON, Scene, day, nth


def plan(scene: Scene, n: int, when: float, **more: Any) -> None:
    task = {"activity_id": nth(n), "kind": "task", "owner": "eve", "planned_at": day(when), **more}
    scene.do("ScheduleActivity", **task)


def test_a_calendar_is_in_the_order_of_its_times(scene: Scene) -> None:
    plan(scene, 1, 3)
    plan(scene, 2, 1)
    plan(scene, 3, 2, owner="bob")
    plan(scene, 4, 20)
    scene.do("RescheduleActivity", activity_id=nth(1), planned_at=day(0.5))
    with scene.views() as db:
        week = calendar(db, "eve", NOON, NOON + timedelta(days=7)).items
        assert calendar(db, "eve", NOON, NOON + timedelta(days=7), state="done").items == []
    assert [task["id"] for task in week] == [str(nth(1)), str(nth(2))]


def test_what_was_planned_for_before_and_not_begun_is_overdue(scene: Scene) -> None:
    for n in (1, 2, 3, 4):
        plan(scene, n, n)
    scene.do("StartActivity", activity_id=nth(2))
    with scene.views() as db:
        late = overdue(db, NOON + timedelta(days=3, hours=1))
        assert [task["id"] for task in late.items] == [str(nth(1)), str(nth(3))]
        assert overdue(db, NOON).items == []
        assert overdue(db, NOON + timedelta(days=9), owner="bob").items == []


def test_an_activity_is_begun_and_done(scene: Scene) -> None:
    plan(scene, 1, 1, customer_id=ANN, about_kind="customer", about_id=ANN)
    scene.do("StartActivity", activity_id=nth(1), by="bob")
    scene.do("CompleteActivity", activity_id=nth(1), outcome="reached", by="bob")
    with scene.views() as db:
        for asked in ({"customer": ANN}, {"about": ANN}, {"owner": "eve"}, {"state": "done"}):
            (done,) = activities(db, **asked).items
    assert (done["outcome"], done["done_by"]) == ("reached", "bob")
    assert done["started_at"] <= done["done_at"]


def test_the_next_planned_contact_is_the_first_still_to_come(scene: Scene) -> None:
    plan(scene, 1, 5, customer_id=ANN)
    plan(scene, 2, 2, customer_id=ANN)
    with scene.views() as db:
        early = document(db, ANN, NOON)
        later = document(db, ANN, NOON + timedelta(days=3))
    assert early is not None
    assert later is not None
    assert early["next_contact"] == {"kind": "task", "id": str(nth(2)), "at": day(2)[:19] + "Z"}
    assert later["next_contact"]["id"] == str(nth(1))
    assert [task["id"] for task in later["planned_activities"]] == [str(nth(2)), str(nth(1))]
