"""Findings: what history broke, by rule, source and person, until it is put right."""

from __future__ import annotations

from typing import Any

from crm_es.projections.views.data_quality import finding_counts, findings
from scene import ANN, BOB, IMPORT, Scene, day, nth

STAGES = [
    {"name": "new"}, {"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"},
]  # fmt: skip


def open_(scene: Scene, n: int, **more: Any) -> None:
    scene.tell("OpenOpportunity", opportunity_id=nth(n), pipeline_id=nth(100), at=day(-9), **more)


def lost(scene: Scene) -> None:
    """Two deals that were lost without a reason, one of them before it was opened."""
    scene.do("PublishPipeline", pipeline_id=nth(100), name="sales", stages=STAGES, at=day(-90))
    open_(scene, 1, owner="eve", customer_id=ANN)
    open_(scene, 2, owner="bob")
    scene.tell("LoseOpportunity", opportunity_id=nth(1), at=day(-8))
    scene.tell("LoseOpportunity", opportunity_id=nth(2), at=day(-20))


def test_findings_are_counted_by_rule_and_by_kind_of_event(scene: Scene) -> None:
    lost(scene)
    with scene.views() as db:
        assert finding_counts(db) == [
            {
                "code": "opportunity.reason_missing", "topic": "opportunity.lost", "records": 2,
                "findings": 2,
            },
            {
                "code": "opportunity.closed_before_opened", "topic": "opportunity.lost",
                "records": 1, "findings": 1,
            },
        ]  # fmt: skip
        assert [row["records"] for row in finding_counts(db, owner="eve")] == [1]
        assert [row["records"] for row in finding_counts(db, import_id=IMPORT)] == [2, 1]
        assert finding_counts(db, kind="call") == []


def test_findings_are_listed_by_rule_owner_customer_and_import(scene: Scene) -> None:
    lost(scene)
    with scene.views() as db:
        for asked in (
            {"owner": "eve"}, {"customer": ANN}, {"owner": "eve", "actor": "ann"},
        ):  # fmt: skip
            assert [row["id"] for row in findings(db, **asked).items] == [str(nth(1))]
        early = findings(db, code="opportunity.closed_before_opened").items
        assert [row["id"] for row in early] == [str(nth(2))]
        assert len(findings(db, import_id=IMPORT, kind="opportunity").items) == 2
        assert findings(db, customer=BOB).items == []
        assert findings(db, code="no.such_rule").items == []


def test_a_record_taken_back_has_no_findings_any_more(scene: Scene) -> None:
    lost(scene)
    scene.do("RetractOpportunity", opportunity_id=nth(2), reason="mistake")
    with scene.views() as db:
        assert [row["findings"] for row in finding_counts(db)] == [1]


def test_a_corrected_record_has_only_the_findings_of_its_correction(scene: Scene) -> None:
    scene.tell(
        "RecordInteraction", interaction_id=nth(1), kind="other", direction="inbound",
        customer_id=ANN,
    )  # fmt: skip
    with scene.views() as db:
        assert [row["code"] for row in finding_counts(db)] == ["interaction.untyped"]
    scene.do("CorrectInteraction", interaction_id=nth(1), type="fax", reason="it was a fax")
    with scene.views() as db:
        assert finding_counts(db) == []


def test_clean_history_has_no_findings(scene: Scene) -> None:
    with scene.views() as db:
        assert findings(db).items == []
