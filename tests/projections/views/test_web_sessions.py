"""Web sessions: what was reached, and whose they turned out to be."""

from __future__ import annotations

from crm_es.projections.views.customer_360 import document
from crm_es.projections.views.web_sessions import web_sessions
from scene import ANN, NOON, Scene, day, nth


def test_a_session_counts_pages_and_what_was_reached(scene: Scene) -> None:
    scene.do("StartWebSession", session_id=nth(1), visitor="v1", at=day(-1))
    for kind in ("page", "search"):
        scene.do("TrackPage", session_id=nth(1), path=f"/{kind}", kind=kind, at=day(-1))
    with scene.views() as db:
        (session,) = web_sessions(db, is_ended=False).items
    assert (session["pages"], session["last_path"]) == (2, "/search")
    assert (session["searched"], session["booked"]) == (True, False)
    scene.do("EndWebSession", session_id=nth(1), at=day(-1))
    with scene.views() as db:
        assert [s["id"] for s in web_sessions(db, is_ended=True).items] == [str(nth(1))]


def test_an_identified_session_is_the_customers_with_all_its_pages(scene: Scene) -> None:
    scene.do("RecordWebSession", session_id=nth(1), visitor="v1", pages=7, at=day(-1))
    with scene.views() as db:
        assert web_sessions(db, customer=ANN).items == []
    scene.do("IdentifyVisitor", session_id=nth(1), customer_id=ANN)
    with scene.views() as db:
        assert [s["visitor"] for s in web_sessions(db, customer=ANN).items] == ["v1"]
        ann = document(db, ANN, NOON)
    assert ann is not None
    assert (ann["figures"]["sessions"], ann["figures"]["pages"]) == (1, 7)
