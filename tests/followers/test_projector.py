"""Every event changes each row exactly once, whatever is repeated, missing or too much."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random
from uuid import UUID

import pytest

from crm_es.followers.projector import AnotherProjector, fold_batch
from crm_es.log.recorder import Gap
from crm_es.projections.views.events import NEWS, TOPIC, Wanted, event, keys_of
from crm_es.projections.views.rows import ViewTable
from followed import Followed
from raw_log import RawLog
from small_views import FIGURES, TAGS, THINGS, given, made, tagged, unmade

ANN, BOB = UUID(int=1), UUID(int=2)
CUP, HAT = UUID(int=11), UUID(int=12)


def test_a_batch_folds_into_one_row_per_key(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN, 5), made(HAT, ANN, 2), given(CUP, ANN, BOB, 5)])
    assert followed.catch_up() == 3
    cup = followed.state(THINGS, CUP)
    assert cup is not None
    assert cup["owner"] == str(BOB)
    assert followed.state(FIGURES, ANN) == {"things": 1, "worth": 2, "events": 3}
    assert followed.state(FIGURES, BOB) == {"things": 1, "worth": 5, "events": 1}


def test_a_row_is_true_at_its_last_event(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN), made(HAT, BOB), tagged(CUP, ANN, "old"), made(CUP, ANN)])
    followed.catch_up()
    assert followed.row(TAGS, CUP) == (CUP.bytes, '{"tags":1}', 3, 2)
    figures = followed.row(FIGURES, ANN)
    assert figures is not None
    assert figures[2:] == (4, 2)


def test_batches_of_any_size_come_to_the_same(log: RawLog, followed: Followed) -> None:
    random, things = Random(3), [UUID(int=n) for n in range(20, 40)]
    log.tell_all([made(thing, ANN, 3) for thing in things])
    for _ in range(200):
        thing = random.choice(things)
        log.tell_all([tagged(thing, ANN, str(random.randrange(9))), given(thing, ANN, BOB, 3)])
    found = []
    for size in (1, 7, 1_000):
        with closing(followed.db()) as db:
            for view in followed.views:
                db.execute(f"delete from {view.table.name}")
            db.execute("update checkpoint set position = 0, event_id = x''")
        followed.catch_up(size)
        found.append(followed.digests())
    followed.rebuild()
    assert found[0] == found[1] == found[2] == followed.digests()


def test_the_checkpoint_goes_on_over_what_nobody_wants(log: RawLog, followed: Followed) -> None:
    log.tell("customer.renamed", ANN, {"name": "x"}, ANN)
    assert followed.catch_up() == 1
    head = log.log.read(0, 1)[0]
    assert followed.reader.checkpoint() == (log.log.generation().id, 1, head.event_id)


def test_a_row_whose_fold_comes_to_nothing_goes(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN), tagged(CUP, ANN, "old")])
    followed.catch_up()
    log.tell_all([unmade(CUP, ANN)])
    followed.catch_up()
    assert followed.row(THINGS, CUP) is None
    assert followed.row(TAGS, CUP) is not None


def test_an_event_of_yesterday_is_folded_where_it_stands(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN)])
    log.tell(*given(CUP, ANN, BOB)[:3], ANN, BOB, at=-86_400)
    followed.catch_up()
    cup = followed.state(THINGS, CUP)
    assert cup is not None
    assert cup["owner"] == str(BOB)
    assert cup["at"] < log.log.read(0, 1)[0].occurred_at


def test_a_batch_that_comes_again_is_refused(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN), made(HAT, ANN)])
    rows = log.log.rows(0, 10, NEWS)
    with closing(followed.projector()) as projector:
        projector.project(rows[:1])
        for wrong in (rows[:1], rows, [rows[0], rows[0]]):
            with pytest.raises(Gap):
                projector.project(wrong)
        projector.project(rows[1:])
    assert followed.state(FIGURES, ANN) == {"things": 2, "worth": 2, "events": 2}


def test_a_gap_in_the_log_stops_it(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN), made(HAT, ANN), tagged(HAT, ANN, "new")])
    log.log.db.execute("delete from event where position = 2")
    with closing(followed.projector()) as projector, pytest.raises(Gap):
        projector.step()
    assert followed.reader.position == 0
    assert followed.row(THINGS, CUP) is None


@pytest.mark.parametrize("view", [THINGS, TAGS, FIGURES])
def test_a_row_drops_the_events_it_has(log: RawLog, followed: Followed, view: object) -> None:
    """Where events may come twice, as from Kafka, rows know what they have."""
    log.tell_all(
        [made(CUP, ANN), tagged(CUP, ANN, "a"), given(CUP, ANN, BOB), tagged(CUP, BOB, "b")]
    )
    followed.catch_up()
    before = followed.digests()
    for table in (ViewTable(one) for one in followed.views if one is view):
        wanted, group = Wanted((table.view,)), dict[bytes, list[object]]()
        for row in log.log.rows(0, 10, NEWS):
            for _, fold in wanted[row[TOPIC]]:
                for key in keys_of(table.view, row):
                    group.setdefault(key, []).append((fold, event(key, row)))
        with closing(followed.db()) as db:
            fold_batch(db, log.log, table, group)  # type: ignore[arg-type]
    assert followed.digests() == before


def test_another_projector_is_noticed_and_nothing_is_folded_twice(
    log: RawLog, followed: Followed
) -> None:
    log.tell_all([made(CUP, ANN)])
    with closing(followed.projector()) as one, closing(followed.projector()) as other:
        one.step()
        with pytest.raises(AnotherProjector):
            other.step()
        log.tell_all([made(HAT, ANN)])
        one.step()
    assert followed.state(FIGURES, ANN) == {"things": 2, "worth": 2, "events": 2}


def test_rows_and_checkpoint_are_one_transaction(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(CUP, ANN)])
    with closing(followed.db()) as db:
        db.execute(
            "create trigger full before update on checkpoint begin select raise(abort, 'full'); end"
        )
    with closing(followed.projector()) as projector, pytest.raises(sqlite3.IntegrityError):
        projector.step()
    assert followed.row(THINGS, CUP) is None
    assert followed.reader.position == 0
