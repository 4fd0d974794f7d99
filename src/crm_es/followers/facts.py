"""The facts follower: keeps the mirror and the facts where the log is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from itertools import islice
from queue import Empty, Queue, SimpleQueue
from time import monotonic
from typing import Any, Protocol, TypeVar

from crm_es.projections.facts.batches import Batch, Packer
from crm_es.projections.facts.files import watching
from crm_es.projections.facts.store import FactStore, Source

BATCH_SIZE = 10_000
"""Events read at once."""
GROUP_SIZE = 6
"""Batches the mirror takes at once while it is far behind, and as many again are read ahead: what
bounds memory. Each time costs a few writes to every table."""
STEP_SIZE = 500_000
"""Events the facts take at once while they are far behind the mirror."""
FEW = 1_000
"""Events that one thread takes as fast as several."""
IDLE_SECONDS = 0.005

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""(position reached, head)"""


class Log(Source, Protocol):
    """A reader of the log, for one thread."""

    def rows(self, after: int, limit: int) -> list[tuple[Any, ...]]: ...
    def close(self) -> None: ...


class FactsFollower:
    """Runs in one thread. ``open_log`` gives each of its threads a reader of its own."""

    def __init__(self, store: FactStore, open_log: Callable[[], Log]) -> None:
        """Raises whatever keeps a file from being opened."""
        self._store, self._open_log = store, open_log
        self._log, self._packer = open_log(), Packer(store.plan.events)
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.is_prepared = False
        """Whether every table and view stands as its text says."""
        self.head = 0
        """The last position of the log that was seen."""
        self.level_at = monotonic()
        """When the facts last had all there was."""
        with watching():
            store.agree_with(self._log)

    @property
    def position(self) -> int:
        return self._store.tables.position

    def log_head(self) -> int:
        """The log's last position as it is now, for whichever thread asks."""
        with closing(self._open_log()) as log:
            return log.head().position

    def run(self, stop: threading.Event) -> None:
        """Follow until told to stop. Raises Damaged, Gap; then the process must start again."""
        while not stop.is_set():
            self.catch_up(stop=stop)
            self._do_what_was_asked()
            stop.wait(IDLE_SECONDS)

    def soon(self, work: Callable[[], T]) -> Future[T]:
        """Have something done in the follower's own thread, between two batches.

        For whoever wants to write: the files have one writer. ``run`` must be under way.
        """
        done: Future[T] = Future()

        def do() -> None:
            try:
                with self._store.writing, watching():
                    done.set_result(work())
            except BaseException as error:
                done.set_exception(error)
                raise

        self._asked.put(do)
        return done

    def _do_what_was_asked(self) -> None:
        while True:
            try:
                self._asked.get_nowait()()
            except Empty:
                return

    def catch_up(
        self, on_progress: Progress | None = None, *, stop: threading.Event | None = None
    ) -> None:
        """Come to the head as it is now: another thread reads ahead while DuckDB inserts."""
        self.head = self._log.head().position
        if self.head - self._store.mirror.position > BATCH_SIZE:
            self._store.use_threads(all=True)
            ahead = _read_ahead(
                self._open_log, self._packer, self._store.mirror.position, self.head
            )
            for batches in ahead:
                self._mirror(batches)
                if self._store.mirror.position - self.position >= STEP_SIZE:
                    self._project(None)
                if on_progress is not None:
                    on_progress(self._store.mirror.position, self.head)
                if stop is not None and stop.is_set():
                    return
            self._project(None)
        while self.step():
            if stop is not None and (stop.is_set() or not self._asked.empty()):
                return
        self.level_at = monotonic()

    def step(self) -> int:
        """Take the next batch, if there is one; the number of its events."""
        mirror = self._store.mirror
        rows = self._log.rows(mirror.position, BATCH_SIZE)
        if not rows:
            if not self.is_prepared or self.position < mirror.position:
                self._project(None)
            return 0
        self._store.use_threads(all=len(rows) > FEW)
        is_level = self.is_prepared and self.position == mirror.position
        topics = self._mirror([self._packer.batch(rows, mirror.position)])
        self._project(topics if is_level else None)
        self.head = max(self.head, mirror.position)
        return len(rows)

    def _mirror(self, batches: Sequence[Batch]) -> set[str]:
        with self._store.writing, watching():
            return self._store.mirror.insert(batches)

    def _project(self, topics: Collection[str] | None) -> None:
        """Bring the facts to the mirror, which after a loss may itself be behind them."""
        store, upto = self._store, self._store.mirror.position
        if upto < self.position:
            return
        with store.writing, watching():
            if not self.is_prepared:
                store.prepare()
                self.is_prepared = True
            while self.position < upto:
                store.tables.project(min(upto, self.position + STEP_SIZE), topics)

    def close(self) -> None:
        self._log.close()


def _read_ahead(
    open_log: Callable[[], Log], packer: Packer, after: int, upto: int
) -> Iterator[Sequence[Batch]]:
    """Groups of batches from one position to another, the next one made while one is used."""
    ready: Queue[Batch | BaseException | None] = Queue(GROUP_SIZE)
    is_over = threading.Event()

    def read(position: int) -> None:
        log = open_log()
        try:
            while position < upto and not is_over.is_set():
                rows = log.rows(position, min(BATCH_SIZE, upto - position))
                ready.put(packer.batch(rows, position))
                position = rows[-1][0]
            ready.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            ready.put(error)
        finally:
            log.close()

    reader = threading.Thread(target=read, args=(after,), name="read-ahead", daemon=True)
    reader.start()
    try:
        batches = iter(partial(_taken, ready), None)
        while group := list(islice(batches, GROUP_SIZE)):
            yield group
    finally:
        is_over.set()
        while reader.is_alive():
            if not ready.empty():
                ready.get()
            reader.join(0.01)


def _taken(ready: Queue[Batch | BaseException | None]) -> Batch | None:
    found = ready.get()
    if isinstance(found, BaseException):
        raise found
    return found
