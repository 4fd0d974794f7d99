"""Snapshots: a copy of the facts that any number of processes may read, replaced as a whole.

``snapshots/current.duckdb`` leads to the newest. A reader that has one open keeps it until it looks
again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time_ns

from crm_es.projections.facts.catalogue import is_view
from crm_es.projections.facts.store import FactStore

CURRENT = "current.duckdb"
KEPT = 2
"""So many are kept: the newest, and the one that readers are just leaving."""
SHARE = 20
"""A snapshot is made at most once in so many times the time it takes: under 5 %."""
SECONDS_MIN = 60.0
MATERIALISE_SECONDS = 600.0
_NAME = re.compile(r"facts-(\d+)-(\d+)\.duckdb")
_MADE = """
create table snapshot as select
    $position::bigint as position, $generation::uuid as generation,
    make_timestamptz($made_at::bigint) as made_at, $plan::varchar as plan,
    $parked::varchar[] as parked
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    path: Path
    position: int
    made_at: int
    """Microseconds since 1970 UTC."""


class NoSnapshot(Exception):  # noqa: N818 - reads as how things stand
    """None has been published yet."""


def current(folder: Path) -> Snapshot:
    """The newest. Raises NoSnapshot."""
    link = folder / CURRENT
    try:
        name = link.readlink().name
    except OSError:
        raise NoSnapshot(f"There is no snapshot in {folder} yet.") from None
    found = _NAME.fullmatch(name)
    if found is None:
        raise NoSnapshot(f"{link} leads to no snapshot.")
    return Snapshot(folder / name, int(found[1]), int(found[2]))


class Publisher:
    """Makes them, in a thread beside the follower; the files rest only while they are copied."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._next = 0.0

    def is_due(self) -> bool:
        """Whether there is something new, and the last one has not cost too much."""
        if monotonic() < self._next:
            return False
        try:
            return current(self._store.snapshots).position < self._store.tables.position
        except NoSnapshot:
            return self._store.tables.position > 0

    def publish(self) -> Snapshot:
        """Raises duckdb.Error, OSError, and NotMade for what its views cannot do."""
        began = monotonic()
        try:
            return self._publish()
        finally:
            took = monotonic() - began
            self._next = monotonic() + max(SECONDS_MIN, SHARE * took)

    def _publish(self) -> Snapshot:
        folder, made_at = self._store.snapshots, time_ns() // 1000
        part = folder / f"{os.getpid()}.part"
        for left in folder.glob("*.part*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        with self._store.writing:
            position, parked = self._store.tables.position, list(self._store.tables.parked)
            self._store.cursor().execute("checkpoint")
            ahead = self._store.path.with_name(f"{self._store.path.name}.wal")
            if ahead.exists() and ahead.stat().st_size:
                raise NotMade("The file is not whole without what was written ahead of it.")
            shutil.copyfile(self._store.path, part)
        self._materialise(part, position, made_at, parked)
        made = Snapshot(folder / f"facts-{position}-{made_at}.duckdb", position, made_at)
        _sync(part)
        part.replace(made.path)
        link = folder / "current.part"
        link.symlink_to(made.path.name)
        link.replace(folder / CURRENT)
        _sync(folder)
        self._drop_old(made)
        return made

    def _materialise(self, part: Path, position: int, made_at: int, parked: list[str]) -> None:
        """Turn the views of a copy into tables, in a process of its own: it may take its time."""
        statements: list[tuple[str, dict[str, object]]] = [
            ("drop schema events cascade", {}), ("drop view rejected", {}),
            (
                _MADE,
                {
                    "position": position, "generation": self._store.generation,
                    "made_at": made_at, "plan": self._store.plan.digest, "parked": parked,
                },
            ),
            ("drop table checkpoint", {}), ("drop table built", {}),
        ]  # fmt: skip
        views = [name for name, text in self._store.plan.views.items() if is_view(text)]
        statements += [(f"create table {name}__ as from {name}", {}) for name in views]
        for name in reversed(views):
            statements += [(f"drop view {name}", {})]
        statements += [(f"alter table {name}__ rename to {name}", {}) for name in views]
        asked = json.dumps(
            {"path": str(part), "config": self._store.limits, "statements": statements}
        )
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-I", str(Path(__file__).parent / "statements.py")],
            input=asked, capture_output=True, text=True, timeout=MATERIALISE_SECONDS, env={},
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise NotMade(done.stderr.strip().rpartition("\n")[2])

    def _drop_old(self, made: Snapshot) -> None:
        found = [path for path in made.path.parent.iterdir() if _NAME.fullmatch(path.name)]
        newest_first = sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in [path for path in newest_first if path != made.path][KEPT - 1 :]:
            path.unlink()


class NotMade(Exception):  # noqa: N818 - reads as what happened
    """A view could not be made into a table; the last snapshot stays the current one."""


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
