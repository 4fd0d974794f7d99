"""Files and a mapping, planned: every transaction an import is to make, and every reject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from crm_es.errors import Invalid
from crm_es.intake.claims import check_claims
from crm_es.intake.compiler import Program, compile_rows
from crm_es.intake.compiler.checks import Check
from crm_es.intake.ids import import_id
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping import Mapping as Whole
from crm_es.intake.mapping.commands import setup_body
from crm_es.intake.mapping.rules import Rows
from crm_es.intake.selects import pick
from crm_es.intake.spool import LINE_BITS, MEMORY, Spool
from crm_es.intake.sql import identifier
from crm_es.intake.units import Planned, Reject, Skip, Step, Unit, group_rejected


class Plan:
    """An import before it is sent: read, profiled, and the same each time it is iterated.

    Making one raises Invalid for a whole file: it cannot be decoded, its header lacks a column the
    mapping uses, it has lines that no rule takes.
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
        self._ordinal = 0
        self._spool = Spool(folder, memory=memory)
        try:
            self.profiles = {
                name: self._spool.load(name, layout, files[name], limits)
                for name, layout in mapping.files.items()
            }
            self._programs = [self._program(n, rows) for n, rows in enumerate(mapping.rows)]
            check_claims(self._spool, mapping, self.profiles, self._programs)
        except BaseException:
            self._spool.close()
            raise
        hashes = [
            (name, sha256) for name, found in self.profiles.items() for sha256 in found.sha256
        ]
        self.import_id = import_id(mapping.digest, hashes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._spool.close()

    def lines(self, role: str) -> list[int]:
        """Every data line of a file, those that are no record among them."""
        found = self._spool.run(f"select _line from raw.{identifier(role)} order by 1")
        return [line for (line,) in found]

    def __iter__(self) -> Iterator[Step]:
        self._ordinal = 0
        for role, layout in self.mapping.files.items():
            if not layout.lookup:
                yield from self._no_records(role)
        yield from self._setup()
        for rows, program in zip(self.mapping.rows, self._programs, strict=True):
            yield from self._rows(rows, program)

    def _program(self, n: int, rows: Rows) -> Program:
        view, known = rows.main, {name: found.columns for name, found in self.profiles.items()}
        if rows.sql is not None:
            view = f"picked {n}"
            known[view] = pick(self._spool, view, rows.sql, rows.main, list(self.profiles))
        program = compile_rows(rows, self.mapping, view, known, self.profiles[rows.main].span_rows)
        if program.absent:
            file = program.absent[0][0]
            lacking = ", ".join(repr(name) for table, name in program.absent if table == file)
            there = ", ".join(known[file])
            raise Invalid("file.header_column", f"{file}: no column {lacking}; there are: {there}.")
        return program

    def _no_records(self, role: str) -> Iterator[Reject]:
        faults = f"select _line, fault from raw.{identifier(role)} where fault is not null"
        for line, fault in self._spool.stream(f"{faults} order by _line"):
            code, column, detail = fault.split("\x1f")
            yield Reject(role, line, column or None, code, detail)

    def _setup(self) -> Iterator[Unit]:
        for step in self.mapping.setup:
            body = setup_body(step, self.mapping.source)
            yield self._unit(None, [], [Planned(0, step.command, body)])

    def _rows(self, rows: Rows, program: Program) -> Iterator[Step]:
        role = rows.main
        for statement in program.prepare:
            self._spool.run(statement)
        yield from self._passed_over(rows, program)
        if program.refused is not None:
            for line, column, code in self._spool.stream(program.refused):
                yield Reject(role, line, column, code, _REFUSED[code])
        for low, high in self._spans(role, program):
            for line, several, faults, *bodies in self._spool.run(
                program.units, {"low": low, "high": high}
            ):
                lines = several or [line]
                if faults is not None:
                    self._ordinal += 1
                    yield from _faulty(role, lines, faults, program.checks)
                elif any(bodies[: len(rows.do)]):
                    yield self._unit(rows, lines, _planned(program, bodies))
                else:
                    for unused in lines:
                        yield Reject(role, unused, None, "row.unused", _REFUSED["row.unused"])

    def _passed_over(self, rows: Rows, program: Program) -> Iterator[Step]:
        """What rules skip or refuse for what is in other rows."""
        for rule, line in self._spool.stream(program.skipped) if program.skipped else ():
            yield Skip(rows.main, rows.skip[rule].because, [line])
        for (line,) in self._spool.stream(program.repeated) if program.repeated else ():
            if rows.repeats == "skip":
                yield Skip(rows.main, "repeated", [line])
            else:
                yield Reject(rows.main, line, None, "row.repeated", _REFUSED["row.repeated"])

    def _spans(self, role: str, program: Program) -> Iterable[tuple[int, int]]:
        if program.spans is not None:
            return [(low, high) for low, high in self._spool.run(program.spans)]
        profile = self.profiles[role]
        return [
            (number << LINE_BITS | low, number << LINE_BITS | low + profile.span_rows - 1)
            for number, last in enumerate(profile.last_lines)
            for low in range(0, last + 1, profile.span_rows)
        ]

    def _unit(self, rows: Rows | None, lines: Sequence[int], planned: Sequence[Planned]) -> Unit:
        own = len(rows.do) if rows else len(planned)
        commands = [one for one in planned if one.place < own]
        updates = [one for one in planned if one.place >= own]
        self._ordinal += 1
        return Unit(self._ordinal - 1, rows, lines, commands, updates)


_REFUSED = {
    "cell.missing": "a value is needed to tell what the row belongs to",
    "group.too_large": "more rows belong together than one transaction takes",
    "row.repeated": "a row before it has the same key",
    "row.unused": "no command of the mapping applies to it",
}


def _faulty(
    role: str, lines: Sequence[int], faults: str, checks: Sequence[Check]
) -> Iterator[Reject]:
    """Everything wrong with a row or group; its other lines are rejected with it."""
    found: dict[tuple[int, str | None, str], Reject] = {}
    for of_line in faults.split("|"):
        line, _, told = of_line.partition(":")
        for one in told.split(";"):
            slot, _, code = one.partition("!")
            check = checks[int(slot)]
            reject = Reject(role, int(line), check.column, code, check.expected(code))
            found.setdefault(reject[1:4], reject)
    return iter(group_rejected(role, lines, list(found.values())))


def _planned(program: Program, bodies: Sequence[str | None]) -> list[Planned]:
    return [
        Planned(place, do.command, body.encode())
        for place, (do, body) in enumerate(zip(program.commands, bodies, strict=True))
        if body is not None
    ]
