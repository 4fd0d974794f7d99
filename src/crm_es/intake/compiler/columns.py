"""The rows that rules are compiled over: the columns they use, under names that are safe in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_es.intake.mapping.fields import Lookup
from crm_es.intake.reader import RESERVED
from crm_es.intake.sql import identifier


@dataclass
class Columns:
    """Hands out names for columns and lookups, and notes those that are not there."""

    table: str
    """The view or table the rows come from."""
    known: Mapping[str, Sequence[str]]
    """The columns of each view."""
    absent: list[tuple[str, str]] = field(default_factory=list)
    """(view, column) of what the rules use and the files do not have."""
    _names: dict[str, str] = field(default_factory=dict)
    _lookups: dict[tuple[str, str, str, str], str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        self._require(self.table, name)
        return self._names.setdefault(name, f"c{len(self._names)}")

    def lookup(self, lookup: Lookup) -> str:
        by = self.column(lookup.by or lookup.key)
        for name in (lookup.key, lookup.column):
            self._require(lookup.file, name)
        key = (lookup.file, lookup.key, lookup.column, by)
        return self._lookups.setdefault(key, f"k{len(self._lookups)}")

    def _require(self, table: str, name: str) -> None:
        there = name in RESERVED[1:] or name in self.known[table]
        if not there and (table, name) not in self.absent:
            self.absent.append((table, name))

    def tables(self) -> list[str]:
        """Statements that make the tables things are looked up in: the first line of each key."""
        return [
            f"create or replace temp table lookup_{name} as "
            f"select {identifier(key)} as key, {identifier(column)} as value "
            f"from {identifier(file)} where key is not null "
            "qualify row_number() over (partition by key order by _line) = 1"
            for (file, key, column, _), name in self._lookups.items()
        ]

    def rows(self) -> str:
        """SELECT ``_line`` and everything handed out."""
        shown = "".join(f", {identifier(column)} as {name}" for column, name in self._names.items())
        sql = f"select _line{shown} from {identifier(self.table)}"
        if not self._lookups:
            return sql
        found = ", ".join(f"lookup_{name}.value as {name}" for name in self._lookups.values())
        joins = " ".join(
            f"left join lookup_{name} on lookup_{name}.key = r.{by}"
            for (_, _, _, by), name in self._lookups.items()
        )
        return f"select r.*, {found} from ({sql}) r {joins}"
