"""The append queue: commands that wait are recorded together, in one durable transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple, Protocol

from crm_es.errors import Refused, Unavailable
from crm_es.log.envelope import Submission
from crm_es.log.recorder import ClockBehind, Gap, NotDurable

BATCH_MAX = 512
"""Commands in one transaction; a unit is never split."""
WAITING_MAX = 20_000
"""Commands that may wait; more are answered Unavailable rather than kept in memory."""
LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the histogram of append times, in seconds."""


class Failed(Exception):  # noqa: N818 - reads as what happened
    """A decision broke on a bug of ours; nothing of its unit was recorded."""


class Stopped(Exception):  # noqa: N818 - reads as what happened
    """The log can no longer be trusted to keep what it is given: its writer must end."""


Unit = Sequence[Submission]
"""Commands that are recorded together or not at all."""
Answer = bytes | Refused | Failed
"""A receipt as JSON, or why not."""
Append = Callable[[Sequence[Unit]], Sequence[Sequence[Answer]]]
"""application.Crm.append: durable when it returns; when it raises, nothing was recorded."""


class Submitter(Protocol):
    """Whoever takes commands to the writer, wherever that runs."""

    def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        """One answer per command of each unit; a receipt means it is durable."""

    def close(self) -> None: ...


class AsyncSubmitter(Protocol):
    """The same for an event loop."""

    async def submit(self, units: Sequence[Unit]) -> list[list[Answer]]: ...

    async def figures(self) -> dict[str, object]:
        """The writer's own figures, for /metrics. Raises Unavailable."""

    async def close(self) -> None: ...


class Outcome(NamedTuple):
    answers: list[list[Answer]]
    is_fatal: bool
    """The writer must end: going on could acknowledge what is not kept."""


def attempt(append: Append, units: Sequence[Unit]) -> Outcome:
    """Append, with an answer for every command whatever happens.

    When one decision breaks on a bug the batch is tried again in halves: only its unit fails.
    """
    try:
        return Outcome([list(some) for some in append(units)], is_fatal=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, those who wait get an answer
        answer, is_fatal = _verdict(error)
        if isinstance(answer, Failed) and len(units) > 1:
            middle = len(units) // 2
            first = attempt(append, units[:middle])
            rest = attempt(append, units[middle:])
            return Outcome(first.answers + rest.answers, first.is_fatal or rest.is_fatal)
        return Outcome([[answer] * len(unit) for unit in units], is_fatal)


def _verdict(error: Exception) -> tuple[Answer, bool]:
    """What the waiting are told, and whether the writer must end."""
    if isinstance(error, ClockBehind):
        return Unavailable("clock.behind", "The writer's clock stands behind the log."), True
    if isinstance(error, (Gap, NotDurable)):
        return Unavailable("log.unavailable", "The log cannot be written to."), True
    if not isinstance(error, sqlite3.Error):
        failed = Failed(type(error).__name__)
        failed.__cause__ = error
        return failed, False
    primary = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_IOERR) & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return Unavailable("storage.full", "There is no room left to record it."), False
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Unavailable("log.busy", "The log is held by someone else."), False
    # After a failed write or fsync nobody knows what the disk holds: only a fresh start tells.
    return Unavailable("log.unavailable", "The log cannot be written to."), True


@dataclass(slots=True)
class Figures:
    """What a queue has done since its process began."""

    commands: int = 0
    batches: int = 0
    waiting: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(LATENCIES) + 1))
    """Batches by append time, up to each of LATENCIES and beyond."""

    def count(self, commands: int, seconds: float) -> None:
        self.commands += commands
        self.batches += 1
        self.seconds += seconds
        self.buckets[bisect_left(LATENCIES, seconds)] += 1


class DirectSubmitter:
    """Its own writer: commands are appended by whoever brings them, one caller at a time."""

    def __init__(self, append: Append, *, close: Callable[[], None]) -> None:
        self._append, self._close = append, close
        self._turn = threading.Lock()
        self._is_stopped = False

    def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        """Raises Stopped once an append has failed in a way that must not be gone on from."""
        with self._turn:
            if self._is_stopped:
                raise Stopped("The log failed earlier in this process.")
            outcome = attempt(self._append, units)
            self._is_stopped = outcome.is_fatal
            return outcome.answers

    def close(self) -> None:
        self._close()


class _Waiting(NamedTuple):
    units: Sequence[Unit]
    answers: asyncio.Future[list[list[Answer]]]
    commands: int


class AppendQueue:
    """Group commit for an event loop.

    While one group is made durable by the append thread, what arrives waits and goes in together
    as the next. Made and used on one loop.
    """

    def __init__(self, append: Append, *, on_stop: Callable[[], None] | None = None) -> None:
        """``on_stop`` is called on the loop after an error the writer must not go on from."""
        self._append, self._on_stop = append, on_stop
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="append")
        self._waiting: deque[_Waiting] = deque()
        self._is_busy = self._is_stopped = False
        self.counted = Figures()

    async def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        count = sum(map(len, units))
        if self._is_stopped:
            return _all(Unavailable("log.unavailable", "The log cannot be written to."), units)
        if self.counted.waiting + count > WAITING_MAX and self.counted.waiting:
            return _all(Unavailable("queue.full", "Too many commands are waiting."), units)
        waiting = _Waiting(units, self._loop.create_future(), count)
        self._waiting.append(waiting)
        self.counted.waiting += count
        if not self._is_busy:
            self._is_busy = True
            # At the end of this turn of the loop: what else it brings goes along.
            self._loop.call_soon(self._next)
        return await waiting.answers

    def _next(self) -> None:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and (not group or size + self._waiting[0].commands <= BATCH_MAX):
            group.append(self._waiting.popleft())
            size += group[-1].commands
        self._is_busy = bool(group)
        if not group:
            return
        began = perf_counter()
        units = [unit for waiting in group for unit in waiting.units]
        task = self._pool.submit(attempt, self._append, units)
        task.add_done_callback(
            lambda done: self._loop.call_soon_threadsafe(self._done, group, size, began, done)
        )

    def _done(
        self, group: list[_Waiting], size: int, began: float, task: ThreadFuture[Outcome]
    ) -> None:
        outcome = task.result()
        self.counted.waiting -= size
        self.counted.count(size, perf_counter() - began)
        if outcome.is_fatal:
            self._stop()
        else:
            self._next()
        start = 0
        for waiting in group:
            end = start + len(waiting.units)
            if not waiting.answers.done():
                waiting.answers.set_result(outcome.answers[start:end])
            start = end

    def _stop(self) -> None:
        self._is_stopped = True
        refusal = Unavailable("log.unavailable", "The log cannot be written to.")
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.answers.done():
                waiting.answers.set_result(_all(refusal, waiting.units))
        if self._on_stop is not None:
            self._on_stop()

    async def figures(self) -> dict[str, object]:
        counted = self.counted
        return {
            "waiting": counted.waiting,
            "commands": counted.commands,
            "batches": counted.batches,
            "append_seconds": counted.seconds,
            "append_buckets": list(counted.buckets),
        }

    async def close(self) -> None:
        """Let what is under way end. Nothing may be submitted afterwards."""
        await asyncio.to_thread(self._pool.shutdown)


def _all(answer: Answer, units: Sequence[Unit]) -> list[list[Answer]]:
    return [[answer] * len(unit) for unit in units]
