"""A little ahead: what an iterator yields is made in a thread of its own, a few things early."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_END = object()


def ahead(things: Iterable[T], size: int) -> Generator[T]:
    """Yield the same things; up to ``size`` of them are made in advance.

    An error of theirs is raised where they are used. Closing it waits for the one being made.
    """
    source = iter(things)
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = deque(pool.submit(next, source, _END) for _ in range(size))
        try:
            while (thing := waiting.popleft().result()) is not _END:
                waiting.append(pool.submit(next, source, _END))
                yield thing  # type: ignore[misc]
        finally:
            for future in waiting:
                future.cancel()
