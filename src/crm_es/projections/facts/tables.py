"""The fact tables: each takes every event exactly once, and is built again when it changes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import duckdb

from crm_es.projections.facts.digest import digest_of
from crm_es.projections.facts.fact import Fact
from crm_es.projections.facts.files import is_damage

TABLES = """
create table if not exists checkpoint(
    generation uuid not null, position bigint not null, event_id uuid not null
);
create table if not exists built(fact varchar not null, fingerprint varchar not null);
"""
"""``checkpoint`` gets a row per batch and is cut down at opening: after an UPDATE under an open
question DuckDB cannot checkpoint its file, after an INSERT it can."""
_LAST = """
select generation::varchar, position, event_id::varchar from checkpoint
order by position desc limit 1
"""
_ADVANCE = """
insert into checkpoint select (select generation from mirror.origin), position, event_id
from mirror.event where position = getvariable('high')
"""
_FAULTS = (
    duckdb.DataError, duckdb.IntegrityError, duckdb.NotSupportedError, duckdb.ProgrammingError,
)  # fmt: skip
"""What a fact's own text, or an event it did not expect, can raise; all else is the machine's."""

log = logging.getLogger("crm_es.facts")


class Checkpoint(NamedTuple):
    """Up to where the facts have every event, and which event stands there in which log."""

    generation: str
    position: int
    event_id: str


class _Failing(Exception):  # noqa: N818 - reads as how things stand
    def __init__(self, fact: str, reason: str) -> None:
        super().__init__(reason)
        self.fact, self.reason = fact, reason


class FactTables:
    """Written by one thread on one connection; readers have cursors of their own."""

    def __init__(self, db: duckdb.DuckDBPyConnection, facts: Sequence[Fact]) -> None:
        """``db`` has the mirror attached and the relations made."""
        self._db = db
        self.facts: Mapping[str, Fact] = {fact.name: fact for fact in facts}
        self.parked: dict[str, str] = {}
        """Facts that could not take an event, with why; the others go on without them."""
        db.execute(TABLES)
        self._advance, *_ = duckdb.extract_statements(_ADVANCE)
        self.found = self._compacted()
        """The checkpoint as it stood at opening."""
        self.position = self.found.position if self.found else 0

    def _compacted(self) -> Checkpoint | None:
        rows = self._db.execute(_LAST).fetchall()
        if not rows:
            return None
        self._db.execute("begin; truncate checkpoint")
        self._db.execute("insert into checkpoint values (?, ?, ?)", list(rows[0]))
        self._db.execute("commit")
        return Checkpoint(*rows[0])

    # Following.

    def project(self, upto: int, topics: Collection[str] | None = None) -> None:
        """Take the mirror's rows after the position up to another: facts and checkpoint as one.

        ``topics`` are those among these rows, None any. A fact whose statement fails is parked and
        the batch taken without it.
        """
        try:
            self._db.execute("begin")
            self._between(self.position, upto)
            for fact in self.facts.values():
                if fact.name not in self.parked:
                    self._insert(fact, topics)
            self._db.execute(self._advance)
            self._db.execute("commit")
        except _Failing as failing:
            self._roll_back()
            self._park(failing)
            self.project(upto, topics)
        except BaseException:
            self._roll_back()
            raise
        else:
            self.position = upto

    def _between(self, low: int, high: int) -> None:
        self._db.execute(f"set variable low = {low}; set variable high = {high}")

    def _insert(self, fact: Fact, topics: Collection[str] | None) -> None:
        for insert in fact.inserts:
            if topics is not None and insert.topics.isdisjoint(topics):
                continue
            try:
                self._db.execute(insert.statement)
            except _FAULTS as error:
                if is_damage(error):
                    raise
                raise _Failing(fact.name, str(error)) from error

    def _park(self, failing: _Failing) -> None:
        """Set a fact aside until the next start, which builds it again."""
        log.error("%s is parked: %s", failing.fact, failing.reason)
        self.parked[failing.fact] = failing.reason
        self._db.execute("delete from built where fact = ?", [failing.fact])

    def _roll_back(self) -> None:
        with suppress(duckdb.Error):
            self._db.execute("rollback")

    # Building again.

    def outdated(self) -> list[str]:
        """Facts whose table was not made by their present text."""
        built = dict(self._db.execute("select * from built").fetchall())
        return [name for name, fact in self.facts.items() if built.get(name) != fact.fingerprint]

    def drop_unknown(self) -> None:
        """Drop the tables of facts that are no more."""
        for (name,) in self._db.execute("select fact from built").fetchall():
            if name not in self.facts:
                self._db.execute(f"begin; drop table if exists {name}")
                self._db.execute("delete from built where fact = ?", [name])
                self._db.execute("commit")

    def rebuild(self, name: str) -> None:
        """Make a fact from the mirror up to the position; readers see the old one until then.

        The mirror must have come that far.
        """
        fact = self.facts[name]
        self.parked.pop(name, None)
        try:
            self._db.execute("begin")
            self._make(fact)
            self._db.execute("delete from built where fact = ?", [name])
            self._db.execute("insert into built values (?, ?)", [name, fact.fingerprint])
            self._db.execute("commit")
        except _Failing as failing:
            self._roll_back()
            # Empty, but of the new shape: views over it can be made, and reads are refused.
            self._db.execute(f"drop table if exists {name}")
            self._db.execute(fact.create)
            self._park(failing)
        except BaseException:
            self._roll_back()
            raise

    def _make(self, fact: Fact) -> None:
        self._db.execute(f"drop table if exists {fact.name}")
        self._db.execute(fact.create)
        if self.position:
            self._between(0, self.position)
            self._insert(fact, None)

    def differing(self) -> list[str]:
        """Facts whose table is not what the mirror makes of it; nothing is changed."""
        return [name for name, fact in self.facts.items() if not self._is_as_rebuilt(fact)]

    def _is_as_rebuilt(self, fact: Fact) -> bool:
        if fact.name in self.parked:
            return False
        live = digest_of(self._db, fact.name)
        try:
            self._db.execute("begin")
            self._make(fact)
            return digest_of(self._db, fact.name) == live
        finally:
            self._roll_back()
