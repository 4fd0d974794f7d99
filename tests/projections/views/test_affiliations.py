"""Affiliations: who belongs to which organisation, seen from both sides."""

from __future__ import annotations

from crm_es.projections.views.affiliations import affiliations
from crm_es.projections.views.customer_360 import document
from scene import ACME, ANN, BOB, NOON, Scene, day, nth


def test_an_affiliation_is_seen_from_both_sides_with_the_others_name(scene: Scene) -> None:
    scene.do("RenameCustomer", customer_id=ACME, name="Acme")
    scene.do(
        "StartAffiliation", affiliation_id=nth(1), person_id=ANN, organisation_id=ACME,
        title="Buyer", at=day(-50),
    )  # fmt: skip
    with scene.views() as db:
        ann, acme = document(db, ANN, NOON), document(db, ACME, NOON)
    assert ann is not None
    assert acme is not None
    (employer,), (contact,) = ann["employers"], acme["contacts"]
    assert employer["id"] == contact["id"] == str(nth(1))
    assert employer["name"].startswith("~1.")
    assert contact["name"] is None
    assert employer["title"].startswith("~1.")


def test_an_ended_affiliation_is_a_former_one(scene: Scene) -> None:
    for n, person in ((1, ANN), (2, BOB)):
        scene.do(
            "StartAffiliation", affiliation_id=nth(n), person_id=person, organisation_id=ACME,
            at=day(-50 + n),
        )  # fmt: skip
    scene.do("EndAffiliation", affiliation_id=nth(1), reason="moved", at=day(-2))
    with scene.views() as db:
        assert [a["id"] for a in affiliations(db, organisation=ACME).items] == [
            str(nth(2)), str(nth(1)),
        ]  # fmt: skip
        (ended,) = affiliations(db, person=ANN, has_ended=True).items
        acme = document(db, ACME, NOON)
    assert (ended["reason"], ended["ended_at"][:10]) == ("moved", day(-2)[:10])
    assert acme is not None
    assert [a["person_id"] for a in acme["contacts"]] == [str(BOB)]
    assert [a["person_id"] for a in acme["former_contacts"]] == [str(ANN)]
