"""Snapshots are whole, say where they stand, replace each other at once and cost little."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic

import duckdb
import pytest

import samples
from crm_es.aggregates import EVENTS
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts import snapshot as snapshots
from crm_es.projections.facts.catalogue import is_view
from crm_es.projections.facts.digest import digest_of
from crm_es.projections.facts.snapshot import NoSnapshot, NotMade, Publisher, current
from fact_store import Facts

COUNT = 1_000


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    folder = tmp_path_factory.mktemp("snapshots")
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    samples.append(log, list(samples.rows(list(EVENTS), COUNT, Random(4))))
    log.close()
    facts = Facts(folder).follow()
    yield facts
    facts.close()


def grow(facts: Facts, count: int = 10) -> None:
    log = SQLiteLog(facts.store.root / "log.sqlite")
    position = facts.follower.position
    samples.append(log, list(samples.rows(list(EVENTS), count, Random(position), position)))
    log.close()
    facts.follow()


def reader(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(path, read_only=True)


def test_a_snapshot_has_every_fact_and_every_view_as_a_table(facts: Facts) -> None:
    made = Publisher(facts.store).publish()
    assert made == current(facts.store.snapshots)
    copy = reader(made.path)
    views = [name for name, text in facts.store.plan.views.items() if is_view(text)]
    for name in [*facts.store.tables.facts, *views]:
        assert digest_of(copy, name) == digest_of(facts.store.db, name), name
    tables = {row[0] for row in copy.execute("select table_name from duckdb_tables()").fetchall()}
    assert tables == {*facts.store.tables.facts, *views, "snapshot"}
    left = copy.execute("select view_name from duckdb_views() where not internal").fetchall()
    assert left == []
    copy.close()


def test_it_says_where_it_stands_and_its_calendar_is_the_companys(facts: Facts) -> None:
    made = Publisher(facts.store).publish()
    copy = reader(made.path)
    sql = "select position, generation::varchar, epoch_us(made_at) from snapshot"
    assert copy.execute(sql).fetchall() == [(made.position, facts.store.generation, made.made_at)]
    assert made.position == facts.follower.position
    assert copy.execute("select reporting_currency(), fiscal_year(now()) > 2000").fetchall() == [
        ("EUR", True)
    ]
    copy.close()


def test_a_reader_keeps_the_one_it_has_and_finds_the_new_one_when_it_looks(facts: Facts) -> None:
    first = Publisher(facts.store).publish()
    held = reader(current(facts.store.snapshots).path)
    for _ in range(3):
        grow(facts)
        Publisher(facts.store).publish()
    sql = "select position from snapshot"
    assert held.execute(sql).fetchall() == [(first.position,)]
    assert held.execute("select count(*) from fact_interaction").fetchall()[0][0] > 0
    held.close()
    new = reader(current(facts.store.snapshots).path)
    assert new.execute(sql).fetchall() == [(facts.follower.position,)]
    new.close()


def test_old_ones_and_what_a_killed_one_left_are_cleared_away(facts: Facts) -> None:
    (facts.store.snapshots / "77.part").write_bytes(b"half a copy")
    (facts.store.snapshots / "77.part.tmp").mkdir(exist_ok=True)
    for _ in range(4):
        Publisher(facts.store).publish()
    names = sorted(path.name for path in facts.store.snapshots.iterdir())
    assert len(names) == snapshots.KEPT + 1
    assert "current.duckdb" in names


def test_another_is_due_once_there_is_something_new_and_the_last_one_is_paid_for(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(facts.store)
    publisher.publish()
    grow(facts)
    assert not publisher.is_due()
    began = monotonic()
    monkeypatch.setattr(snapshots, "SECONDS_MIN", 0.0)
    publisher.publish()
    took = monotonic() - began
    assert publisher._next - monotonic() == pytest.approx(snapshots.SHARE * took, rel=0.2)
    publisher._next = 0.0
    assert not publisher.is_due()
    grow(facts)
    assert publisher.is_due()


def test_a_view_that_cannot_be_made_leaves_the_last_snapshot_in_place(facts: Facts) -> None:
    before = Publisher(facts.store).publish()
    facts.store.db.execute("create or replace view dim_date as select error('not today') as day")
    with pytest.raises(NotMade, match="not today"):
        Publisher(facts.store).publish()
    assert current(facts.store.snapshots) == before
    facts.store.db.execute(facts.store.plan.views["dim_date"])
    Publisher(facts.store).publish()


def test_it_is_published_while_the_follower_goes_on_and_others_read(facts: Facts) -> None:
    cursor = facts.store.cursor()
    cursor.execute("begin")
    cursor.execute("select max(position) from checkpoint").fetchall()
    made = []
    thread = threading.Thread(target=lambda: made.append(Publisher(facts.store).publish()))
    thread.start()
    for _ in range(5):
        grow(facts, 5)
    thread.join(60)
    copy = reader(made[0].path)
    newest = copy.execute("select max(position) from fact_interaction").fetchall()[0][0]
    assert newest <= made[0].position
    copy.close()
    cursor.close()


def test_without_one_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshot):
        current(tmp_path)
    (tmp_path / "current.duckdb").symlink_to("../../etc/passwd")
    with pytest.raises(NoSnapshot):
        current(tmp_path)
