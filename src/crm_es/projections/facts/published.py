"""The facts as they were published last, opened for reading by a process that does not own them."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.snapshot import NoSnapshot, Snapshot, current

_MADE = "select generation::varchar, plan, parked from snapshot"


class Published:
    """The newest snapshot: opened when first asked for, and again when there is a newer one."""

    def __init__(self, folder: Path, plan: Plan, generation: str, *, memory_limit_mib: int) -> None:
        """``generation`` is the life of the log it must be of; of another it is none."""
        self.plan = plan
        self._folder, self._generation = folder, generation
        self._config: dict[str, Any] = {
            "memory_limit": f"{memory_limit_mib}MiB", "threads": "1", "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false", "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        }  # fmt: skip
        self._opening = Lock()
        self._snapshot: Snapshot | None = None
        self._parked: frozenset[str] = frozenset()

    @property
    def newest(self) -> Snapshot:
        """Raises NoSnapshot."""
        return current(self._folder)

    def opened(self) -> tuple[duckdb.DuckDBPyConnection, Snapshot, frozenset[str]]:
        """A connection for one question, to what, and the facts that stood still when it was made.

        It may be used after the snapshot was replaced. Raises NoSnapshot, also for one that is of
        another release or another life of the log; and duckdb.Error.
        """
        with self._opening:
            newest = self.newest
            if newest != self._snapshot:
                self._open(newest)
                self._snapshot = newest
            cursor = self._db.cursor()
            cursor.execute("set enable_progress_bar = false")
            return cursor, newest, self._parked

    def _open(self, snapshot: Snapshot) -> None:
        db = duckdb.connect(snapshot.path, read_only=True, config=self._config)
        db.execute("set global TimeZone = 'UTC'")
        db.execute("set enable_external_access = false")
        try:
            generation, plan, parked = db.execute(_MADE).fetchall()[0]
        except duckdb.BinderException:
            raise NoSnapshot("The newest snapshot is of an earlier release.") from None
        if (generation, plan) != (self._generation, self.plan.digest):
            raise NoSnapshot("The newest snapshot is of another release, or of another log.")
        self._db, self._parked = db, frozenset(parked)
