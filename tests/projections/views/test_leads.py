"""Leads: the queue, and the funnel."""

from __future__ import annotations

from typing import Any

from crm_es.projections.views.leads import funnel, leads
from scene import ANN, Scene, day, nth


def capture(scene: Scene, number: int, **more: Any) -> None:
    scene.do("CaptureLead", **{"lead_id": nth(number), "email": "x@example.org", **more})


def test_the_queue_goes_by_score_age_or_newness(scene: Scene) -> None:
    capture(scene, 1, at=day(-3), origin="web")
    capture(scene, 2, at=day(-2), origin="fair")
    capture(scene, 3, at=day(-1), owner="eve")
    scene.do("ScoreLead", lead_id=nth(1), score=40)
    scene.do("ScoreLead", lead_id=nth(2), score=90)
    with scene.views() as db:
        newest, oldest, best = (
            [row["id"] for row in leads(db, by=by).items] for by in ("newest", "age", "score")
        )
        assert newest == oldest[::-1] == [str(nth(n)) for n in (3, 2, 1)]
        assert best == [str(nth(n)) for n in (2, 1, 3)]
        assert [row["id"] for row in leads(db, score_at_least=50).items] == [str(nth(2))]
        assert [row["id"] for row in leads(db, origin="web").items] == [str(nth(1))]
        assert [row["id"] for row in leads(db, stage="assigned").items] == [str(nth(3))]


def test_converting_gives_a_lead_to_the_customer_it_became(scene: Scene) -> None:
    capture(scene, 1, owner="eve")
    scene.do("QualifyLead", lead_id=nth(1))
    scene.do("ConvertLead", lead_id=nth(1), customer_id=ANN)
    with scene.views() as db:
        (lead,) = leads(db, customer=ANN).items
    assert (lead["stage"], lead["customer_id"]) == ("converted", str(ANN))


def test_the_funnel_counts_how_far_each_lead_ever_got(scene: Scene) -> None:
    for number in range(4):
        capture(scene, number, origin="web")
    for number in range(1, 4):
        scene.do("AssignLead", lead_id=nth(number), owner="eve")
    for number in range(2, 4):
        scene.do("QualifyLead", lead_id=nth(number))
    scene.do("ConvertLead", lead_id=nth(3), customer_id=ANN)
    scene.do("DisqualifyLead", lead_id=nth(2), reason="no interest")
    with scene.views() as db:
        told = funnel(db)
        assert funnel(db, origin="fair")["steps"][0]["leads"] == 0
    assert [(step["step"], step["leads"]) for step in told["steps"]] == [
        ("captured", 4), ("assigned", 3), ("in_process", 2), ("qualified", 2), ("converted", 1),
    ]  # fmt: skip
    assert told["stages"] == {
        "new": 1, "assigned": 1, "in_process": 0, "qualified": 0, "converted": 1, "recycled": 0,
        "dead": 1,
    }  # fmt: skip


def test_a_lead_taken_back_is_gone(scene: Scene) -> None:
    capture(scene, 1)
    scene.do("RetractLead", lead_id=nth(1), reason="mistake")
    with scene.views() as db:
        assert leads(db).items == []
        assert funnel(db)["steps"][0]["leads"] == 0
