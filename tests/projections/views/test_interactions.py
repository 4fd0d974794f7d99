"""Interactions as they were last corrected."""

from __future__ import annotations

from crm_es.projections.views.interactions import interactions
from scene import ANN, BOB, Scene, day, nth


def test_an_interaction_is_shown_as_it_was_last_corrected(scene: Scene) -> None:
    scene.do(
        "RecordInteraction", interaction_id=nth(1), customer_id=ANN, kind="email",
        direction="inbound", agent="eve", subject="Hello", body="There.",
    )  # fmt: skip
    scene.do(
        "CorrectInteraction", interaction_id=nth(1), agent="bob", subject="Help",
        reason="wrong agent",
    )  # fmt: skip
    with scene.views() as db:
        (told,) = interactions(db).items
        assert interactions(db, agent="eve").items == []
    assert (told["agent"], told["kind"], told["corrections"]) == ("bob", "email", 1)
    assert told["subject"].startswith("~1.")
    assert told["body"].startswith("~1.")


def test_interactions_move_and_go(scene: Scene) -> None:
    for n in (1, 2):
        scene.do(
            "RecordInteraction", interaction_id=nth(n), customer_id=ANN, kind="sms",
            direction="outbound", at=day(-n),
        )  # fmt: skip
    scene.do("ReattributeInteraction", interaction_id=nth(1), customer_id=BOB)
    scene.do("RetractInteraction", interaction_id=nth(2), reason="mistake")
    with scene.views() as db:
        assert interactions(db, customer=ANN).items == []
        assert [told["id"] for told in interactions(db).items] == [str(nth(1))]
        assert [told["id"] for told in interactions(db, customer=BOB).items] == [str(nth(1))]
