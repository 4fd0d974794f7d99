"""A table comes out whole in every format, however large, and piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_es.projections.facts.catalogue import Column, Relation
from crm_es.projections.facts.export import FORMATS, MEDIA_TYPES, exported
from crm_es.projections.facts.fact import POSITIONS

ROWS = 1_200_000
TABLE = """
create table wide as select
    range as position, uuid() as id, '{first}' || range as text, now() as moment,
    (range / 7)::decimal(18, 4) as amount, -range as figure, [1, 2] as list,
    {{'a': 1}}::json as json, true as flag, current_date as day, null::varchar as nothing
from range({rows})
"""


def table(tmp_path: Path, rows: int, first: str = "x") -> tuple[Any, Relation]:
    db = duckdb.connect(
        tmp_path / "wide.duckdb",
        config={"memory_limit": "128MiB", "threads": "2", "preserve_insertion_order": "false"},
    )
    db.execute("set enable_progress_bar = false")
    db.execute(POSITIONS)
    db.execute(TABLE.format(rows=rows, first=first.replace("'", "''")))
    columns = [Column(name, kind) for name, kind, *_ in db.execute("describe wide").fetchall()]
    return db, Relation("wide", is_fact=True, about="", facts=("wide",), columns=tuple(columns))


def read(format: str, pieces: Iterator[bytes]) -> list[dict[str, Any]]:
    content = b"".join(pieces)
    if format == "parquet":
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    elif format == "arrow":
        rows = pa.ipc.open_stream(content).read_all().to_pylist()
    else:
        rows = list(csv.DictReader(io.StringIO(content.decode())))
    return sorted(rows, key=lambda row: int(row["position"]))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 25_000])
def test_every_row_comes_out_once(tmp_path: Path, format: str, count: int) -> None:
    db, relation = table(tmp_path, count)
    rows = read(format, exported(db.cursor(), relation, format))
    assert [int(row["position"]) for row in rows] == list(range(count))
    assert MEDIA_TYPES[format]


def test_what_is_in_a_cell_of_csv_can_be_read_back(tmp_path: Path) -> None:
    db, relation = table(tmp_path, 2, first='a "quoted", ü\n')
    (row, _) = read("csv", exported(db.cursor(), relation, "csv"))
    assert row["text"] == 'a "quoted", ü\n0'
    assert (row["amount"], row["figure"], row["flag"]) == ("0.0000", "0", "true")
    assert (row["list"], row["json"], row["nothing"]) == ("[1, 2]", '{"a":1}', "")
    assert row["moment"].endswith("Z")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_text_begins_like_a_formula(tmp_path: Path, first: str) -> None:
    db, relation = table(tmp_path, 1, first=first)
    (row,) = read("csv", exported(db.cursor(), relation, "csv"))
    assert row["text"] == f"'{first}0"
    assert row["figure"] == "0"


def test_as_of_a_position_only_what_was_known_comes_out(tmp_path: Path) -> None:
    db, relation = table(tmp_path, 100)
    cursor = db.cursor()
    cursor.execute("set variable as_of_position = 9")
    assert len(read("arrow", exported(cursor, relation, "arrow"))) == 10


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_a_million_rows_hold_no_more_memory_than_a_few(tmp_path: Path, format: str) -> None:
    db, relation = table(tmp_path, ROWS)
    size, most, before = 0, 0, None
    for piece in exported(db.cursor(), relation, format):
        size += len(piece)
        before = _resident() if before is None else before
        most = max(most, _resident() - before, len(piece))
    assert size > 20 << 20
    assert most < 160 << 20


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4_096
