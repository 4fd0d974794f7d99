"""Rows of an older shape are read as the current one; a new shape refills what it must."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import duckdb
import pytest

import samples
from crm_es.aggregates.fields import Plain
from crm_es.aggregates.party.customer import Customer
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.plan import Plan
from fact_store import Facts, facts_of


@dataclass
class Old:
    TOPIC = "thing.happened"
    SUBJECTS: ClassVar[tuple[str, ...]] = ()
    size: Plain


@dataclass
class New:
    """The size became a number, and a colour came with a default."""

    TOPIC = "thing.happened"
    SUBJECTS: ClassVar[tuple[str, ...]] = ()
    class_version = 2
    size: int
    colour: Plain = "grey"

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["size"] = int(state["size"])


OLD_FACT = """
create table fact_thing(position bigint not null, size varchar);
insert into fact_thing select position, size from events.thing_happened where is_new(position);
"""
NEW_FACT = """
create table fact_thing(position bigint not null, size bigint, colour varchar);
insert into fact_thing
select position, size, colour from events.thing_happened where is_new(position);
"""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SQLiteLog]:
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    yield log
    log.close()


def thing(position: int, schema: int, data: bytes) -> tuple[Any, ...]:
    random = Random(position)
    # Any event lends its envelope.
    lender = samples.event(Customer.WonBack, random)
    return samples.row(
        position, lender, random, topic="thing.happened", schema_version=schema, data=data
    )


def things(facts: Facts) -> list[tuple[Any, ...]]:
    return facts.asked("from fact_thing order by position")


def test_older_rows_are_upcast_on_the_way_in(log: SQLiteLog, tmp_path: Path) -> None:
    samples.append(
        log,
        [
            thing(1, 1, b'{"size":"7"}'),
            thing(2, 2, b'{"size":8,"colour":"red"}'),
            thing(3, 2, b'{"size":9}'),
        ],
    )
    with facts_of(tmp_path, Plan(events=[New], facts={"fact_thing": NEW_FACT}, views={})) as facts:
        assert things(facts) == [(1, 7, "grey"), (2, 8, "red"), (3, 9, "grey")]
        assert facts.asked("from rejected") == []


def test_a_new_upcaster_refills_the_mirror_and_builds_the_facts_again(
    log: SQLiteLog, tmp_path: Path
) -> None:
    samples.append(log, [thing(1, 1, b'{"size":"7"}'), thing(2, 1, b'{"size":"8"}')])
    with facts_of(tmp_path, Plan(events=[Old], facts={"fact_thing": OLD_FACT}, views={})) as facts:
        assert things(facts) == [(1, "7"), (2, "8")]
    with facts_of(tmp_path, Plan(events=[New], facts={"fact_thing": NEW_FACT}, views={})) as facts:
        assert things(facts) == [(1, 7, "grey"), (2, 8, "grey")]


def test_a_mirror_laid_out_otherwise_is_set_aside_and_filled_again(
    log: SQLiteLog, tmp_path: Path
) -> None:
    """As the release before had it: every event's data as JSON, and no table of a topic."""
    samples.append(log, [thing(1, 2, b'{"size":7}'), thing(2, 2, b'{"size":8}')])
    plan = Plan(events=[New], facts={"fact_thing": NEW_FACT}, views={})
    with facts_of(tmp_path, plan):
        pass
    with duckdb.connect(tmp_path / "mirror.duckdb") as mirror:
        mirror.execute("alter table event add column data varchar default '{}'")
        mirror.execute("drop schema events cascade; alter table shape rename shape to readable")
    with facts_of(tmp_path, plan) as facts:
        assert things(facts) == [(1, 7, "grey"), (2, 8, "grey")]
        assert facts.store.tables.differing() == []
    assert (tmp_path / "mirror.duckdb.aside").exists()


def test_a_topic_that_is_new_leaves_the_mirror_as_it_is(log: SQLiteLog, tmp_path: Path) -> None:
    samples.append(log, [thing(1, 2, b'{"size":7}')])
    with facts_of(tmp_path, Plan(events=[New], facts={"fact_thing": NEW_FACT}, views={})):
        pass
    more = Plan(events=[New, Customer.WonBack], facts={"fact_thing": NEW_FACT}, views={})
    with facts_of(tmp_path, more) as facts:
        assert things(facts) == [(1, 7, "grey")]
        assert facts.asked("from events.customer_won_back") == []
    assert not (tmp_path / "mirror.duckdb.aside").exists()


def test_a_fact_whose_text_changes_is_built_again_and_one_that_is_gone_is_dropped(
    log: SQLiteLog, tmp_path: Path
) -> None:
    samples.append(log, [thing(1, 2, b'{"size":7}')])
    two = {"fact_thing": NEW_FACT, "fact_other": NEW_FACT.replace("fact_thing", "fact_other")}
    with facts_of(tmp_path, Plan(events=[New], facts=two, views={})) as facts:
        assert facts.asked("select count(*) from fact_other") == [(1,)]
    doubled = NEW_FACT.replace("size, colour from", "2 * size, colour from")
    with facts_of(tmp_path, Plan(events=[New], facts={"fact_thing": doubled}, views={})) as facts:
        assert things(facts) == [(1, 14, "grey")]
        tables = facts.asked("select table_name from duckdb_tables() where table_name like 'fact%'")
        assert tables == [("fact_thing",)]


def test_a_field_named_like_a_column_of_the_envelope_bears_its_aggregates_name() -> None:
    from crm_es.projections.facts.relations import column  # noqa: PLC0415 - one test

    assert column("pipeline.published", "version") == "pipeline_version"
    assert column("pipeline.published", "name") == "name"


def test_ids_are_ids_whatever_their_bytes(log: SQLiteLog, tmp_path: Path) -> None:
    id = UUID(bytes=b"'\x00\xff\"\n;--" * 2)
    random = Random(1)
    row = samples.row(
        1, samples.event(Customer.Retracted, random, reason="x"), random, stream_id=id.bytes
    )
    samples.append(log, [row])
    with facts_of(tmp_path) as facts:
        assert facts.asked("select customer_id from fact_customer_change") == [(id,)]
