"""A long history is not folded from its beginning, and what comes out is the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from random import Random
from uuid import UUID

import pytest

from crm_es.projections.views.base import View
from crm_es.projections.views.folding import Moment, row_as_of
from crm_es.projections.views.kept import KEEP_EVERY, KeptStates
from followed import Followed
from raw_log import SECOND, START, RawLog
from small_views import FIGURES, SMALL_VIEWS, THINGS, broken, given, made, tagged

ANN, BOB = UUID(int=1), UUID(int=2)
CUP = UUID(int=11)
EVENTS = 3 * KEEP_EVERY + 500


@pytest.fixture(params=["followed", "rebuilt"])
def long(log: RawLog, request: pytest.FixtureRequest) -> Iterator[Followed]:
    """One thing passed to and fro, mostly in order of time, some of it told late."""
    random = Random(2)
    followed = Followed(log.folder, log.log, SMALL_VIEWS)
    log.tell_all([made(CUP, ANN, 3)])
    for n in range(EVENTS // 50):
        event = given(CUP, ANN, BOB, 3) if n % 2 else given(CUP, BOB, ANN, 3)
        late = -random.randrange(50) if random.random() < 0.1 else 0
        log.tell_all([event] * 50, at=50 * n + late)
    if request.param == "rebuilt":
        followed.rebuild()
    else:
        followed.catch_up(700)
    yield followed
    followed.close()


def test_at_any_moment_it_is_what_the_whole_history_comes_to(long: Followed) -> None:
    random, kept = Random(1), KeptStates(long.reader.db)
    moments = [
        Moment(
            as_of=random.choice([None, START + random.randrange(-60, EVENTS + 60) * SECOND]),
            upto=random.choice([None, random.randrange(EVENTS)]),
        )
        for _ in range(8)
    ]
    for moment in moments:
        for view, key in ((FIGURES, ANN), (FIGURES, BOB), (THINGS, CUP)):
            whole = row_as_of(long.log, view, key, moment)
            assert row_as_of(long.log, view, key, moment, kept) == whole


@pytest.mark.parametrize(("view", "key"), [(FIGURES, ANN), (THINGS, CUP)])
def test_what_lies_before_is_not_even_read(
    log: RawLog, long: Followed, view: View, key: UUID
) -> None:
    kept = KeptStates(long.reader.db)
    now = row_as_of(long.log, view, key, Moment(), kept)
    log.log.db.execute("delete from event where position < ?", (2 * KEEP_EVERY,))
    assert row_as_of(long.log, view, key, Moment(), kept) == now
    assert row_as_of(long.log, view, key, Moment()) != now


def test_one_is_kept_for_every_so_many_events(long: Followed) -> None:
    with closing(long.db()) as db:
        sql = "select view, count(*) from kept group by view, key order by view"
        assert db.execute(sql).fetchall() == [("figures", 3), ("figures", 3), ("things", 3)]


def test_nothing_is_kept_of_a_short_history(log: RawLog) -> None:
    followed = Followed(log.folder, log.log, SMALL_VIEWS)
    log.tell_all([made(CUP, ANN), *[tagged(CUP, ANN, "x")] * (KEEP_EVERY - 2)])
    followed.catch_up()
    with closing(followed.db()) as db:
        assert db.execute("select count(*) from kept").fetchone() == (0,)
    followed.close()


def test_poison_behind_a_kept_state_stops_the_row_there(log: RawLog, long: Followed) -> None:
    log.tell_all([broken(CUP, ANN), tagged(CUP, ANN, "after")])
    long.catch_up()
    kept = KeptStates(long.reader.db)
    row = row_as_of(long.log, THINGS, CUP, Moment(), kept)
    assert row == row_as_of(long.log, THINGS, CUP)
    assert row is not None
    assert row.poison is not None
