"""Reads of storage behind one bounded executor: the loop never waits for a disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from crm_es.interfaces.http.problems import Problem

THREADS = 4
WAITING_MAX = 256
"""Reads that may wait; more are told to come again."""

R = TypeVar("R")
T = TypeVar("T")


class Readers(Generic[R]):
    """A few threads, each with connections of its own that ``open_`` makes for it."""

    def __init__(self, open_: Callable[[], R], *, threads: int = THREADS) -> None:
        self._open = open_
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="read")
        self._waiting = 0

    async def run(self, read: Callable[[R], T]) -> T:
        """Raises Problem 503 when too many wait, and whatever ``read`` raises."""
        if self._waiting >= WAITING_MAX:
            raise Problem(503, "reads.too_many", "Too many wait.", headers={"Retry-After": "1"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, read)
        finally:
            self._waiting -= 1

    def _run(self, read: Callable[[R], T]) -> T:
        try:
            own: R = self._own.reading
        except AttributeError:
            own = self._own.reading = self._open()
        return read(own)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
