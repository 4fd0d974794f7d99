"""Rebuilds: all views from the first event on, in key order, into a file beside the live one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from sqlite3 import Connection

from crm_es.followers.parking import refold
from crm_es.followers.place import place_at
from crm_es.followers.projector import BATCH_SIZE, Projector
from crm_es.log.lock import Held, WriterLock, WriterRunning
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Event, Key, State, View
from crm_es.projections.views.build_file import make, settle
from crm_es.projections.views.catalogue import Build, BuildState, Catalogue, fingerprint
from crm_es.projections.views.events import KEY, TOPIC, Told, Wanted, columns_for, opened, seen
from crm_es.projections.views.folding import counted
from crm_es.projections.views.kept import KEEP_EVERY, keep
from crm_es.projections.views.rows import BAD_VALUE, Values, ViewTable, tables

ROWS_SIZE = 500
"""Rows inserted together."""
REPORT_EVERY = 1_000

Progress = Callable[[int, int], None]
"""(steps done, steps in all); what it raises ends the rebuild, and nothing has changed."""


class RebuildRunning(Held):
    """Another process rebuilds the views of this folder."""


def rebuild(
    folder: Path, source: LogRecorder, views: Sequence[View], on_progress: Progress | None = None
) -> Build:
    """Make a build that is ready to be switched to; the live one serves on meanwhile.

    Killed in the middle it leaves a file that the next rebuild drops. Raises RebuildRunning.
    """
    catalogue = Catalogue(folder)
    with closing(catalogue), _alone(folder):
        catalogue.sweep(unfinished=True)
        build = catalogue.begin(fingerprint(views))
        _fill(build.path, source, views, on_progress or _silent)
        with closing(Projector(build, source, views)) as projector:
            while projector.step() == BATCH_SIZE:
                pass
        catalogue.mark(build, BuildState.READY)
    return build._replace(state=BuildState.READY)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        lock = WriterLock(folder / "rebuild.lock")
    except WriterRunning as other:
        raise RebuildRunning(
            f"Process {other.pid or 'of unknown id'} already rebuilds the views in {folder}."
        ) from None
    with lock:
        yield


def _silent(done: int, total: int) -> None:
    pass


def _fill(path: Path, source: LogRecorder, views: Sequence[View], on_progress: Progress) -> None:
    """Everything up to the head as it is now; each row is written once, and durable at the end."""
    place, some = place_at(source, source.head().position), tables(views)
    head = place.position
    with closing(make(path, some, place)) as db, _uncollected():
        for n, key in enumerate(Key):
            of_key = [table for table in some if table.view.key is key]
            if of_key:
                columns = columns_for(table.view for table in of_key)
                rows = source.scan(head, by=key, columns=columns)
                _Pass(db, of_key, source, head).run(
                    chain.from_iterable(_reported(rows, on_progress, n, head))
                )
        for table in some:
            for index in table.indexes:
                db.execute(index)
    settle(path)
    on_progress(len(Key) * head, len(Key) * head)


@contextmanager
def _uncollected() -> Iterator[None]:
    """States are trees: there is nothing to collect, and every pass would walk them again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _reported(
    rows: Iterable[Told], on_progress: Progress, passes_before: int, head: int
) -> Iterator[list[Told]]:
    """The rows in lots, so that none of them costs a step of its own."""
    walk, done = iter(rows), 0
    while lot := list(islice(walk, REPORT_EVERY)):
        on_progress(passes_before * head + min(done, head), len(Key) * head)
        done += len(lot)
        yield lot


class _Pass:
    """One walk over the log in the order of a kind of key, for all views of that kind."""

    def __init__(
        self, db: Connection, some: Sequence[ViewTable], source: LogRecorder, head: int
    ) -> None:
        self._db, self._tables, self._source, self._head = db, some, source, head
        self._wanted = Wanted([table.view for table in some])
        self._is_stream = some[0].view.key is Key.STREAM
        self._full: list[list[Values]] = [[] for _ in some]

    def run(self, rows: Iterable[Told]) -> None:
        self._db.execute("begin")
        for key, story in groupby(rows, itemgetter(KEY)):
            self._fold(key, story)
        for n in range(len(self._tables)):
            self._insert(n)
        self._db.execute("commit")

    def _fold(self, key: bytes, story: Iterable[Told]) -> None:
        states: dict[int, State | None] = {}
        lasts: dict[int, Event] = {}
        versions: dict[int, int] = {}
        poisoned: set[int] = set()
        is_stream = self._is_stream
        for row in story:
            folds = self._wanted[row[TOPIC]]
            if not folds:
                continue
            data, folds = opened(row, folds)
            event = seen(key, data, row)
            for n, fold in folds:
                try:
                    state = states[n] = fold(states.get(n), event)
                except MemoryError:
                    raise
                except Exception:  # noqa: BLE001 - which event it was is found out one by one
                    poisoned.add(n)
                    continue
                lasts[n] = event
                version = event.version if is_stream else counted(versions.get(n, 0), state)
                versions[n] = version
                if not version % KEEP_EVERY and state is not None:
                    self._keep(n, state, event, version)
        for n in poisoned:
            self._refold(n, key)
        for n, state in states.items():
            if state is not None and n not in poisoned:
                self._add(n, state, lasts[n], versions[n])

    def _keep(self, n: int, state: State, last: Event, version: int) -> None:
        table = self._tables[n]
        row = table.values(last.key, state, last.position, version)
        keep(self._db, self._source, table.view, row)

    def _add(self, n: int, state: State, last: Event, version: int) -> None:
        try:
            row = self._tables[n].values(last.key, state, last.position, version)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - as above
            self._refold(n, last.key)
            return
        self._full[n].append(row)
        if len(self._full[n]) >= ROWS_SIZE:
            self._insert(n)

    def _insert(self, n: int) -> None:
        table, rows = self._tables[n], self._full[n]
        try:
            table.insert(self._db, rows)
        except BAD_VALUE:
            for row in rows:
                try:
                    table.save(self._db, [row])
                except BAD_VALUE:
                    self._refold(n, row[0])
        rows.clear()

    def _refold(self, n: int, key: bytes) -> None:
        refold(self._db, self._source, self._tables[n], key, self._head)
