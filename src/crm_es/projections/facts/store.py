"""The DuckDB files of a tenant, owned by one process: opened, checked against the log, closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import duckdb

from crm_es.log.envelope import Head, Record
from crm_es.log.recorder import Generation
from crm_es.projections.facts.fact import POSITIONS, fact
from crm_es.projections.facts.files import clear, is_damage, lock, set_aside
from crm_es.projections.facts.mirror import Mirror, id_text
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.tables import FactTables

log = logging.getLogger("crm_es.facts")

THREADS = 2
WAL_SIZE = "64MiB"
"""How much may be written ahead of a file: each time it is tidied up, the last rows of every table
are written anew."""
REJECTED = "create or replace view rejected as from mirror.rejected"


class Source(Protocol):
    """What is asked of a log to find out whether a file belongs to it."""

    def generation(self) -> Generation: ...
    def head(self) -> Head: ...
    def read(self, after: int, limit: int) -> list[Record]: ...


class FactStore:
    """``mirror`` and ``tables`` are filled by one thread; questions read on cursors beside it."""

    db: duckdb.DuckDBPyConnection
    mirror: Mirror
    tables: FactTables
    _used: int

    def __init__(
        self, root: Path, plan: Plan, *, memory_limit_mib: int, threads: int = THREADS
    ) -> None:
        """Raises FactsRunning, and duckdb.Error for what is no damage: then nothing was touched."""
        self.root, self.plan, self._threads = root, plan, threads
        self.path, self.mirror_path = root / "facts.duckdb", root / "mirror.duckdb"
        self.snapshots = root / "snapshots"
        self.writing = Lock()
        """Held while anything is written, and by whoever needs the files at rest."""
        self.generation = ""
        """Which life of the log this holds, once it has been compared with it."""
        spill = root / "facts.spill"
        self.limits = {
            "memory_limit": f"{memory_limit_mib}MiB", "threads": str(threads),
            "preserve_insertion_order": "false", "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false", "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        }  # fmt: skip
        """The configuration of every process that opens files of ours."""
        self._config: dict[str, Any] = {
            **self.limits, "temp_directory": str(spill), "wal_autocheckpoint": WAL_SIZE,
        }  # fmt: skip
        self._lock = lock(root / "facts.lock")
        try:
            self.snapshots.mkdir(exist_ok=True)
            clear(spill)
            self._undamaged(self._open)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        self._close_files()
        self._lock.release()

    def _close_files(self) -> None:
        """DuckDB lets go of them once every connection is closed."""
        self._filling.close()
        self.db.close()

    def use_threads(self, *, all: bool) -> None:
        """For what is large, all of them. A few rows are taken faster where none is handed over."""
        wanted = self._threads if all else 1
        if wanted != self._used:
            self.db.execute(f"set threads = {wanted}")
            self._used = wanted

    def rebuild(self, name: str) -> None:
        """Make a fact anew from the mirror; readers see the old one until then."""
        self.use_threads(all=True)
        self.tables.rebuild(name)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for one question."""
        cursor = self.db.cursor()
        cursor.execute("set enable_progress_bar = false")
        return cursor

    def _open(self) -> None:
        self.db = self._whole(self.path, lambda: duckdb.connect(self.path, config=self._config))
        self.db.execute("set enable_progress_bar = false")
        self.db.execute("set global TimeZone = 'UTC'")
        self._filling, self._used = self.cursor(), self._threads
        self.mirror = self._attached()
        # From here on no statement reaches any other file than these and the snapshots.
        self.db.execute(f"set allowed_directories = ['{_escaped(self.snapshots)}']")
        self.db.execute("set enable_external_access = false")
        macros = POSITIONS + self.plan.calendar.macros()
        self.db.execute("begin")
        self.db.execute(macros)
        self.db.execute("drop schema if exists events cascade; create schema events")
        for one in self.mirror.relations.values():
            self.db.execute(f"create view events.{one.name} as from mirror.events.{one.name}")
        self.db.execute(REJECTED)
        self.db.execute("commit")
        facts = self.plan.facts.items()
        self.tables = FactTables(
            self.db, [fact(name, text, self.mirror.relations, macros) for name, text in facts]
        )

    def _attached(self) -> Mirror:
        """The mirror, laid out as this release has it: one that is not is set aside."""
        attach = f"attach '{_escaped(self.mirror_path)}' as mirror"
        self._whole(self.mirror_path, lambda: self.db.execute(attach))
        mirror = Mirror(self._filling, self.plan.events)
        if not mirror.is_current():
            log.warning("%s is of another release and is set aside", self.mirror_path.name)
            self.db.execute("detach mirror")
            set_aside(self.mirror_path)
            self.db.execute(attach)
            mirror = Mirror(self._filling, self.plan.events)
        mirror.lay_out()
        return mirror

    def _whole(self, path: Path, attempt: Callable[[], Any]) -> Any:
        try:
            return attempt()
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            log.error("%s is damaged and set aside: %s", path.name, error)  # noqa: TRY400
            set_aside(path)
            return attempt()

    def _undamaged(self, attempt: Callable[[], None]) -> None:
        """Try again with empty files where damage shows that did not keep a file from opening."""
        try:
            attempt()
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            log.error("The files are damaged and set aside: %s", error)  # noqa: TRY400
            self._close_files()
            self.condemn()
            self._open()
            if attempt != self._open:
                attempt()

    def agree_with(self, source: Source) -> None:
        """Set aside what was made from another log, or from another life of this one."""
        self._undamaged(lambda: self._agree_with(source))

    def _agree_with(self, source: Source) -> None:
        def event_at(position: int) -> str | None:
            found = source.read(position - 1, 1)
            return id_text(found[0].event_id) if found else None

        generation = self.generation = id_text(source.generation().id)
        found = self.tables.found
        is_ours = found is None or (
            found.generation == generation and found.event_id == event_at(found.position)
        )
        is_mirror_ours = self.mirror.is_of(generation, event_at)
        if not (is_ours and is_mirror_ours):
            self._close_files()
            for path, is_kept in ((self.path, is_ours), (self.mirror_path, is_mirror_ours)):
                if not is_kept:
                    log.warning("%s is not of this log and is set aside", path.name)
                    set_aside(path)
            self._open()
        self.mirror.begin(generation)

    def prepare(self) -> None:
        """Bring tables and views up to their texts, once the mirror is as far as the tables."""
        if self.mirror.position < self.tables.position:
            raise RuntimeError("The mirror does not hold yet what the tables are made from.")
        self.tables.drop_unknown()
        for name in self.tables.outdated():
            self.rebuild(name)
        self.db.execute("begin")
        for text in self.plan.views.values():
            self.db.execute(text)
        self.db.execute("commit")

    def condemn(self) -> None:
        """Set both files aside where damage was found in one: the next start makes them anew."""
        set_aside(self.path)
        set_aside(self.mirror_path)


def _escaped(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
