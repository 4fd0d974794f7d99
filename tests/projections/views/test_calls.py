"""The log of calls, and those that wait to be called back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm_es.projections.views.calls import calls, missed_calls
from crm_es.projections.views.customer_360 import document
from scene import ANN, BOB, NOON, Scene, day, nth


def record(scene: Scene, n: int, **more: Any) -> None:
    call = {"call_id": nth(n), "customer_id": ANN, "direction": "inbound", **more}
    scene.do("RecordCall", **call)


def listed(scene: Scene, **asked: Any) -> list[str]:
    with scene.views() as db:
        return [row["id"] for row in calls(db, **asked).items]


def test_a_call_goes_from_ringing_to_its_end(scene: Scene) -> None:
    scene.do("StartCall", call_id=nth(1), customer_id=ANN, direction="inbound", at=day(-1))
    seen = []
    for step, body in (
        ("AnswerCall", {"agent": "eve"}), ("HoldCall", {}), ("ResumeCall", {}),
        ("TransferCall", {"agent": "bob"}), ("EndCall", {}),
    ):  # fmt: skip
        with scene.views() as db:
            (row,) = calls(db).items
        seen.append((row["state"], row["agent"]))
        scene.do(step, call_id=nth(1), **body)
    assert seen == [
        ("ringing", None), ("in_progress", "eve"), ("on_hold", "eve"), ("in_progress", "eve"),
        ("in_progress", "bob"),
    ]  # fmt: skip
    with scene.views() as db:
        (row,) = calls(db).items
    assert (row["state"], row["result"], row["agent"]) == ("ended", "answered", "bob")


def test_the_log_is_by_agent_direction_outcome_customer_and_time(scene: Scene) -> None:
    record(scene, 1, agent="eve", outcome="sold", seconds=9, at=day(-3))
    record(scene, 2, customer_id=BOB, direction="outbound", result="busy", at=day(-2))
    record(scene, 3, customer_id=None, at=day(-1))
    assert listed(scene) == [str(nth(n)) for n in (3, 2, 1)]
    for asked in (
        {"agent": "eve"}, {"outcome": "sold"}, {"customer": ANN}, {"result": "answered"},
        {"until": NOON - timedelta(days=2)},
    ):  # fmt: skip
        assert listed(scene, **asked) == [str(nth(1))], asked
    assert listed(scene, direction="outbound") == [str(nth(2))]
    assert listed(scene, since=NOON - timedelta(days=1)) == [str(nth(3))]


def test_missed_calls_wait_until_they_are_called_back_or_let_go(scene: Scene) -> None:
    for n in (1, 2, 3):
        record(scene, n, result="missed", agent="eve", at=day(-n))
    record(scene, 4, result="missed", direction="outbound")
    with scene.views() as db:
        assert [row["id"] for row in missed_calls(db).items] == [str(nth(n)) for n in (3, 2, 1)]
        assert missed_calls(db, agent="bob").items == []
    scene.do("CompleteCallback", call_id=nth(3))
    scene.do("WaiveCallback", call_id=nth(2), reason="wrong number")
    with scene.views() as db:
        assert [row["id"] for row in missed_calls(db).items] == [str(nth(1))]


def test_a_call_is_found_by_each_of_its_cases(scene: Scene) -> None:
    for n in (1, 2, 3):
        scene.do("OpenCase", case_id=nth(n), kind="complaint", customer_id=ANN)
    record(scene, 9)
    record(scene, 8, customer_id=BOB)
    for n in (1, 2):
        scene.do("LinkCallToCase", call_id=nth(9), case_id=nth(n))
    for n in (1, 2):
        assert listed(scene, case=nth(n)) == [str(nth(9))]
    assert listed(scene, case=nth(3)) == []
    scene.do("UnlinkCallFromCase", call_id=nth(9), case_id=nth(1))
    assert listed(scene, case=nth(1)) == []
    assert listed(scene, case=nth(2)) == [str(nth(9))]


def test_a_call_of_another_customer_moves_with_its_figures(scene: Scene) -> None:
    record(scene, 1, seconds=60)
    scene.do("ReattributeCall", call_id=nth(1), customer_id=BOB)
    assert listed(scene, customer=ANN) == []
    assert listed(scene, customer=BOB) == [str(nth(1))]
    with scene.views() as db:
        ann, bob = document(db, ANN, NOON), document(db, BOB, NOON)
    assert ann is not None
    assert bob is not None
    assert (ann["figures"]["calls"], ann["figures"]["call_seconds"]) == (0, 0)
    assert (bob["figures"]["calls"], bob["figures"]["call_seconds"]) == (1, 60)
    assert bob["last_contact"]["id"] == str(nth(1))
    assert ann["last_contact"] is None


def test_a_call_taken_back_is_gone_with_what_it_counted(scene: Scene) -> None:
    record(scene, 1, seconds=60)
    scene.do("RetractCall", call_id=nth(1), reason="mistake")
    assert listed(scene) == []
    with scene.views() as db:
        ann = document(db, ANN, NOON)
    assert ann is not None
    assert (ann["figures"]["calls"], ann["figures"]["call_seconds"]) == (0, 0)
