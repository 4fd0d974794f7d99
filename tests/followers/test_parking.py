"""An event that a view cannot fold stops one row, and tells so; everything else goes on."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from crm_es.followers.parking import unpark, unpark_all
from crm_es.projections.views.rows import ViewTable, tables
from followed import Followed
from raw_log import RawLog
from small_views import FIGURES, SMALL_VIEWS, TAGS, THINGS, broken, given, made, tagged

ANN, BOB = UUID(int=1), UUID(int=2)
CUP, HAT = UUID(int=11), UUID(int=12)

POISON: dict[str, tuple[Any, ...]] = {
    "a fold that fails": broken(CUP, ANN),
    "a number too large for JSON": broken(CUP, ANN, "huge"),
    "a column without its value": broken(CUP, ANN, "null"),
    "a field that is missing": ("thing.broken", CUP, {}, ANN),
    "data that is no JSON": ("thing.broken", CUP, b'{"how":', ANN),
    "data that is no object": ("thing.broken", CUP, b"[1]", ANN),
    "data that is no text": ("thing.broken", CUP, b'{"how":"\xff\x00"}', ANN),
    "half a surrogate": ("thing.broken", CUP, b'{"how":"\\ud800"}', ANN),
    "a topic nobody knows": ("thing.sublimated", CUP, {}, ANN),
}


@pytest.mark.parametrize("kind", POISON)
@pytest.mark.parametrize("size", [1, 1_000])
def test_one_row_stands_still_and_the_others_go_on(
    log: RawLog, followed: Followed, kind: str, size: int
) -> None:
    log.tell_all([made(CUP, ANN, 5), made(HAT, BOB), tagged(CUP, ANN, "a")])
    log.tell_all([POISON[kind]])
    log.tell_all([tagged(CUP, ANN, "b"), tagged(HAT, BOB, "c"), given(HAT, BOB, BOB)])
    assert followed.catch_up(size) == 7
    assert ("things", CUP, 4) in followed.parked()
    cup, hat = followed.state(THINGS, CUP), followed.state(THINGS, HAT)
    assert cup is not None
    assert hat is not None
    assert (cup["owner"], cup["worth"], cup["tags"]) == (str(ANN), 5, ["a"])
    assert hat["tags"] == ["c"]
    assert followed.state(FIGURES, BOB) is not None


@pytest.mark.parametrize("kind", POISON)
def test_a_rebuild_parks_what_is_parked_live(log: RawLog, followed: Followed, kind: str) -> None:
    log.tell_all([made(CUP, ANN, 5), made(HAT, BOB), tagged(CUP, ANN, "a")])
    log.tell_all([POISON[kind]])
    log.tell_all([tagged(CUP, ANN, "b"), given(HAT, BOB, ANN)])
    followed.catch_up()
    live = followed.digests(), followed.parked()
    followed.rebuild()
    assert (followed.digests(), followed.parked()) == live
    with closing(followed.db()) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)


def test_poison_in_the_very_first_event_leaves_no_row(log: RawLog, followed: Followed) -> None:
    log.tell_all([broken(CUP, ANN), tagged(CUP, ANN, "a")])
    followed.catch_up()
    assert followed.row(THINGS, CUP) is None
    assert followed.parked() == {("things", CUP, 1), ("figures", ANN, 1)}
    assert followed.state(TAGS, CUP) == {"tags": 1}


def test_a_reader_is_told_that_a_row_stands_still(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN), broken(CUP, ANN)])
    followed.catch_up()
    found = followed.reader.parked("things", CUP.bytes)
    assert found is not None
    assert (found.since_position, found.error) == (2, "ValueError: It cannot be folded.")
    assert followed.reader.parked("things", HAT.bytes) is None
    assert followed.reader.parked_count() == len(followed.reader.all_parked(limit=10)) == 2


def test_after_the_cure_a_retry_brings_the_row_to_where_the_log_is(
    log: RawLog, followed: Followed
) -> None:
    log.tell_all([made(CUP, ANN, 5), broken(CUP, ANN), tagged(CUP, ANN, "b")])
    followed.catch_up()
    log.log.db.execute("update event set topic = 'thing.given', data = ? where position = 2", (
        b'{"owner":"%b","to":"%b","worth":5}' % (str(ANN).encode(), str(BOB).encode()),
    ))  # fmt: skip
    with closing(followed.db()) as db:
        assert unpark_all(db, log.log, tables(SMALL_VIEWS)) == 2
    assert followed.parked() == set()
    cup = followed.state(THINGS, CUP)
    assert cup is not None
    assert (cup["owner"], cup["tags"]) == (str(BOB), ["b"])
    live = followed.digests()
    followed.rebuild()
    assert followed.digests() == live


def test_a_retry_without_a_cure_changes_nothing(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN, 5), broken(CUP, ANN), tagged(CUP, ANN, "b")])
    followed.catch_up()
    before = followed.digests(), followed.parked()
    with closing(followed.db()) as db:
        poison = unpark(db, log.log, ViewTable(THINGS), CUP.bytes)
    assert poison is not None
    assert poison.position == 2
    assert (followed.digests(), followed.parked()) == before


def test_a_row_that_was_unparked_elsewhere_takes_the_next_events(
    log: RawLog, followed: Followed
) -> None:
    """The projector remembers nothing about parked keys from one batch to the next."""
    log.tell_all([made(CUP, ANN, 5), broken(CUP, ANN)])
    with closing(followed.projector()) as projector, closing(followed.db()) as db:
        projector.step()
        log.log.db.execute(
            "update event set topic = 'thing.tagged', data = '{\"tag\":\"x\"}' where position = 2"
        )
        unpark(db, log.log, ViewTable(THINGS), CUP.bytes)
        log.tell_all([tagged(CUP, ANN, "y")])
        projector.step()
    cup = followed.state(THINGS, CUP)
    assert cup is not None
    assert cup["tags"] == ["x", "y"]


def test_a_full_disk_is_nobodys_poison(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(UUID(int=n), ANN) for n in range(100, 400)])
    with closing(followed.projector()) as projector:
        pages = projector.db.execute("pragma page_count").fetchone()[0]
        projector.db.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(Exception, match="full"):
            projector.step()
        projector.db.execute("pragma max_page_count = 1000000")
        projector.step()
    assert followed.parked() == set()
    assert followed.reader.position == 300


def test_one_poison_in_ten_thousand_costs_one_row(log: RawLog, followed: Followed) -> None:
    things = [UUID(int=n) for n in range(1_000, 11_000)]
    log.tell_all([made(thing, UUID(int=thing.int + 100_000)) for thing in things])
    log.tell_all([broken(things[77], things[77])])
    log.tell_all([tagged(thing, ANN, "new") for thing in things])
    followed.catch_up()
    assert followed.parked() == {("things", things[77], 10_001), ("figures", things[77], 10_001)}
    with closing(followed.db()) as db:
        sql = "select count(*) from small_thing where json_extract(state, '$.tags[0]') = 'new'"
        assert db.execute(sql).fetchone()[0] == 9_999
