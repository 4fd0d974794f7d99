"""P9: what a fact cannot take, or nobody can read, is set aside and told of; the others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

import samples
from crm_es.aggregates.engagement.call import Call
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.plan import Plan
from fact_store import Facts, facts_of

FRAGILE = """
-- Calls whose outcome is a number.
-- Grain: one call.
create table fact_fragile(position bigint not null, outcome integer);
insert into fact_fragile
select position, cast(outcome as integer) from events.call_recorded where is_new(position);
"""
MENDED = FRAGILE.replace("cast", "try_cast")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SQLiteLog]:
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    yield log
    log.close()


def call(position: int, **given: Any) -> tuple[Any, ...]:
    random = Random(position)
    return samples.row(position, samples.event(Call.Recorded, random, **given), random)


def plan_with(fragile: str) -> Plan:
    return Plan(facts={"fact_call": Plan().facts["fact_call"], "fact_fragile": fragile}, views={})


def spoilt(position: int, **changed: Any) -> tuple[Any, ...]:
    """A call as something else would have written it."""
    random = Random(position)
    return samples.row(position, samples.event(Call.Recorded, random), random, **changed)


def with_data(position: int, change: Any) -> tuple[Any, ...]:
    data = orjson.loads(call(position)[-1])
    change(data)
    return spoilt(position, data=json.dumps(data).encode())


def count(facts: Facts, name: str) -> int:
    found: int = facts.asked(f"select count(*) from {name}")[0][0]
    return found


def test_a_fact_that_cannot_take_an_event_is_parked_and_the_others_go_on(
    log: SQLiteLog, tmp_path: Path
) -> None:
    samples.append(log, [call(1, outcome="7"), call(2, outcome="8")])
    with facts_of(tmp_path, plan_with(FRAGILE)) as facts:
        assert facts.store.tables.parked == {}
        samples.append(log, [call(3, outcome="sold"), call(4, outcome="9")])
        facts.follow()
        assert list(facts.store.tables.parked) == ["fact_fragile"]
        assert "sold" in facts.store.tables.parked["fact_fragile"]
        assert (count(facts, "fact_call"), count(facts, "fact_fragile")) == (4, 2)
        samples.append(log, [call(5, outcome="10")])
        facts.follow()
        assert facts.follower.position == 5
        assert (count(facts, "fact_call"), count(facts, "fact_fragile")) == (5, 2)


def test_a_parked_fact_is_tried_again_at_every_start_and_whole_once_it_is_mended(
    log: SQLiteLog, tmp_path: Path
) -> None:
    samples.append(log, [call(1, outcome="sold"), call(2, outcome="9")])
    for _ in range(2):
        with facts_of(tmp_path, plan_with(FRAGILE)) as facts:
            assert list(facts.store.tables.parked) == ["fact_fragile"]
            assert count(facts, "fact_call") == 2
    with facts_of(tmp_path, plan_with(MENDED)) as facts:
        assert facts.store.tables.parked == {}
        assert facts.asked("from fact_fragile order by 1") == [(1, None), (2, 9)]


def test_a_parked_fact_can_be_built_again_without_a_start(log: SQLiteLog, tmp_path: Path) -> None:
    samples.append(log, [call(1, outcome="7")])
    with facts_of(tmp_path, plan_with(FRAGILE)) as facts:
        facts.store.db.execute("alter table fact_fragile drop column outcome")
        samples.append(log, [call(2, outcome="8")])
        facts.follow()
        assert list(facts.store.tables.parked) == ["fact_fragile"]
        facts.store.tables.rebuild("fact_fragile")
        assert facts.store.tables.parked == {}
        assert facts.asked("from fact_fragile order by 1") == [(1, 7), (2, 8)]


SPOILT = {
    "no JSON": lambda n: spoilt(n, data=b"not json"),
    "another kind of JSON": lambda n: spoilt(n, data=b"[1]"),
    "null": lambda n: spoilt(n, data=b"null"),
    "a field is missing": lambda n: with_data(n, lambda data: data.pop("attempts")),
    "a field has another name": lambda n: with_data(
        n, lambda data: data.update(atempts=data.pop("attempts"))
    ),
    "a text where a number should be": lambda n: with_data(
        n, lambda data: data.update(attempts="many")
    ),
    "a number too large": lambda n: with_data(n, lambda data: data.update(seconds=2**70)),
    "an id that is none": lambda n: with_data(n, lambda data: data.update(campaign_id="zz")),
    "a topic of a later release": lambda n: spoilt(n, topic="call.dreamt"),
    "a shape of a later release": lambda n: spoilt(n, schema_version=9),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_an_event_nobody_can_read_is_rejected_and_the_others_are_counted(
    log: SQLiteLog, tmp_path: Path, kind: str
) -> None:
    samples.append(log, [call(1), SPOILT[kind](2), call(3)])
    with facts_of(tmp_path) as facts:
        assert facts.follower.position == 3
        assert [row[0] for row in facts.asked("from rejected")] == [2]
        assert facts.asked("select position from fact_call order by 1") == [(1,), (3,)]
        assert facts.store.tables.parked == {}
        samples.append(log, [SPOILT[kind](4), call(5)])
        facts.follow()
        assert [row[0] for row in facts.asked("from rejected order by 1")] == [2, 4]
        assert facts.store.tables.differing() == []


def test_what_a_later_release_can_read_is_counted_when_it_comes(
    log: SQLiteLog, tmp_path: Path
) -> None:
    """A mirror with rows of a topic whose shape is not what it was is filled again."""
    samples.append(log, [call(1), call(2)])
    old = Plan(events=[], facts={}, views={})
    with facts_of(tmp_path, old) as facts:
        assert facts.asked("select count(*) from rejected") == [(2,)]
    with facts_of(tmp_path) as facts:
        assert facts.asked("from rejected") == []
        assert count(facts, "fact_call") == 2


def test_the_widest_values_commands_take_are_readable(log: SQLiteLog, tmp_path: Path) -> None:
    """An amount of 14 digits and 4 places, a price of 12 and 6: ``from_json`` would make nulls."""
    from decimal import Decimal  # noqa: PLC0415 - one test

    from crm_es.aggregates.sales.order import Order  # noqa: PLC0415
    from crm_es.aggregates.sales.order_line import OrderLine  # noqa: PLC0415

    widest, price = Decimal("99999999999999.9999"), Decimal("999999999999.999999")
    line = OrderLine("P", None, None, widest, price, price, price, price, price, None)
    random = Random(1)
    placed = samples.event(Order.Placed, random, lines=(line,), line_count=1, amount=price)
    samples.append(log, [samples.row(1, placed, random)])
    with facts_of(tmp_path) as facts:
        assert facts.asked("from rejected") == []
        found = facts.asked("select quantity, unit_price, amount, cost from fact_order_line")
        assert found == [(widest, price, price, price)]
