"""Rows as text in a DuckDB of their own: a temporary file, locked down, with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from crm_es.errors import Invalid
from crm_es.intake.decoding import TextFile
from crm_es.intake.limits import Limits
from crm_es.intake.mapping.layout import Layout
from crm_es.intake.reader import SEPARATOR, Batch, Reader
from crm_es.intake.scratch import Scratch
from crm_es.intake.sql import identifier, literal

MEMORY = "128MB"
THREADS = 2
PAGE_ROWS = 10_000
SPAN_ROWS, SPAN_SIZE = 20_000, 16 * 2**20
"""So many rows, or characters of them on an average, are worked on at a time."""
LINE_BITS = 32
LINE_MASK = (1 << LINE_BITS) - 1
"""``_line`` is the file's number among those read as one, then the line in it."""

_SCHEMA = pa.schema([("_line", pa.int64()), ("record", pa.string()), ("fault", pa.string())])
_LOCKED = (
    "pragma disable_checkpoint_on_shutdown",  # it is thrown away
    "set enable_progress_bar = false",
    f"set threads = {THREADS}",
    "set timezone = 'UTC'",
    "set python_enable_replacements = false",
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)


@dataclass(frozen=True, slots=True)
class FileProfile:
    """What is in the files read under one name."""

    name: str
    paths: tuple[str, ...]
    sha256: tuple[str, ...]
    """Of each file as stored."""
    columns: tuple[str, ...]
    rows: int
    """Data lines, with those that are no record."""
    faults: int
    """Lines that are no record."""
    blanks: dict[str, int]
    """By column, the cells without a value."""
    duplicates: int
    """Rows equal to one before, cell for cell."""
    last_lines: tuple[int, ...]
    """Of each file, the last line with a row."""
    size: int
    """Characters of text, all files together."""

    @property
    def span_rows(self) -> int:
        return min(SPAN_ROWS, max(1, SPAN_SIZE * self.rows // max(self.size, 1)))

    def place(self, line: int) -> tuple[str, int]:
        """The file and the line in it, as an editor counts."""
        return self.paths[line >> LINE_BITS], line & LINE_MASK


class Spool:
    """A connection to the rows. Views named as the mapping's files show their cells as text."""

    def __init__(self, folder: Path, *, memory: str = MEMORY) -> None:
        self._streams = 0
        self._scratch = Scratch(folder)
        place = self._scratch.path
        self._db = duckdb.connect(str(place / "rows.duckdb"))
        self._db.execute(f"set memory_limit = {literal(memory)}")
        self._db.execute(f"set temp_directory = {literal(str(place / 'spill'))}")
        macros = files("crm_es.intake.compiler").joinpath("cells.sql").read_text("utf-8")
        self._db.execute(f"begin; create schema raw; create schema repeats; {macros} commit")
        for setting in _LOCKED:
            self._db.execute(setting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()
        self._scratch.remove()

    def run(self, sql: str, values: Mapping[str, int] | None = None) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, values).fetchall()

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """As ``run``, but for any number of rows, in the order the SELECT says."""
        self._streams += 1
        name = f"streamed_{self._streams}"
        self.run(f"create temp table {name} as select row_number() over () as n, * from ({sql})")
        page = f"select * exclude n from {name} where n > $low and n <= $high order by n"
        low = 0
        while rows := self.run(page, {"low": low, "high": low + PAGE_ROWS}):
            yield from rows
            low += PAGE_ROWS
        self.run(f"drop table {name}")

    def load(self, name: str, layout: Layout, paths: Sequence[Path], limits: Limits) -> FileProfile:
        """Read files as one table. Raises Invalid when one of them cannot be read as a whole."""
        columns: tuple[str, ...] = ()
        hashes, size = [], 0
        for number, path in enumerate(paths):
            text = TextFile(path, layout.encoding, limits)
            reader = Reader(text, layout, limits, path.name)
            if not columns:
                columns = reader.columns
                self.run(_table(name, columns))
            elif reader.columns != columns:
                told = f"{path.name}: its columns are not those of {paths[0].name}."
                raise Invalid("file.header_differs", told)
            self._fill(_filling(name, layout, columns), number, reader)
            hashes.append(text.sha256)
            size += text.size
        names = tuple(path.name for path in paths)
        self.run(_repeats(name))
        duplicates: int = self.run(f"select count(*) from repeats.{identifier(name)}")[0][0]
        self.run(_view(name, columns, names, is_repeated=duplicates > 0))
        return self._profile(name, names, tuple(hashes), columns, duplicates, size)

    def _fill(self, insert: str, number: int, reader: Reader) -> None:
        """Stream a file's batches in, so that reading and writing go on side by side."""
        failures: list[BaseException] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for batch in reader.batches():
                    yield _arrow(batch, number << LINE_BITS)
            except BaseException as failure:
                failures.append(failure)
                raise

        self._db.register("batches", pa.RecordBatchReader.from_batches(_SCHEMA, batches()))
        try:
            self._db.execute(insert)
        except duckdb.Error:
            if failures:
                raise failures[0] from None
            raise
        finally:
            self._db.unregister("batches")

    def _profile(
        self, name: str, paths: tuple[str, ...], hashes: tuple[str, ...], columns: tuple[str, ...],
        duplicates: int, size: int,
    ) -> FileProfile:  # fmt: skip
        raw = f"raw.{identifier(name)}"
        counts = "".join(f", count({cell})" for cell in _cells(columns))
        rows, whole, *filled = self.run(f"select count(*), count(digest){counts} from {raw}")[0]
        last = dict(self.run(f"select _line >> {LINE_BITS}, max(_line) from {raw} group by 1"))
        last_lines = [last.get(n, 0) & LINE_MASK for n in range(len(paths))]
        blanks = {c: whole - n for c, n in zip(columns, filled, strict=True) if n < whole}
        return FileProfile(
            name, paths, hashes, columns, rows, rows - whole, blanks, duplicates,
            tuple(last_lines), size,
        )  # fmt: skip


def _arrow(batch: Batch, offset: int) -> pa.RecordBatch:
    lines = [offset + line for line in batch.lines]
    lines += [offset + fault.line for fault in batch.faults]
    records = [*batch.records, *(None for _ in batch.faults)]
    faults: list[str | None] = [None] * len(batch.records)
    faults += [SEPARATOR.join([f.code, f.column or "", f.detail]) for f in batch.faults]
    return pa.record_batch([lines, records, faults], schema=_SCHEMA)


def _cells(columns: tuple[str, ...]) -> list[str]:
    """How the table names them: its own columns and the file's cannot be mixed up."""
    return [f"c{n}" for n in range(1, len(columns) + 1)]


def _table(name: str, columns: tuple[str, ...]) -> str:
    """A row is a record with its digest, or a fault."""
    cells = "".join(f", {cell} varchar" for cell in _cells(columns))
    return (
        f"create table raw.{identifier(name)}(_line bigint, fault varchar, digest uhugeint{cells})"
    )


def _filling(name: str, layout: Layout, columns: tuple[str, ...]) -> str:
    """What stands around a cell and what stands for nothing is taken out on the way in.

    ``trim`` takes spaces of every width; the reader has taken out all other blanks.
    """
    cells = []
    for n, column in enumerate(columns, start=1):
        text = f"nullif(trim(cells[{n}]), '')"
        for mark in [*layout.missing, *layout.missing_in.get(column, [])]:
            text = f"nullif({text}, {literal(mark)})"
        cells.append(text)
    return (
        f"insert into raw.{identifier(name)} select _line, fault, md5_number(record)"
        f"{''.join(f', {cell}' for cell in cells)} "
        "from (select *, string_split(record, chr(31)) as cells from batches)"
    )


def _repeats(name: str) -> str:
    """How often a row's contents came before it, for the few rows whose did."""
    raw = f"raw.{identifier(name)}"
    return f"""
        create table repeats.{identifier(name)} as
        with repeated as (
            select digest from {raw} where fault is null group by digest having count(*) > 1
        )
        select _line, row_number() over (partition by digest order by _line) as n
        from {raw} semi join repeated using (digest) qualify n > 1"""


def _view(name: str, columns: tuple[str, ...], paths: tuple[str, ...], *, is_repeated: bool) -> str:
    shown = [
        f"{cell} as {identifier(column)}"
        for cell, column in zip(_cells(columns), columns, strict=True)
    ]
    names = ", ".join(literal(path) for path in paths)
    rows = f"raw.{identifier(name)}"
    if is_repeated:
        rows += f" left join repeats.{identifier(name)} using (_line)"
    return f"""
        create view {identifier(name)} as
        select _line, digest::varchar as _hash,
            {"coalesce(n, 1)::varchar" if is_repeated else "'1'"} as _occurrence,
            ([{names}])[(_line >> {LINE_BITS}) + 1] as _file,
            {", ".join(shown)}
        from {rows} where fault is null"""
