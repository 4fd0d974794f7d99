"""One set of rows as SQL that yields, for each row or group, the bodies of its commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_es.intake.compiler.checks import Check
from crm_es.intake.compiler.columns import Columns
from crm_es.intake.compiler.conditions import holds
from crm_es.intake.compiler.layers import Layers
from crm_es.intake.compiler.steps import Steps
from crm_es.intake.compiler.values import Values
from crm_es.intake.mapping.rules import Do, Rows
from crm_es.intake.mapping.rules import Mapping as Whole
from crm_es.intake.sql import identifier, literal


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, in this order, for one set of rows.

    ``units`` yields, for a span from ``$low`` to ``$high``, in order, rows of (first line, all
    lines or None if that is the only one, faults or None, then a body or None for each command).
    Faults read ``line:slot!code;slot!code|line:...``, where a slot is an index of ``checks``.
    """

    commands: tuple[Do, ...]
    """Those of ``do``, then those of ``update``."""
    checks: tuple[Check, ...]
    prepare: tuple[str, ...]
    skipped: str | None
    """Yields (rule, line)."""
    repeated: str | None
    """Yields the lines that repeat a key."""
    refused: str | None
    """Yields (line, column or None, code) of rows that take no part."""
    spans: str | None
    """Yields (low, high); None where a span is a stretch of lines."""
    units: str
    claimed: str | None
    """Yields the lines of which it makes something; None for all of the file's."""
    absent: tuple[tuple[str, str], ...]
    """(view, column) of what the rules use and the files do not have."""


@dataclass
class Selection:
    """Which rows a program is about, and what its passes over them share."""

    rows: Rows
    mapping: Whole
    columns: Columns
    span_rows: int
    """So many rows are worked on at a time."""
    slots: list[Check] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = [self.columns.column(key) for key in self.key_names]
        where = self.rows.where
        self._about = holds(where, self.columns.column) if where else "true"
        self._skips = [holds(skip.when, self.columns.column) for skip in self.rows.skip]

    @property
    def commands(self) -> tuple[Do, ...]:
        return (*self.rows.do, *self.rows.update)

    @property
    def key_names(self) -> list[str]:
        return self.rows.group or self.rows.once or []

    def steps(self) -> Steps:
        layout = self.mapping.files[self.rows.main]
        zone = layout.zone or self.mapping.zone
        values = Values(
            Layers(), self.columns.column, self.columns.lookup, self.mapping.source, zone,
            layout.decimal,
        )  # fmt: skip
        return Steps(self.columns, values, self.slots)

    def kept(self, *tests: str) -> str:
        """SELECT the rows that become something: not skipped, and with all of their keys."""
        keyed = [f"{key} is not null" for key in self.keys]
        return self._where([f"not ({skip})" for skip in self._skips] + keyed + list(tests))

    def _where(self, tests: Sequence[str]) -> str:
        return f"select * from ({self.columns.rows()}) where {' and '.join([self._about, *tests])}"

    def skipped(self) -> str | None:
        cases = [f"when {skip} then {n}" for n, skip in enumerate(self._skips)]
        if not cases:
            return None
        rule = f"case {' '.join(cases)} end as rule"
        ruled = f"select {rule}, _line from ({self._where([])})"
        return f"select * from ({ruled}) where rule >= 0 order by _line"

    def claimed(self) -> str | None:
        """SELECT the lines of which something will become, whatever that is."""
        rows = self.rows
        is_first_only = bool(rows.once) and rows.repeats == "ignore"
        if rows.sql is None and rows.where is None and not is_first_only:
            return None
        about = holds(rows.where, identifier) if rows.where else "true"
        sql = f"select _line from {identifier(self.columns.table)} where {about}"
        if not is_first_only:
            return sql
        keys = [identifier(key) for key in self.key_names]
        skipped = " or ".join(holds(skip.when, identifier) for skip in rows.skip) or "false"
        keyless = " or ".join(f"{key} is null" for key in keys)
        first = f"partition by {', '.join(keys)}, {skipped} order by _line"
        return f"{sql} qualify {skipped} or {keyless} or row_number() over ({first}) = 1"

    def keyless(self) -> str:
        """SELECT (line, column, code) of rows without one of their keys."""
        columns = zip(self.keys, self.key_names, strict=True)
        cases = [f"when {key} is null then {literal(name)}" for key, name in columns]
        rows = self._where([f"not ({skip})" for skip in self._skips])
        column = f"case {' '.join(cases)} end as name"
        return (
            f"select _line, name, 'cell.missing' from (select _line, {column} from ({rows})) "
            "where name is not null"
        )
