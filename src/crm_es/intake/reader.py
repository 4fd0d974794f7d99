"""Text to records: (line, cells), strictly; what is no record is a fault with a line and a code."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crm_es.errors import Invalid
from crm_es.intake.limits import Limits
from crm_es.intake.mapping.layout import SPACES, Layout

SEPARATOR = "\x1f"
"""Stands between the cells of a record; no cell contains it."""
LINE_MAX = 2**24
RESERVED = ("_line", "_hash", "_occurrence", "_file")
"""Columns every file has of its own."""

_FORBIDDEN = "\0"
"""What a NUL or a separator in a cell is read as, until its row is refused."""
_BLANKS = " \t\n\r\v\f\u00a0\u2007\u202f\u3000\ufeff"
_ODD_BLANK = re.compile("[\t\n\v\f\ufeff]")
"""Found in few records, whose cells are stripped here; spaces are left to the faster spool."""


class Fault(NamedTuple):
    """Why a line is no record."""

    line: int
    column: str | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in order of line. A line is where a record starts, counted as an editor counts."""

    lines: Sequence[int]
    records: Sequence[str]
    """The cells of each record, joined by SEPARATOR."""
    faults: Sequence[Fault]


class Reader:
    """One file's records under the names of its columns. Reading raises Invalid for a whole file.

    A stretch of text without quotes is cut in C, any other goes through ``csv`` record by record;
    both give the same records.
    """

    def __init__(self, text: Iterable[str], layout: Layout, limits: Limits, name: str) -> None:
        self.name, self._layout, self._limits = name, layout, limits
        self._stretches = self._whole_lines(text)
        self._line = 1
        self._rest, self._is_last = "", False
        self._advance()
        self.columns = self._header()

    def batches(self) -> Iterator[Batch]:
        rows = 0
        while self._rest or not self._is_last:
            batch = self._batch()
            rows += len(batch.records) + len(batch.faults)
            if self._limits.rows_max is not None and rows > self._limits.rows_max:
                raise self._refused("file.rows", f"more than {self._limits.rows_max} rows.")
            if batch.records or batch.faults:
                yield batch
            if not self._is_last:
                self._advance()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The records with their lines; faults are left to ``batches``."""
        for batch in self.batches():
            for line, record in zip(batch.lines, batch.records, strict=True):
                yield line, record.split(SEPARATOR)

    def _advance(self) -> None:
        stretch = next(self._stretches, None)
        self._is_last = stretch is None
        self._rest += stretch or ""

    def _whole_lines(self, text: Iterable[str]) -> Iterator[str]:
        """The same text in pieces that end where a line ends, but for the last."""
        held = ""
        for piece in text:
            safe = piece.replace(SEPARATOR, _FORBIDDEN) if SEPARATOR in piece else piece
            cut = safe.rfind("\n") + 1
            if cut:
                yield held + safe[:cut]
                held = ""
            held += safe[cut:]
            if len(held) > LINE_MAX:
                raise self._refused("file.no_lines", f"a line of more than {LINE_MAX} characters.")
        if held:
            yield held

    def _batch(self) -> Batch:
        layout, text = self._layout, self._rest
        if layout.delimiter == SPACES:
            records = [SEPARATOR.join(line.split()) for line in text.split("\n")]
        elif layout.quote and layout.quote in text:
            return self._quoted(text)
        else:
            records = text.replace(layout.delimiter, SEPARATOR).split("\n")
        if not records[-1]:  # after the last line feed
            records.pop()
        if any(blank in text for blank in "\t\v\f\ufeff"):
            records = _stripped(records)
        lines = range(self._line, self._line + len(records))
        self._line, self._rest = self._line + text.count("\n"), ""
        return self._checked(lines, records, [])

    def _quoted(self, text: str) -> Batch:
        """The records of any stretch; one that is still open at its end waits for the next.

        An unclosed quote costs its own line only: reading goes on with the line after it.
        """
        lines = io.StringIO(text, newline="\n").readlines()
        starts: list[int] = []
        records: list[str] = []
        faults: list[Fault] = []
        at, rest = 0, ""
        while at < len(lines):
            reader, start = self._csv(lines[at:]), at
            try:
                for cells in reader:
                    starts.append(self._line + start)
                    records.append(SEPARATOR.join(cells))
                    start = at + reader.line_num
                break
            except csv.Error as error:
                is_open = "unexpected end" in str(error)
                if is_open and not self._is_last:
                    rest = "".join(lines[start:])
                    lines = lines[:start]
                    break
                ran_on = is_open or at + reader.line_num > start + 1
                faults.append(self._torn(self._line + start, lines[start], ran_on=ran_on))
                at = start + 1
        self._line, self._rest = self._line + len(lines), rest
        return self._checked(starts, _stripped(records), faults)

    def _csv(self, lines: list[str]) -> csv._reader:  # type: ignore[name-defined]
        layout = self._layout
        return csv.reader(
            lines, strict=True, delimiter=layout.delimiter, quotechar=layout.quote or None,
            quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE,
            escapechar=layout.escape or None, doublequote=not layout.escape,
        )  # fmt: skip

    def _checked(self, lines: Sequence[int], records: list[str], faults: list[Fault]) -> Batch:
        """The same less blank lines, and less what is wrong with the cells, which are faults."""
        ends, limit = len(self.columns) - 1, self._limits.cell_max
        if not (
            any(record.count(SEPARATOR) != ends for record in records)
            or any(map(_is_blank, records))
            or any(_FORBIDDEN in record for record in records)
            or max(map(len, records), default=0) > limit
        ):
            return Batch(lines, records, faults)
        kept: list[tuple[int, str]] = []
        for line, record in zip(lines, records, strict=True):
            if _is_blank(record):
                continue
            fault = self._fault(line, record.split(SEPARATOR))
            if fault is None:
                kept.append((line, record))
            else:
                faults.append(fault)
        return Batch([line for line, _ in kept], [record for _, record in kept], sorted(faults))

    def _fault(self, line: int, cells: list[str]) -> Fault | None:
        if len(cells) != len(self.columns):
            detail = f"{len(cells)} cells where the header has {len(self.columns)}"
            return Fault(line, None, "row.columns", detail)
        for column, cell in zip(self.columns, cells, strict=True):
            if _FORBIDDEN in cell:
                return Fault(line, column, "cell.control_character", "a NUL or unit separator")
            if len(cell) > self._limits.cell_max:
                detail = f"more than {self._limits.cell_max} characters"
                return Fault(line, column, "cell.too_long", detail)
        return None

    def _torn(self, line: int, text: str, *, ran_on: bool) -> Fault:
        """The fault of a record that csv refused; ``ran_on`` if it did not end in its own line."""
        if ran_on:
            detail = "a quote is opened and not closed"
            return Fault(line, self._column_of_open_quote(text), "row.unclosed_quote", detail)
        if len(text) > csv.field_size_limit():
            return Fault(line, None, "cell.too_long", "a cell longer than any may be")
        return Fault(line, None, "row.stray_quote", "text after a closing quote")

    def _column_of_open_quote(self, text: str) -> str | None:
        """The column the last quote of a line opens, if nothing before it is quoted."""
        before, _, _ = text.rpartition(self._layout.quote)
        at = before.count(self._layout.delimiter)
        is_known = self._layout.quote not in before and at < len(self.columns)
        return self.columns[at] if is_known else None

    def _header(self) -> tuple[str, ...]:
        layout = self._layout
        for _ in range(layout.skip_lines):
            self._drop_line()
        while self._rest.startswith("\n"):
            self._drop_line()
        names = self._first_record() if layout.header else []
        if layout.columns is not None:
            if names and len(names) != len(layout.columns):
                told = f"{len(names)} columns, the mapping names {len(layout.columns)}"
                raise self._refused("file.header", f"the header has {told}.")
            names = layout.columns
        if len(names) > self._limits.columns_max:
            raise self._refused("file.columns", f"more than {self._limits.columns_max} columns.")
        return named(names)

    def _first_record(self) -> list[str]:
        lines = io.StringIO(self._rest, newline="\n").readlines()
        if not lines:
            raise self._refused("file.empty", "there is no header.")
        if self._layout.delimiter == SPACES:
            self._drop_line()
            return lines[0].split()
        reader = self._csv(lines)
        try:
            names: list[str] = next(reader)
        except csv.Error:
            raise self._refused("file.header", "the quotes of the header do not pair up.") from None
        for _ in range(reader.line_num):
            self._drop_line()
        return names

    def _drop_line(self) -> None:
        _, _, self._rest = self._rest.partition("\n")
        self._line += 1

    def _refused(self, code: str, detail: str) -> Invalid:
        return Invalid(code, f"{self.name}: {detail}")


def named(header: Iterable[str]) -> tuple[str, ...]:
    """Names told apart: ``unnamed`` where there is none, ``category 2`` for a second category.

    Names that differ in case only count as one, since SQL takes them so.
    """
    taken = set(RESERVED)
    names = []
    for given in header:
        plain = " ".join(given.replace("\ufeff", "").replace(_FORBIDDEN, " ").split()) or "unnamed"
        name, again = plain, 1
        while name.casefold() in taken:
            again += 1
            name = f"{plain} {again}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _stripped(records: list[str]) -> list[str]:
    return [
        SEPARATOR.join(cell.strip(_BLANKS) for cell in record.split(SEPARATOR))
        if _ODD_BLANK.search(record)
        else record
        for record in records
    ]


def _is_blank(record: str) -> bool:
    """An empty line. One of separators only is a record, of which something must become."""
    return not record or (SEPARATOR not in record and record.isspace())
