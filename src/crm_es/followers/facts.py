"""The facts follower: keeps the mirror and the facts where the log is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from queue import Empty, Queue, SimpleQueue
from time import monotonic
from typing import Any, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from crm_es.projections.facts.files import watching
from crm_es.projections.facts.mirror import Mirror
from crm_es.projections.facts.store import FactStore, Source

BATCH_SIZE = 20_000
"""Events read at once: what bounds memory."""
STEP_SIZE = 200_000
"""Events the facts take at once while they are far behind."""
IDLE_SECONDS = 0.005

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""(position reached, head)"""


class Log(Source, Protocol):
    """A reader of the log, for one thread."""

    def rows(self, after: int, limit: int) -> list[tuple[Any, ...]]: ...
    def close(self) -> None: ...


class Batch(NamedTuple):
    rows: pa.Table
    topics: Sequence[str]


class FactsFollower:
    """Runs in one thread. ``open_log`` gives each of its threads a reader of its own."""

    def __init__(self, store: FactStore, open_log: Callable[[], Log]) -> None:
        """Raises whatever keeps a file from being opened."""
        self._store, self._open_log = store, open_log
        self._log = open_log()
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
            for batch in _read_ahead(self._open_log, self._store.mirror):
                self._insert(batch)
                if self._store.mirror.position - self.position >= STEP_SIZE:
                    self._project(None)
                if on_progress is not None:
                    on_progress(self._store.mirror.position, self.head)
                if stop is not None and stop.is_set():
                    return
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
        batch = Batch(*mirror.arrow(rows, mirror.position))
        is_level = self.is_prepared and self.position == mirror.position
        self._insert(batch)
        self._project(batch.topics if is_level else None)
        self.head = max(self.head, mirror.position)
        return len(rows)

    def _insert(self, batch: Batch) -> None:
        with self._store.writing, watching():
            self._store.mirror.insert(batch.rows, batch.topics)

    def _project(self, topics: Sequence[str] | None) -> None:
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


def _read_ahead(open_log: Callable[[], Log], mirror: Mirror) -> Iterator[Batch]:
    """Batches from the mirror's position to the log's end, one made while the last is used."""
    ready: Queue[Batch | BaseException | None] = Queue(1)
    is_over = threading.Event()

    def read(position: int) -> None:
        log = open_log()
        try:
            while not is_over.is_set() and (rows := log.rows(position, BATCH_SIZE)):
                batch = Batch(*mirror.arrow(rows, position))
                position = rows[-1][0]
                ready.put(batch)
            ready.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            ready.put(error)
        finally:
            log.close()

    reader = threading.Thread(target=read, args=(mirror.position,), name="read-ahead", daemon=True)
    reader.start()
    try:
        while (batch := ready.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        is_over.set()
        while reader.is_alive():
            if not ready.empty():
                ready.get()
            reader.join(0.01)
