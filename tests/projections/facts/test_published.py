"""A snapshot is read as what it is: of this release, of this log, and with what stood still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

import samples
from crm_es.aggregates import EVENTS
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.calendar import Calendar
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.published import Published
from crm_es.projections.facts.snapshot import NoSnapshot, Publisher
from fact_store import Facts

COUNT = 200


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Facts]:
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    samples.append(log, list(samples.rows(list(EVENTS), COUNT, Random(4))))
    log.close()
    facts = Facts(tmp_path).follow()
    yield facts
    facts.close()


def published(
    facts: Facts, *, plan: Plan | None = None, generation: str | None = None
) -> Published:
    store = facts.store
    life = store.generation if generation is None else generation
    return Published(store.snapshots, plan or store.plan, life, memory_limit_mib=128)


def test_it_is_read_by_who_does_not_own_the_facts_and_knows_where_it_stands(facts: Facts) -> None:
    reader = published(facts)
    for count in (COUNT, COUNT + 10):
        if count > COUNT:
            log = SQLiteLog(facts.store.root / "log.sqlite")
            samples.append(log, list(samples.rows(list(EVENTS), 10, Random(5), COUNT)))
            log.close()
            facts.follow()
        Publisher(facts.store).publish()
        cursor, snapshot, parked = reader.opened()
        with closing(cursor):
            position = cursor.execute("select position from snapshot").fetchall()
        assert (position, snapshot.position, parked) == ([(count,)], count, frozenset())


def test_what_stood_still_when_it_was_made_is_known_by_its_readers(facts: Facts) -> None:
    facts.store.tables.parked["fact_call"] = "an event it did not expect"
    Publisher(facts.store).publish()
    cursor, _, parked = published(facts).opened()
    cursor.close()
    assert parked == {"fact_call"}


def test_one_of_another_release_or_another_life_of_the_log_is_none(facts: Facts) -> None:
    with pytest.raises(NoSnapshot):
        published(facts).opened()
    Publisher(facts.store).publish()
    other_year = Plan(Calendar(fiscal_year_start=4))
    other_life = "00000000-0000-0000-0000-000000000001"
    for reader in (published(facts, plan=other_year), published(facts, generation=other_life)):
        with pytest.raises(NoSnapshot, match="another"):
            reader.opened()
