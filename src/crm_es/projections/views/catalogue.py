"""Which builds of the views there are, and which of them serves."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from crm_es.projections.views.base import View
from crm_es.projections.views.build_file import BUSY_SECONDS, drop, set_aside, transaction, watching
from crm_es.projections.views.rows import tables

FORMAT = 1
"""Of a build's file; raised when what it holds besides the views changes."""
CATALOGUE = "catalogue.sqlite"

_NUMBER = re.compile(r"build-(\d+)\.sqlite")
_TABLE = """create table if not exists build(
    number integer primary key autoincrement, fingerprint text not null, state text not null
)"""


class BuildState(StrEnum):
    BUILDING = "building"
    READY = "ready"
    """Whole, waiting for the one who follows to catch up and switch."""
    LIVE = "live"
    OLD = "old"
    """It has served; a reader may still have it open."""
    CONDEMNED = "condemned"
    """Damaged, or made from another log: it serves nobody."""


class Build(NamedTuple):
    number: int
    fingerprint: str
    state: BuildState
    path: Path


def fingerprint(views: Sequence[View]) -> str:
    """Changes with any view's version, table or topics: a build of another one does not serve."""
    told = [str(FORMAT)]
    for table in sorted(tables(views), key=lambda table: table.name):
        view = table.view
        told += [view.name, str(view.version), view.key, table.create, *table.indexes]
        told += sorted(view.folds)
    return sha256("\n".join(told).encode()).hexdigest()


class Catalogue:
    """One table of builds. Whatever it says is durable before anyone acts on it.

    Everything raises Damaged when its file is not whole.
    """

    def __init__(self, folder: Path) -> None:
        """Makes the folder and the table where there are none."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.path = folder, folder / CATALOGUE
        self._db = sqlite3.connect(
            self.path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        self._rows("pragma synchronous=full")
        self._rows(_TABLE)

    def builds(self) -> list[Build]:
        return [self._build(*row) for row in self._rows("select * from build order by number")]

    def live(self) -> Build | None:
        return self._latest("state = 'live'")

    def ready(self, fingerprint: str) -> Build | None:
        """The newest build that waits to be switched to."""
        return self._latest("state = 'ready' and fingerprint = ?", fingerprint)

    def begin(self, fingerprint: str) -> Build:
        """A new build. Its number was never used, not even by a file the catalogue has lost."""
        names = [path.name for path in self.folder.iterdir()]
        files = [int(found[1]) for name in names if (found := _NUMBER.match(name))]
        with watching(self.path), transaction(self._db):
            known = [row[0] for row in self._rows("select seq from sqlite_sequence")]
            row = (max([0, *known, *files]) + 1, fingerprint, BuildState.BUILDING)
            self._rows("insert into build values(?,?,?)", *row)
        return self._build(*row)

    def mark(self, build: Build, state: BuildState) -> None:
        """Does nothing for a build that is not known any more."""
        self._rows("update build set state = ? where number = ?", state, build.number)

    def switch(self, build: Build) -> None:
        """From now on this build serves, and no other."""
        self._rows(
            "update build set state = case number when ? then 'live' else 'old' end"
            " where state = 'live' or number = ?",
            build.number, build.number,
        )  # fmt: skip

    def sweep(self, *, unfinished: bool) -> None:
        """Drop what nobody needs: old builds, and with ``unfinished`` those of killed rebuilds.

        A condemned one is renamed, for who wants to know. ``unfinished`` is only for who knows that
        no rebuild runs.
        """
        live = self.live()
        for build in self.builds():
            is_outlived = live is not None and build.number < live.number
            is_needed = {
                BuildState.LIVE: True,
                BuildState.READY: not is_outlived,
                BuildState.BUILDING: not unfinished,
            }
            if is_needed.get(build.state, False):
                continue
            if build.state is BuildState.CONDEMNED:
                set_aside(build.path)
            drop(build.path)
            self._rows("delete from build where number = ?", build.number)

    def close(self) -> None:
        self._db.close()

    def _latest(self, where: str, *values: str) -> Build | None:
        rows = self._rows(
            f"select * from build where {where} order by number desc limit 1", *values
        )
        return self._build(*rows[0]) if rows else None

    def _rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        with watching(self.path):
            return self._db.execute(sql, values).fetchall()

    def _build(self, number: int, fingerprint: str, state: str) -> Build:
        path = self.folder / f"build-{number}.sqlite"
        return Build(number, fingerprint, BuildState(state), path)
