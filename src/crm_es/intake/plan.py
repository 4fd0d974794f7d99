"""Files and a mapping, planned: every transaction an import is to make, and every reject."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self
from uuid import UUID

from crm_es.errors import Invalid
from crm_es.intake.accounting import Ledger, Tally
from crm_es.intake.compiler import Program, compile_rows
from crm_es.intake.compiler.program import SPAN_ROWS
from crm_es.intake.compiler.values import Check
from crm_es.intake.ids import command_id, import_id, source_id
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping import Mapping as Whole
from crm_es.intake.mapping.rules import Rows
from crm_es.intake.selects import pick
from crm_es.intake.spool import LINE_BITS, MEMORY, Spool
from crm_es.intake.sql import identifier


class Planned(NamedTuple):
    """One command of a unit."""

    index: int
    """Which of its rules' commands it is: with the unit's ordinal it makes the command's id."""
    name: str
    body: bytes
    """JSON, fields without a value left out."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One row or group, or a command of the setup: what is recorded together or not at all."""

    ordinal: int
    file: str | None
    line: int | None
    """The first of its lines; None for the setup, as is the file."""
    lines: Sequence[int]
    """All of them, as the spool counts."""
    commands: Sequence[Planned]
    updates: Sequence[Planned] = ()
    """What to send instead when what it registers is known already."""
    known: Literal["reject", "skip", "update"] = "reject"
    """What becomes of it then."""

    def command_id(self, import_id: UUID, planned: Planned) -> UUID:
        return command_id(import_id, self.ordinal, planned.index)


class Reject(NamedTuple):
    """A line that becomes nothing, and why. It never repeats what is in a cell."""

    file: str
    line: int
    column: str | None
    code: str
    detail: str


class Plan:
    """An import before it is sent: read, profiled, and the same each time it is iterated.

    Making one raises Invalid for a whole file: it cannot be decoded, its header lacks a column the
    mapping uses. Iterating yields Unit and Reject and raises Unaccounted at the end.
    """

    def __init__(
        self,
        mapping: Whole,
        files: Mapping[str, Sequence[Path]],
        *,
        folder: Path,
        limits: Limits = OPERATOR,
        memory: str = MEMORY,
    ) -> None:
        """``files`` are paths by the names the mapping gives them, ``folder`` is for the spool."""
        self.mapping = mapping
        self.tally = Tally()
        """Of the iteration that is under way, or of the last one."""
        self._spool = Spool(folder, memory=memory)
        try:
            self.profiles = {
                name: self._spool.load(name, layout, files[name], limits)
                for name, layout in mapping.files.items()
            }
            self._programs = [self._program(n, rows) for n, rows in enumerate(mapping.rows)]
        except BaseException:
            self._spool.close()
            raise
        hashes = [
            (name, sha256) for name, found in self.profiles.items() for sha256 in found.sha256
        ]
        self.import_id = import_id(mapping.digest, hashes)
        self._ordinal = 0
        self._ledgers: dict[str, Ledger] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._spool.close()

    def __iter__(self) -> Iterator[Unit | Reject]:
        self.tally, self._ordinal = Tally(), 0
        self._ledgers = {name: Ledger(found) for name, found in self.profiles.items()}
        for name in self.profiles:
            yield from self._no_records(name)
        yield from self._setup()
        for rows, program in zip(self.mapping.rows, self._programs, strict=True):
            yield from self._rows(rows, program)
        for name, layout in self.mapping.files.items():
            if not layout.lookup:
                self._ledgers[name].close(self._spool)

    def _program(self, n: int, rows: Rows) -> Program:
        view, known = rows.main, {name: found.columns for name, found in self.profiles.items()}
        if rows.sql is not None:
            view = f"picked {n}"
            known[view] = pick(self._spool, view, rows.sql, rows.main, list(self.profiles))
        program = compile_rows(rows, self.mapping, view, known)
        if program.absent:
            file = program.absent[0][0]
            lacking = ", ".join(repr(name) for table, name in program.absent if table == file)
            there = ", ".join(known[file])
            raise Invalid("file.header_column", f"{file}: no column {lacking}; there are: {there}.")
        return program

    def _no_records(self, name: str) -> Iterator[Reject]:
        faults = f"select _line, fault from raw.{identifier(name)} where fault is not null"
        for line, fault in self._spool.run(f"{faults} order by _line"):
            code, column, detail = fault.split("\x1f")
            yield self._reject(name, line, column or None, code, detail)

    def _setup(self) -> Iterator[Unit]:
        for step in self.mapping.setup:
            fields = {name: self._setup_value(given) for name, given in step.fields.items()}
            body = json.dumps(fields, ensure_ascii=False, default=str).encode()
            yield self._unit(None, [], [Planned(0, step.command, body)])

    def _setup_value(self, given: Any) -> Any:
        if isinstance(given, dict) and set(given) == {"id"}:
            return str(source_id(self.mapping.source, given["id"]))
        return given

    def _rows(self, rows: Rows, program: Program) -> Iterator[Unit | Reject]:
        name = rows.main
        for statement in program.prepare:
            self._spool.run(statement)
        self._pass_over(rows, program)
        if program.refused is not None:
            for line, column, code in self._spool.run(program.refused):
                yield self._reject(name, line, column, code, _REFUSED[code])
        if program.repeated is not None and rows.repeats == "reject":
            for (line,) in self._spool.run(program.repeated):
                yield self._reject(name, line, None, "row.repeated", _REFUSED["row.repeated"])
        for low, high in self._spans(name, program):
            for line, lines, faults, *bodies in self._spool.run(
                program.units, {"low": low, "high": high}
            ):
                if faults is not None:
                    self._ordinal += 1
                    yield from self._rejects(name, lines or [line], faults, program.checks)
                elif any(bodies):
                    planned = _planned(program, bodies)
                    yield self._unit(name, lines or [line], planned, rows)

    def _pass_over(self, rows: Rows, program: Program) -> None:
        """Account for what rules skip."""
        skipped = self._spool.run(program.skipped) if program.skipped else []
        for rule, line in skipped:
            self.tally.skipped[rows.skip[rule].because] += 1
            self._ledgers[rows.main].note([line])
        if program.repeated is not None and rows.repeats == "skip":
            for (line,) in self._spool.run(program.repeated):
                self.tally.skipped["repeated"] += 1
                self._ledgers[rows.main].note([line])

    def _spans(self, name: str, program: Program) -> Iterable[tuple[int, int]]:
        if program.spans is not None:
            return self._spool.run(program.spans)  # type: ignore[return-value]
        return [
            (number << LINE_BITS | low, number << LINE_BITS | low + SPAN_ROWS - 1)
            for number, last in enumerate(self.profiles[name].last_lines)
            for low in range(0, last + 1, SPAN_ROWS)
        ]

    def _unit(
        self,
        name: str | None,
        lines: Sequence[int],
        planned: Sequence[Planned],
        rows: Rows | None = None,
    ) -> Unit:
        file = line = None
        if name is not None:
            self._ledgers[name].note(lines)
            file, line = self._ledgers[name].place(lines[0])
        own = len(rows.do) if rows else len(planned)
        commands = [one for one in planned if one.index < own]
        updates = [one for one in planned if one.index >= own]
        self.tally.units += 1
        self.tally.commands.update(one.name for one in commands)
        known = rows.known if rows else "reject"
        unit = Unit(self._ordinal, file, line, lines, commands, updates, known)
        self._ordinal += 1
        return unit

    def _rejects(
        self, name: str, lines: Sequence[int], faults: str, checks: Sequence[Check]
    ) -> Iterator[Reject]:
        """Everything wrong with a row or group; its other lines are rejected with it."""
        found: dict[tuple[int, str | None, str], str] = {}
        for of_line in faults.split("|"):
            line, _, told = of_line.partition(":")
            for one in told.split(";"):
                slot, _, code = one.partition("!")
                check = checks[int(slot)]
                found[int(line), check.column, code] = check.expected(code)
        bad = {line for line, _, _ in found}
        _, first = self._ledgers[name].place(min(bad))
        for line in lines:
            if line not in bad:
                found[line, None, "group.rejected"] = f"line {first} of its group is rejected"
        for (line, column, code), detail in sorted(found.items(), key=lambda item: item[0][0]):
            yield self._reject(name, line, column, code, detail)

    def _reject(self, name: str, line: int, column: str | None, code: str, detail: str) -> Reject:
        self._ledgers[name].note([line])
        self.tally.rejects[code] += 1
        file, number = self._ledgers[name].place(line)
        return Reject(file, number, column, code, detail)


_REFUSED = {
    "cell.missing": "a value is needed to tell what the row belongs to",
    "group.too_large": "more rows belong together than one transaction takes",
    "row.repeated": "a row before it has the same key",
}


def _planned(program: Program, bodies: Sequence[str | None]) -> list[Planned]:
    return [
        Planned(index, do.command, body.encode())
        for index, (do, body) in enumerate(zip(program.commands, bodies, strict=True))
        if body is not None
    ]


def files_in(folder: Path, mapping: Whole) -> dict[str, list[Path]]:
    """The files a mapping is about, by the names it gives them. Raises Invalid if one is absent."""
    found = {name: sorted(folder.glob(layout.match)) for name, layout in mapping.files.items()}
    for name, paths in found.items():
        if not paths:
            pattern = mapping.files[name].match
            raise Invalid("file.absent", f"{name}: no file {pattern!r} in {folder}.")
    return found
