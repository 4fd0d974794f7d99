"""The queue of cases, and where each of them stands."""

from __future__ import annotations

from typing import Any

from crm_es.projections.views.cases import case_counts, cases
from crm_es.projections.views.customer_360 import document
from scene import ANN, BOB, NOON, Scene, day, nth


def open_(scene: Scene, n: int, **more: Any) -> None:
    scene.do("OpenCase", **{"case_id": nth(n), "kind": "complaint", "customer_id": ANN, **more})


def queue(scene: Scene, **asked: Any) -> list[str]:
    with scene.views() as db:
        return [row["id"] for row in cases(db, **asked).items]


def test_a_case_goes_from_new_to_closed(scene: Scene) -> None:
    open_(scene, 1, at=day(-9))
    seen = []
    for step, body in (
        ("AssignCase", {"assignee": "eve", "group": "north"}), ("StartCase", {}),
        ("PendCase", {"on": "customer"}), ("ResumeCase", {}), ("ResolveCase", {"code": "fixed"}),
        ("ReopenCase", {}), ("StartCase", {}), ("ResolveCase", {"code": "replaced"}),
        ("CloseCase", {}),
    ):  # fmt: skip
        scene.do(step, case_id=nth(1), **body)
        with scene.views() as db:
            (case,) = cases(db, number=None).items
        seen.append((case["state"], case["pending_on"], case["resolution"]))
    assert seen == [
        ("assigned", None, None), ("in_progress", None, None), ("pending", "customer", None),
        ("in_progress", None, None), ("resolved", None, "fixed"), ("reopened", None, None),
        ("in_progress", None, None), ("resolved", None, "replaced"), ("closed", None, "replaced"),
    ]  # fmt: skip
    assert (case["reopenings"], case["assignee"], case["group"]) == (1, "eve", "north")
    assert case["responded_at"] is not None


def test_the_queue_is_by_state_age_assignee_group_and_priority(scene: Scene) -> None:
    open_(scene, 1, at=day(-3), priority="high", assignee="eve", group="north")
    open_(scene, 2, at=day(-2), priority="low", number="C-7")
    open_(scene, 3, at=day(-1), kind="incident", customer_id=BOB)
    assert queue(scene, by="age") == [str(nth(n)) for n in (1, 2, 3)]
    assert queue(scene) == [str(nth(n)) for n in (3, 2, 1)]
    for asked in (
        {"state": "assigned"}, {"assignee": "eve"}, {"group": "north"}, {"priority": "high"},
    ):  # fmt: skip
        assert queue(scene, **asked) == [str(nth(1))], asked
    assert queue(scene, number="C-7") == [str(nth(2))]
    assert queue(scene, kind="incident") == queue(scene, customer=BOB) == [str(nth(3))]
    with scene.views() as db:
        assert case_counts(db) == {"assigned": 1, "new": 2}
        assert case_counts(db, assignee="eve") == {"assigned": 1}


def test_the_longest_silent_come_first_when_that_is_asked(scene: Scene) -> None:
    open_(scene, 1, at=day(-5))
    open_(scene, 2, at=day(-4))
    scene.do("RouteCase", case_id=nth(1), group="north", at=day(-1))
    assert queue(scene, by="silence") == [str(nth(2)), str(nth(1))]


def test_what_a_source_reports_stays_until_it_says_otherwise(scene: Scene) -> None:
    open_(scene, 1, at=day(-9))
    scene.tell("RecordCaseUpdate", case_id=nth(1), state="pending", is_in_sla=True, reopenings=2)
    scene.tell("RecordCaseUpdate", case_id=nth(1), state="closed", source_state="Closed")
    with scene.views() as db:
        (case,) = cases(db).items
    assert (case["state"], case["source_state"]) == ("closed", "Closed")
    assert (case["is_in_sla"], case["reopenings"]) == (True, 2)


def test_open_and_past_cases_are_told_apart_in_the_document(scene: Scene) -> None:
    open_(scene, 1)
    open_(scene, 2)
    scene.do("RejectCase", case_id=nth(2), reason="not ours")
    with scene.views() as db:
        ann = document(db, ANN, NOON)
    assert ann is not None
    assert [case["id"] for case in ann["open_cases"]] == [str(nth(1))]
    assert [case["id"] for case in ann["past_cases"]] == [str(nth(2))]
    assert (ann["figures"]["cases"], ann["figures"]["cases_open"]) == (2, 1)
    scene.do("ReattributeCase", case_id=nth(1), customer_id=BOB)
    with scene.views() as db:
        ann, bob = document(db, ANN, NOON), document(db, BOB, NOON)
    assert ann is not None
    assert bob is not None
    assert (ann["figures"]["cases_open"], bob["figures"]["cases_open"]) == (0, 1)
