"""The timeline: every event has its line, in words that keep sealed texts sealed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm_es.aggregates import EVENTS
from crm_es.aggregates.base import fields_of
from crm_es.errors import Invalid
from crm_es.projections.timeline import TIMELINE
from crm_es.projections.timeline.links import KINDS, PAIRS, links_of
from crm_es.projections.timeline.reading import timeline_of_stream, timeline_of_subject
from crm_es.projections.timeline.wording import duration, worded
from crm_es.projections.views.base import Event
from crm_es.projections.views.events import event_of
from crm_es.projections.views.folding import Moment
from crm_es.projections.views.items import micros
from histories import History
from world import START, World

ANN, DEAL, ORDER = UUID(int=1), UUID(int=2), UUID(int=3)
NOON = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    history = History(World(tmp_path_factory.mktemp("log")), seed=5)
    history.run(6_000)
    return history


def test_no_topic_is_without_a_line() -> None:
    assert set(TIMELINE) == {kind.TOPIC for kind in EVENTS}


def test_every_id_in_an_event_is_a_link_of_some_kind() -> None:
    own = {"contact_point_id", "spend_id", "response_id"}
    ids = {
        name
        for kind in EVENTS
        for name, hint in fields_of(kind).items()
        if hint in {UUID, UUID | None}
    }
    assert ids - own == set(KINDS) | set(PAIRS)


def test_lines_are_words_that_give_nothing_sealed_away(history: History) -> None:
    seen = set()
    for record in history.world.log.read(0, 100_000):
        event = event_of(record, record.stream_id)
        line = TIMELINE[record.topic](event)
        assert re.fullmatch(r"[A-Z0-9a-z~].*[^ :,]", line), line
        assert "~1." not in line
        assert not re.search(r"\bNone\b|unknown \?|\{|\}|\[|\]|  ", line), line
        assert links_of(event)[0]["id"] == str(UUID(bytes=record.stream_id))
        seen.add(record.topic)
    assert len(seen) > 150


def entries(world: World, subject: UUID, **asked: Any) -> list[tuple[str, str]]:
    page = timeline_of_subject(world.log, subject, **asked)
    return [(entry["at"][:10], entry["line"]) for entry in page.items]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.do("RegisterCustomer", customer_id=ANN, name="Ann", owner="bob", country="DE")
    late = (NOON - timedelta(days=3)).isoformat()
    world.do(
        "PlaceOrder", order_id=ORDER, customer_id=ANN, number="4711", owner="bob", at=late,
        lines=[{"quantity": "2", "unit_price": "10.25"}],
    )  # fmt: skip
    world.do("CancelOrder", order_id=ORDER, reason="too late")
    return world


def test_a_timeline_goes_by_business_time_the_latest_first(world: World) -> None:
    assert entries(world, ANN) == [
        ("2026-01-01", "Sale cancelled, 20.5 EUR: too late"),
        ("2026-01-01", "Registered as person in DE, looked after by bob"),
        ("2025-12-29", "Sale 4711 placed: 1 line, 20.5 EUR, sold by bob"),
    ]


def test_a_line_links_to_its_thing_and_its_party_and_keeps_texts_as_tokens(world: World) -> None:
    placed, registered = timeline_of_subject(world.log, ANN).items[2:0:-1]
    assert placed["links"] == [
        {"kind": "order", "id": str(ORDER)}, {"kind": "customer", "id": str(ANN)},
    ]  # fmt: skip
    assert placed["texts"] == {}
    assert registered["texts"]["name"].startswith("~1.")
    assert (registered["actor"], registered["precision"]) == ("ann", "exact")


def test_as_of_leaves_out_what_happened_later_and_known_at_what_was_told_later(
    world: World,
) -> None:
    before = Moment(as_of=micros(NOON - timedelta(days=1)))
    assert [at for at, _ in entries(world, ANN, moment=before)] == ["2025-12-29"]
    untold = Moment(upto=1)
    assert [at for at, _ in entries(world, ANN, moment=untold)] == ["2026-01-01"]


def test_pages_follow_each_other_without_gap_or_repeat(history: History) -> None:
    log = history.world.log
    busiest = max(
        history.customers, key=lambda one: len(timeline_of_subject(log, one, limit=200).items)
    )
    whole = timeline_of_subject(log, busiest, limit=200).items
    pages, after = [], None
    for _ in range(len(whole)):
        page = timeline_of_subject(log, busiest, after=after, limit=7)
        pages += page.items
        after = page.next
        if after is None:
            break
    assert len(whole) > 20
    assert pages[: len(whole)] == whole
    assert [(e["at"], e["position"]) for e in whole] == sorted(
        ((e["at"], e["position"]) for e in whole), reverse=True
    )


def test_the_timeline_of_a_thing_is_its_stream(world: World) -> None:
    page = timeline_of_stream(world.log, ORDER)
    assert [entry["topic"] for entry in page.items] == ["order.cancelled", "order.placed"]
    assert [entry["version"] for entry in page.items] == [2, 1]


def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    after = timeline_of_stream(world.log, ORDER, limit=1).next
    assert after is not None
    for wrong in (after, "nonsense", "", "W10"):
        with pytest.raises(Invalid):
            timeline_of_subject(world.log, ANN, after=wrong)
    with pytest.raises(Invalid):
        timeline_of_subject(world.log, ANN, limit=0)


def test_an_event_of_unknown_time_stands_where_it_was_recorded(world: World) -> None:
    world.do(
        "RecordCall", call_id=DEAL, customer_id=ANN, direction="inbound", seconds=61,
        at="1990-01-01T00:00:00Z", at_precision="unknown",
    )  # fmt: skip
    latest = timeline_of_subject(world.log, ANN).items[0]
    assert latest["line"] == "Inbound call, answered, 1 min 1 s"
    assert (latest["precision"], latest["at"]) == ("unknown", latest["recorded_at"])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_661, "1 h 1 min"), (90_061, "1 d 1 h")],
)
def test_durations_are_said_in_their_two_largest_units(seconds: int, said: str) -> None:
    assert duration(seconds) == said


def test_a_template_leaves_out_what_says_nothing() -> None:
    words = worded("{a:word} done[ by {b}][{c:?}, twice][{c:!}, once][: {d:# thing}]")

    def said(**data: Any) -> str:
        return words(Event(b"", data, "x.y", START, 4, 1, 1, START, b"", "ann"))

    assert said(a="in_work") == "In work done, once"
    assert said(a="it", b="bob", c=True, d=[1]) == "It done by bob, twice: 1 thing"
    assert said(a="it", b="", c=False, d=2) == "It done, once: 2 things"
