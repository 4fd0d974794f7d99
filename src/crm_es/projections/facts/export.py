"""A fact or a view as a file, made piece by piece: a million rows take no more than a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from crm_es.projections.facts.catalogue import Column, Relation

ROWS = 10_000
"""So many at a time."""
ROW_GROUP_SIZE = 100_000
"""Rows of a Parquet row group: what is held until it is written."""
_RISKY = r"^[=+\-@\t\r]"
"""How a cell begins that a spreadsheet takes for a formula."""

Encode = Callable[[pa.RecordBatchReader], Iterator[bytes]]


def exported(cursor: duckdb.DuckDBPyConnection, relation: Relation, format: str) -> Iterator[bytes]:
    """The whole of a relation, as far as ``cursor`` may know it; it is this question's alone."""
    encode, as_text = FORMATS[format]
    wanted = ", ".join(
        _text(column) if as_text else f'"{column.name}"' for column in relation.columns
    )
    known = " where is_known(position)" if relation.is_fact else ""
    sql = f"select {wanted} from {relation.name}{known}"
    yield from encode(cursor.sql(sql).to_arrow_reader(ROWS))


def _text(column: Column) -> str:
    """A column as it stands in CSV: numbers, truths and days as they are, all else as text."""
    quoted, kind = f'"{column.name}"', column.type
    if kind in {"VARCHAR", "JSON"} or kind.endswith("]"):
        text = f"{quoted}::varchar"
        return f"if(regexp_matches({text}, '{_RISKY}'), '''' || {text}, {text}) as {quoted}"
    if kind == "UUID":
        return f"{quoted}::varchar as {quoted}"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({quoted}, '%Y-%m-%dT%H:%M:%S.%fZ') as {quoted}"
    return quoted


def _arrow(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    sink = _Sink()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        for batch in rows:
            stream.write_batch(batch)
            yield from sink.taken()
    yield from sink.taken()


def _parquet(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    sink = _Sink()
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(sink, rows.schema, compression="zstd") as file:
        for batch in rows:
            waiting.append(batch)
            if sum(map(len, waiting)) >= ROW_GROUP_SIZE:
                file.write_table(pa.Table.from_batches(waiting))
                waiting.clear()
                yield from sink.taken()
        if waiting:
            file.write_table(pa.Table.from_batches(waiting))
    yield from sink.taken()


def _csv(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    sink = _Sink()
    with pa_csv.CSVWriter(sink, rows.schema) as file:
        for batch in rows:
            file.write_batch(batch)
            yield from sink.taken()
    yield from sink.taken()


class _Sink(BytesIO):
    """A file that is emptied while it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._gone = 0

    def tell(self) -> int:
        return self._gone + super().tell()

    def close(self) -> None:
        """Its writer closes it; what is left can still be taken."""

    def taken(self) -> Iterator[bytes]:
        piece = self.getvalue()
        self._gone += len(piece)
        self.seek(0)
        self.truncate()
        if piece:
            yield piece


FORMATS: dict[str, tuple[Encode, bool]] = {
    "parquet": (_parquet, False),
    "csv": (_csv, True),
    "arrow": (_arrow, False),
}
"""How each is made, and whether its cells are text."""
MEDIA_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
}
