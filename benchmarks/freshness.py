"""From a receipt to what can be read: views and facts at 200 commands a second, all processes real.

And once more for the views while they are rebuilt beside the live ones.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import perf_counter, sleep

from benchmarks.figure import Figure, quantile, scaled
from benchmarks.workload import day, opening
from crm_es import bootstrap
from crm_es.application import receipt_from
from crm_es.errors import Refused
from crm_es.followers.standing import standings
from crm_es.interfaces.facts.remote import FactsLine
from crm_es.interfaces.writer.remote import RemoteSubmitter
from crm_es.log.queue import Submitter
from crm_es.projections.facts.snapshot import NoSnapshot, current
from crm_es.settings import Settings

RATE, SECONDS = 200, scaled(15)
LOG_COMMANDS, BATCH = scaled(150_000), 500
VIEWS_POLL_SECONDS, FACTS_POLL_SECONDS = 0.0005, 0.005
"""How often it is looked. The facts are asked over HTTP, which costs the process that is measured
a millisecond each time; what is waited for is up to so much less than what is measured."""


def figures(folder: Path) -> list[Figure]:
    settings = Settings(data=folder)
    bootstrap.init(settings)
    _begin(settings)
    bootstrap.rebuild_views(settings, _silent)
    with (
        _process("writer", folder),
        _process("follow", folder),
        _process("facts", folder),
        contextlib.closing(_submitter(settings)) as submitter,
    ):
        load = _Load(submitter)
        _until(lambda: _is_settled(settings))
        alone = load.run(_views(settings), VIEWS_POLL_SECONDS)
        facts = load.run(_facts(settings), FACTS_POLL_SECONDS)
        with _rebuilding(settings):
            beside = load.run(_views(settings), VIEWS_POLL_SECONDS)
    shutil.rmtree(folder)
    views = quantile(alone, 0.99)
    return [
        Figure(
            f"receipt to visible in the views, p99, at {RATE} commands/s", "-", 20, views, "ms",
            is_most=True, detail=f"median {quantile(alone, 0.5):.1f} ms",
        ),
        Figure(
            f"receipt to visible in facts, p99, at {RATE} commands/s", "-", 60,
            quantile(facts, 0.99), "ms", is_most=True,
            detail=f"median {quantile(facts, 0.5):.1f} ms",
        ),
        Figure(
            "the views' p99 while they are rebuilt beside", "without", 3,
            quantile(beside, 0.99) / views, is_most=True,
            detail=f"{quantile(beside, 0.99):.1f} ms",
        ),
    ]  # fmt: skip


def _begin(settings: Settings) -> None:
    """A log of real commands, sealed under real keys, to stand on."""
    random = Random(5)
    first, customers, deals = opening(random)
    with contextlib.closing(bootstrap.OwnCrm(settings)) as own:
        for some in (first, list(day(random, customers, deals, LOG_COMMANDS))):
            for start in range(0, len(some), BATCH):
                own.crm.append([[one] for one in some[start : start + BATCH]])


class _Load:
    """Commands at a steady rate, one after another, each with its receipt's time and position."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter, self._random = submitter, Random(11)
        first, customers, deals = opening(self._random)
        submitter.submit([[one] for one in first])
        self._parties = customers, deals

    def run(self, position: Callable[[], int], poll_seconds: float) -> list[float]:
        """Milliseconds from each receipt until ``position`` is there."""
        waiting: list[tuple[float, int]] = []
        took: list[float] = []
        is_over = threading.Event()

        def watch() -> None:
            while waiting or not is_over.is_set():
                reached, now = position(), perf_counter()
                while waiting and waiting[0][1] <= reached:
                    took.append((now - waiting.pop(0)[0]) * 1000)
                sleep(poll_seconds)

        watcher = threading.Thread(target=watch)
        watcher.start()
        began = perf_counter()
        for n, one in enumerate(day(self._random, *self._parties, RATE * SECONDS)):
            sleep(max(0.0, began + n / RATE - perf_counter()))
            answer = self._submitter.submit([[one]])[0][0]
            if not isinstance(answer, bytes):
                raise answer
            waiting.append((perf_counter(), receipt_from(answer).position))
        is_over.set()
        watcher.join(60)
        return took


def _silent(done: int, total: int) -> None:
    pass


def _views(settings: Settings) -> Callable[[], int]:
    reader = bootstrap.open_views(settings)
    return lambda: reader.position


def _facts(settings: Settings) -> Callable[[], int]:
    line = FactsLine(bootstrap.facts_socket(settings))
    return lambda: int(line.standing()["position"])


def _submitter(settings: Settings) -> Submitter:
    """The way to the writer process, once it is there: never a writer of our own."""
    socket = bootstrap.writer_socket(settings)
    for _ in range(1_200):
        if socket.exists():
            return RemoteSubmitter(socket)
        sleep(0.05)
    raise AssertionError("The writer does not answer.")


def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(1_200):
        with contextlib.suppress(Refused, OSError, NoSnapshot):
            if is_so():
                return
        sleep(0.1)
    raise AssertionError("The followers do not come to rest.")


def _is_settled(settings: Settings) -> bool:
    """Whether everyone has come to the head, and the first snapshot is made."""
    with contextlib.closing(bootstrap.open_log(settings)) as log:
        head = log.head().position
    current(settings.folder.snapshots)
    views = standings(bootstrap.open_views(settings), settings.folder.pii)
    return min(_facts(settings)(), *(one.position for one in views)) >= head


@contextlib.contextmanager
def _rebuilding(settings: Settings) -> Iterator[None]:
    """Rebuild after rebuild beside the live views, until it is left."""
    code = "from benchmarks.freshness import rebuild_for_ever as go; import sys; go(sys.argv[1])"
    with _run(code, settings.data):
        sleep(1)
        yield


def rebuild_for_ever(folder: str) -> None:
    while True:
        bootstrap.rebuild_views(Settings(data=Path(folder)), _silent)


@contextlib.contextmanager
def _process(role: str, folder: Path) -> Iterator[None]:
    code = (
        "from crm_es import bootstrap; from crm_es.settings import Settings; import sys;"
        f" from pathlib import Path; bootstrap.{role}_process(Settings(data=Path(sys.argv[1])))"
    )
    with _run(code, folder):
        yield


@contextlib.contextmanager
def _run(code: str, folder: Path) -> Iterator[None]:
    running = subprocess.Popen([sys.executable, "-c", code, str(folder)])  # noqa: S603 - ours
    try:
        yield
    finally:
        running.terminate()
        running.wait(30)
