"""A state never grows with history, and a list of a customer never holds more than it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm_es.projections.views.customer_360 import document
from crm_es.projections.views.sections import SHOWN
from scene import ANN, NOON, Scene, day, nth
from view_builds import all_rows, built

STAGES = [
    {"name": "new"}, {"name": "talks"}, {"name": "won", "kind": "won"},
    {"name": "lost", "kind": "lost"},
]  # fmt: skip


def about_one_thing(times: int) -> list[tuple[str, dict[str, Any]]]:
    """Some things, each changed again and again in every way that adds something."""
    found: list[tuple[str, dict[str, Any]]] = []
    for n in range(times):
        point = {"contact_point_id": UUID(int=2**100 + n), "channel": "phone"}
        found += [
            ("AddContactPoint", {"customer_id": ANN, **point, "value": f"+49 30 {n}"}),
            ("StatePreference", {"customer_id": ANN, "topic": f"topic {n}", "value": "yes"}),
            ("ChangeCustomerTier", {"customer_id": ANN, "tier": f"T{n % 2}"}),
            ("LinkCompetitor", {"opportunity_id": nth(1), "competitor": f"rival {n}"}),
            ("MoveOpportunity", {"opportunity_id": nth(1), "stage": ("talks", "new")[n % 2]}),
            ("RouteCase", {"case_id": nth(2), "group": f"G{n % 2}"}),
            ("RecordTouch", {"campaign_id": nth(3), "customer_id": ANN, "wave": f"w{n}"}),
            (
                "RecordResponse",
                {
                    "campaign_id": nth(3), "customer_id": ANN, "response_id": UUID(int=2**90 + n),
                    "kind": f"kind {n}",
                },
            ),
            ("TrackPage", {"session_id": nth(4), "path": f"/{n}"}),
        ]  # fmt: skip
    return found


@pytest.fixture
def begun(scene: Scene) -> Scene:
    scene.do("PublishPipeline", pipeline_id=nth(9), name="sales", stages=STAGES, at=day(-90))
    scene.do("OpenOpportunity", opportunity_id=nth(1), pipeline_id=nth(9), customer_id=ANN)
    scene.do("OpenCase", case_id=nth(2), kind="complaint", customer_id=ANN)
    scene.do("PlanCampaign", campaign_id=nth(3), name="Spring", at=day(-30))
    scene.do("ApproveCampaignBudget", campaign_id=nth(3), budget="10", at=day(-29))
    scene.do("LaunchCampaign", campaign_id=nth(3), at=day(-28))
    scene.do("TargetMember", campaign_id=nth(3), customer_id=ANN)
    scene.do("StartWebSession", session_id=nth(4), visitor="v1", customer_id=ANN)
    return scene


def largest(scene: Scene, folder: Path) -> dict[str, int]:
    """By view, the size of its largest state."""
    rows = all_rows(built(folder, scene.world.log))
    return {
        name: max((len(row[1]) for row in some), default=0)
        for name, some in rows.items()
        if name != "parked"
    }


def test_a_state_is_bounded_whatever_is_recorded(begun: Scene, tmp_path: Path) -> None:
    begun.do_all(about_one_thing(150))
    some = largest(begun, tmp_path / "some")
    begun.do_all(about_one_thing(450)[150 * 9 :])
    more = largest(begun, tmp_path / "more")
    for name, size in more.items():
        assert size <= some[name] * 1.02 + 10, name
        assert size < 40_000, name


def test_a_customer_with_thousands_of_things_has_a_state_like_one_with_a_few(
    scene: Scene, tmp_path: Path
) -> None:
    def call(n: int) -> tuple[str, dict[str, Any]]:
        return "RecordCall", {
            "call_id": nth(n), "customer_id": ANN, "direction": "inbound", "seconds": 60,
        }  # fmt: skip

    scene.do_all([call(n) for n in range(20)])
    few = largest(scene, tmp_path / "few")
    scene.do_all([call(n) for n in range(20, 2_000)])
    many = largest(scene, tmp_path / "many")
    for name, size in many.items():
        assert size <= few[name] + 20, name
    with scene.views() as db:
        ann = document(db, ANN, NOON)
    assert ann is not None
    assert (len(ann["calls"]), ann["figures"]["calls"]) == (SHOWN, 2_000)
