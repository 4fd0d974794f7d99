"""P13: SQL of an analyst reads one snapshot, changes nothing and ends within its limits."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from time import monotonic

import pytest

import samples
from crm_es.aggregates import EVENTS
from crm_es.errors import Invalid, Unavailable
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.sandbox import SQL_SIZE_MAX, Limits, ask_snapshot
from crm_es.projections.facts.snapshot import Publisher
from fact_store import facts_of

QUICK = Limits(seconds=3)


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sandbox")
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    samples.append(log, list(samples.rows(list(EVENTS), 2_000, Random(3))))
    log.close()
    with facts_of(folder) as facts:
        Publisher(facts.store).publish()
    before = _state(folder)
    yield folder / "snapshots"
    assert _state(folder) == before, "somebody's question changed something"


def _state(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def refused(snapshots: Path, sql: str, limits: Limits = QUICK) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        ask_snapshot(snapshots, sql, limits=limits)
    return refusal.value


def test_a_question_is_answered_with_columns_rows_and_position(snapshots: Path) -> None:
    answer = ask_snapshot(
        snapshots,
        "select 1.50::decimal(9, 2) as money, uuid '01a20fc2-64bc-7ecb-9ff1-ac6980f27af2' as id,"
        " timestamptz '2026-01-02 03:04:05+02' as t, 'ä' as text, null as nothing, [1, 2] as list,"
        " {'a': date '2026-01-02'} as struct, 'x'::blob as raw, 'nan'::double as nan",
    )
    assert [column.name for column in answer.columns][:3] == ["money", "id", "t"]
    assert answer.columns[0].type == "DECIMAL(9,2)"
    assert answer.rows == [
        [
            "1.50", "01a20fc2-64bc-7ecb-9ff1-ac6980f27af2", "2026-01-02T01:04:05+00:00", "ä",
            None, [1, 2], {"a": "2026-01-02"}, "78", "nan",
        ]
    ]  # fmt: skip
    assert (answer.is_cut, answer.snapshot.position) == (False, 2_000)


@pytest.mark.parametrize(
    "sql",
    [
        "from fact_call", "values (1)", "with a as (select 1) select * from a",
        "explain select 1", "explain analyze select count(*) from fact_call",
        "select count(*) from dim_customer", "select * from opportunity_at(now())",
        "summarize fact_call", "select * from duckdb_tables()", "describe fact_call",
        "select business_month(occurred_at), sum(seconds) from fact_call group by 1",
    ],
)  # fmt: skip
def test_whatever_only_reads_is_answered(snapshots: Path, sql: str) -> None:
    assert ask_snapshot(snapshots, sql).columns


def test_as_of_a_position_nothing_later_is_seen(snapshots: Path) -> None:
    sql = "select max(position) from fact_interaction where is_known(position)"
    whole, earlier = ask_snapshot(snapshots, sql), ask_snapshot(snapshots, sql, as_of=500)
    assert earlier.rows[0][0] <= 500 < whole.rows[0][0]


@pytest.mark.parametrize(
    "sql",
    [
        "", "select 1; select 2", "insert into fact_call select * from fact_call",
        "update fact_call set seconds = 0", "delete from fact_call", "drop table fact_call",
        "create table t as select 1", "create temp table t as select 1",
        "alter table fact_call add x int",
        "truncate fact_call", "copy fact_call to '/tmp/x'", "copy fact_call to '/dev/stdout'",
        "export database '/tmp/x'", "import database '/tmp/x'", "attach ':memory:'",
        "attach '/tmp/x.duckdb'", "detach facts", "use memory", "install httpfs", "load json",
        "set memory_limit = '10GB'", "set threads = 8", "set variable x = 1",
        "set lock_configuration = false", "reset memory_limit", "pragma version",
        "pragma enable_profiling = 'json'", "call pragma_version()", "checkpoint", "vacuum",
        "begin", "commit", "prepare p as select 1", "execute p", "deallocate p", "analyze",
        "create macro m() as 1", "create secret s (type s3)", "comment on table fact_call is 'x'",
    ],
)  # fmt: skip
def test_whatever_is_no_single_select_is_refused(snapshots: Path, sql: str) -> None:
    assert refused(snapshots, sql).code in {"sql.not_one_select", "sql.failed"}


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')", "select * from read_blob('/etc/passwd')",
        "select * from read_csv('/etc/passwd')", "select * from read_csv_auto('/etc/passwd')",
        "select * from read_json('/etc/passwd')", "select * from read_parquet('/etc/passwd')",
        "from '/etc/passwd'", "from '/etc/hosts.csv'", "from '/dev/stdin'",
        "select * from glob('/*')", "select * from sniff_csv('/etc/passwd')",
        "select * from parquet_metadata('/etc/passwd')", "from '/proc/self/environ'",
        "from read_text('/proc/self/cmdline')", "select * from read_duckdb('/tmp/x.duckdb')",
        "from 'http://localhost/x.parquet'", "from 'https://example.org/x.csv'",
        "from 's3://bucket/x.parquet'", "select * from json_execute_serialized_sql('x')",
        "select * from query('copy fact_call to ''/tmp/x''')",
        "with x as (insert into fact_call select * from fact_call returning *) select * from x",
        "with x as (delete from fact_call returning *) select * from x",
        "select getenv('HOME')", "from asked", "from sys",
        "select * from read_text('../../log.sqlite')",
        "select nextval('s')", "select current_setting('s3_secret_access_key')",
        "select * from mirror.event", "select * from events.call_recorded",
        "select * from which_secret('x', 'y')",
    ],
)  # fmt: skip
def test_nothing_but_the_snapshot_can_be_reached(snapshots: Path, sql: str) -> None:
    assert refused(snapshots, sql).code == "sql.failed"


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(1000000000000)",
        "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r",
        "select count(*) from range(100000) a, range(100000) b, range(100000) c",
        "select sleep_ms(60000)", "select length(repeat('x', 4000000000))",
        "select length(range(500000000))", "select lpad('x', 2000000000, 'y')",
        "select printf('%1000000000d', 1)",
        "select levenshtein(repeat('a', 200000), repeat('b', 200000))",
        "select list_transform(range(100000000), lambda x: x + 1)",
        "select list(a.range order by a.range) from range(100000000) a",
        "select * from range(100000000) a order by hash(a.range)",
        "select count(distinct a.range) from range(300000000) a",
        "select " + "(" * 2_000 + "1" + ")" * 2_000,
        "select 1 where " + " or ".join(f"{n} = 1" for n in range(5_000)),
    ],
)  # fmt: skip
def test_every_question_ends_within_its_limits(snapshots: Path, sql: str) -> None:
    began = monotonic()
    try:
        ask_snapshot(snapshots, sql, limits=QUICK)
    except Invalid as refusal:
        assert refusal.code in {"sql.too_slow", "sql.too_large", "sql.failed"}  # noqa: PT017
    assert monotonic() - began < QUICK.seconds + 1.5


def test_more_rows_than_allowed_are_cut_and_said_to_be(snapshots: Path) -> None:
    answer = ask_snapshot(snapshots, "from range(1000)", limits=Limits(rows=10))
    assert (len(answer.rows), answer.is_cut) == (10, True)
    exact = ask_snapshot(snapshots, "from range(10)", limits=Limits(rows=10))
    assert (len(exact.rows), exact.is_cut) == (10, False)


def test_more_bytes_than_allowed_are_cut_and_said_to_be(snapshots: Path) -> None:
    sql = "select repeat('x', 1000) from range(1000)"
    answer = ask_snapshot(snapshots, sql, limits=Limits(bytes=50_000))
    assert (40 < len(answer.rows) < 60, answer.is_cut) == (True, True)


def test_one_row_larger_than_everything_is_refused(snapshots: Path) -> None:
    sql = "select repeat('x', 50_000_000)"
    assert refused(snapshots, sql, Limits(bytes=1_000)).code == "sql.too_large"


def test_a_question_longer_than_a_book_is_refused(snapshots: Path) -> None:
    assert refused(snapshots, "select '" + "x" * SQL_SIZE_MAX + "'").code == "sql.too_long"


def test_without_a_snapshot_nothing_is_answered(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        ask_snapshot(tmp_path, "select 1")
    assert refusal.value.code == "sql.no_snapshot"
