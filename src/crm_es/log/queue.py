"""The append queue: commands that wait are recorded together, in one durable transaction."""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from time import perf_counter
from typing import NamedTuple, Protocol

from crm_es.errors import Unavailable
from crm_es.log.attempt import (
    Answer,
    Outcome,
    Stage,
    Staged,
    Unit,
    attempt,
    committed,
    not_staged,
    same,
)

BATCH_MAX = 512
"""Commands in one transaction; a unit is never split."""
SLOW_SECONDS = 0.002
"""A commit that takes longer waits for the disk, and leaves the processor to who decides next."""
WAITING_MAX = 20_000
"""Commands that may wait; more are answered Unavailable rather than kept in memory."""
LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the histogram of append times, in seconds."""


_STOPPED = Unavailable("log.unavailable", "The log cannot be written to.")


class Stopped(Exception):  # noqa: N818 - reads as what happened
    """The log can no longer be trusted to keep what it is given: its writer must end."""


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

    def __init__(self, stage: Stage, *, close: Callable[[], None]) -> None:
        self._stage, self._close = stage, close
        self._turn = threading.Lock()
        self._is_stopped = False

    def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        """Raises Stopped once an append has failed in a way that must not be gone on from."""
        with self._turn:
            if self._is_stopped:
                raise Stopped("The log failed earlier in this process.")
            outcome = attempt(self._stage, units)
            self._is_stopped = outcome.is_fatal
            return outcome.answers

    def close(self) -> None:
        self._close()


class _Waiting(NamedTuple):
    units: Sequence[Unit]
    answers: asyncio.Future[list[list[Answer]]]
    commands: int


class _Group:
    """What goes into one transaction."""

    def __init__(self) -> None:
        self.began = perf_counter()
        self.waiting: list[_Waiting] = []
        self.commands = 0

    def has_room_for(self, more: _Waiting) -> bool:
        return not self.waiting or self.commands + more.commands <= BATCH_MAX

    def add(self, more: _Waiting) -> None:
        self.waiting.append(more)
        self.commands += more.commands

    def units(self) -> list[Unit]:
        return [unit for waiting in self.waiting for unit in waiting.units]


class AppendQueue:
    """Group commit for an event loop: what arrives while a group is under way is the next group.

    One thread decides and makes durable; where commits are slow, another makes durable what the
    first has decided while that goes on with who waits. Made and used on one loop.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        on_stop: Callable[[], None] | None = None,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        """``on_stop`` is called on the loop after an error the writer must not go on from."""
        self._stage, self._on_stop, self._slow_seconds = stage, on_stop, slow_seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_deciding = self._is_stopped = False
        self._formed: SimpleQueue[_Group | None] = SimpleQueue()
        self._staged: SimpleQueue[tuple[_Group, Staged] | None] = SimpleQueue()
        self._commit_seconds = 0.0
        self.counted = Figures()
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for target, name in ((self._decide_all, "decide"), (self._commit_all, "commit"))
        ]
        for thread in self._threads:
            thread.start()

    async def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        count = sum(map(len, units))
        if self._is_stopped:
            return same(_STOPPED, units)
        if self.counted.waiting + count > WAITING_MAX and self.counted.waiting:
            return same(Unavailable("queue.full", "Too many commands are waiting."), units)
        waiting = _Waiting(units, self._loop.create_future(), count)
        self._waiting.append(waiting)
        self.counted.waiting += count
        self._is_idle.clear()
        if not self._is_deciding:
            self._is_deciding = True
            # At the end of this turn of the loop: what else it brings goes along.
            self._loop.call_soon(self._next)
        return await waiting.answers

    def _next(self) -> None:
        """Let the next group be decided."""
        group = _Group()
        while self._waiting and group.has_room_for(self._waiting[0]):
            group.add(self._waiting.popleft())
        self._is_deciding = bool(group.waiting)
        if self._is_deciding:
            self._formed.put(group)

    def _answer(self, group: _Group, outcome: Outcome) -> None:
        self.counted.waiting -= group.commands
        self.counted.count(group.commands, perf_counter() - group.began)
        start = 0
        for waiting in group.waiting:
            end = start + len(waiting.units)
            if not waiting.answers.done():
                waiting.answers.set_result(outcome.answers[start:end])
            start = end
        if not self.counted.waiting:
            self._is_idle.set()
        if outcome.is_fatal and self._on_stop is not None:
            self._on_stop()
            self._on_stop = None

    # The thread that decides.

    def _decide_all(self) -> None:
        while (group := self._formed.get()) is not None:
            staged = self._decided(group)
            if staged is not None and self._waiting and self._commit_seconds > self._slow_seconds:
                self._staged.put((group, staged))
            elif staged is not None:
                self._commit(group, staged)
            self._loop.call_soon_threadsafe(self._next)
        self._staged.put(None)

    def _decided(self, group: _Group) -> Staged | None:
        """None if they have their answer already."""
        units = group.units()
        if self._is_stopped:
            self._tell(group, Outcome(same(_STOPPED, units), is_fatal=True))
            return None
        try:
            return self._stage(units)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait get an answer
            self._tell(group, not_staged(self._stage, units, error))
            return None

    # The thread that commits where it takes long.

    def _commit_all(self) -> None:
        while (found := self._staged.get()) is not None:
            self._commit(*found)

    # Either.

    def _commit(self, group: _Group, staged: Staged) -> None:
        began = perf_counter()
        outcome = committed(staged, group.units())
        self._commit_seconds = perf_counter() - began
        self._tell(group, outcome)

    def _tell(self, group: _Group, outcome: Outcome) -> None:
        if outcome.is_fatal:
            self._is_stopped = True
        self._loop.call_soon_threadsafe(self._answer, group, outcome)

    # The loop again.

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
        """Let what was submitted end. Nothing may be submitted afterwards."""
        await self._is_idle.wait()
        self._formed.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
