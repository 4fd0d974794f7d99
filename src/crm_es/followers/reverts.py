"""Sees which imports are on their way out, and has each of them brought to its end.

A command only begins a revert. What is begun stands in the log until the log says that it is done:
so whatever is killed meanwhile, the next who looks goes on with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol
from uuid import UUID

LOOK_SECONDS = 0.5
RETRY_SECONDS = 10.0
"""One that ended early is begun again no sooner."""
STOP_SECONDS_MAX = 5.0

log = logging.getLogger("crm_es.reverts")


class Child(Protocol):
    """A process that takes one import back, and ends: 0 when nothing is left to do."""

    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Reverts:
    """One revert at a time, each in a process of its own: the follower that looks never waits."""

    def __init__(self, begun: Callable[[], Sequence[UUID]], start: Callable[[UUID], Child]) -> None:
        """``begun`` are imports whose revert has no end yet."""
        self._begun, self._start = begun, start
        self._child: Child | None = None
        self._look_at = 0.0
        self._due: dict[UUID, float] = {}

    def step(self) -> int:
        """Look now and then. Never anything left to do here: another process does it."""
        if monotonic() >= self._look_at:
            self._look()
            self._look_at = monotonic() + LOOK_SECONDS
        return 0

    def close(self) -> None:
        """Leave what is under way; who looks next goes on with it."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(STOP_SECONDS_MAX)

    def _look(self) -> None:
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            if code:
                log.error("A revert ended with code %s; again in %.0f s", code, RETRY_SECONDS)
            self._child = None
        self._due = {id: self._due.get(id, 0.0) for id in self._begun()}
        for id, due in self._due.items():
            if due <= monotonic():
                log.info("Import %s is taken back", id)
                self._due[id] = monotonic() + RETRY_SECONDS
                self._child = self._start(id)
                return
