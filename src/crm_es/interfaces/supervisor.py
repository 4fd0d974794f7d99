"""Keeps the processes of one server alive: starts them in order, restarts and stops them."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

log = logging.getLogger("crm_es.supervisor")

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
RESTARTS_MAX, RESTART_WINDOW = 5, 60.0
"""So many restarts of one process within so many seconds, and the server gives up."""
LOOK_EVERY = 0.1


@dataclass
class Part:
    """One process of the server: how to start it, and how to see that it is ready."""

    name: str
    arguments: Sequence[str]
    is_ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    ended: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_MAX))

    def start(self) -> None:
        command = [sys.executable, "-m", *self.arguments]
        # Its own group: a Ctrl-C on the terminal reaches the supervisor alone, which stops in order.
        self.process = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            log.warning("%s does not stop; it is killed", self.name)
            self.process.kill()
            self.process.wait()


class GaveUp(Exception):  # noqa: N818 - reads as what happened
    """A process did not become ready, or ended again and again."""


class Supervisor:
    """Starts parts one after the other, each when the one before is ready; stops them backwards."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ask it to end; ``run`` returns when everything has stopped."""
        self._stop.set()

    def run(self, on_ready: Callable[[], None]) -> None:
        """Until told to stop. Raises GaveUp, and then nothing runs any more either."""
        try:
            for part in self._parts:
                part.start()
                self._await(part)
            if not self._stop.is_set():
                on_ready()
            while not self._stop.wait(LOOK_EVERY):
                for part in self._parts:
                    self._tend(part)
        finally:
            for part in reversed(self._parts):
                part.stop()

    def _await(self, part: Part) -> None:
        until = monotonic() + READY_SECONDS_MAX
        while not self._stop.is_set() and not part.is_ready():
            if part.process is not None and part.process.poll() is not None:
                raise GaveUp(f"{part.name} ended with code {part.process.returncode} at its start.")
            if monotonic() > until:
                raise GaveUp(f"{part.name} is not ready after {READY_SECONDS_MAX:.0f} s.")
            self._stop.wait(LOOK_EVERY)

    def _tend(self, part: Part) -> None:
        if part.process is None or part.process.poll() is None:
            return
        now = monotonic()
        part.ended.append(now)
        log.error("%s ended with code %s", part.name, part.process.returncode)
        if len(part.ended) == RESTARTS_MAX and now - part.ended[0] < RESTART_WINDOW:
            raise GaveUp(f"{part.name} ended {RESTARTS_MAX} times in a minute.")
        self._stop.wait(min(0.1 * 2 ** len(part.ended), 5.0))
        if not self._stop.is_set():
            part.start()
