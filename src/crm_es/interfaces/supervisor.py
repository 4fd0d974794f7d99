"""Keeps the processes of one server alive: starts, restarts and stops them in order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

log = logging.getLogger("crm_es.supervisor")

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
PAUSE, PAUSE_MAX = 0.2, 30.0
"""Seconds before a process that fell is started again; each further fall doubles them."""
HEALTHY_SECONDS = 60.0
"""Who lived so long begins again with the shortest pause."""
LOOK_EVERY = 0.05


@dataclass
class Part:
    """One process of the server: how to start it, and how to see that it is ready."""

    name: str
    arguments: Sequence[str]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_essential: bool = True
    """Without it the server does not start at all."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float | None = None
    pause: float = PAUSE

    def start(self) -> None:
        self.started_at, self.due_at = monotonic(), None
        # Its own group: a Ctrl-C on the terminal reaches the supervisor alone, which stops in
        # order. Its input ends when the supervisor does, however that ends.
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", *self.arguments], stdin=subprocess.PIPE,
            env={**os.environ, **self.environment}, start_new_session=True,
        )  # fmt: skip

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def tend(self) -> None:
        """Start it again if it fell, after a pause that grows while it keeps falling."""
        now = monotonic()
        if self.due_at is not None:
            if now >= self.due_at:
                self.start()
        elif self.process is not None and self.has_ended:
            if now - self.started_at > HEALTHY_SECONDS:
                self.pause = PAUSE
            code = self.process.returncode
            log.error("%s ended with code %s; again in %.1f s", self.name, code, self.pause)
            self.due_at = now + self.pause
            self.pause = min(self.pause * 2, PAUSE_MAX)

    def stop(self) -> None:
        if self.process is None or self.has_ended:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            log.warning("%s does not stop; it is killed", self.name)
            self.process.kill()
            self.process.wait()


class GaveUp(Exception):  # noqa: N818 - reads as what happened
    """A process the server cannot do without did not become ready."""


class Supervisor:
    """Starts the first part, then the others beside one another; stops them backwards."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ask it to end; ``run`` returns when everything has stopped."""
        self._stop.set()

    def run(self, on_ready: Callable[[], None]) -> None:
        """Until told to stop. Raises GaveUp, and then nothing runs any more either."""
        try:
            first, *others = self.parts
            first.start()
            self._await(first)
            for part in others:
                part.start()
            for part in others:
                self._await(part)
            if not self._stop.is_set():
                on_ready()
            while not self._stop.wait(LOOK_EVERY):
                for part in self.parts:
                    part.tend()
        finally:
            for part in reversed(self.parts):
                part.stop()

    def _await(self, part: Part) -> None:
        until = part.started_at + READY_SECONDS_MAX
        while not self._stop.is_set() and not part.is_ready():
            why = None
            if part.process is not None and part.has_ended:
                why = f"{part.name} ended with code {part.process.returncode} at its start."
            elif monotonic() > until:
                why = f"{part.name} is not ready after {READY_SECONDS_MAX:.0f} s."
            if why is not None and part.is_essential:
                raise GaveUp(why)
            if why is not None:
                log.error(why)
                return
            self._stop.wait(LOOK_EVERY)
