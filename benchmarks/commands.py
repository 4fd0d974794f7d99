"""Commands a second through ``Crm.execute``, durable: against the bare inserts, and the library."""

from __future__ import annotations

import shutil
import statistics
import threading
from pathlib import Path
from random import Random
from time import perf_counter
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.bulk import make_log
from benchmarks.figure import Figure, scaled, seconds
from benchmarks.workload import Bench, Keeping, day, insert_bare, opening
from crm_es.application import settle_memory
from crm_es.log.envelope import Rows

AT_ONCE, COMMANDS, ROUNDS = 64, scaled(25_600), 5
BIG = scaled(1_000_000)
LIBRARY_COMMANDS, LIBRARY_DEALS = scaled(3_200), 200


class Deal(Aggregate):
    """The same move of a deal, as the library's own tutorial would write it."""

    @event("Opened")
    def __init__(self, title: str) -> None:
        self.title, self.stage = title, "new"

    @event("Moved")
    def move(self, from_stage: str, to_stage: str) -> None:
        self.stage = to_stage


def figures(folder: Path) -> list[Figure]:
    empty = _against_bare(folder / "empty", None)
    made = make_log(folder / "made", BIG)
    million = _against_bare(folder / "million", made / "log.sqlite")
    shutil.rmtree(made)
    ours, library = _ours_a_second(folder / "ours"), _library_a_second(folder / "library")
    return [
        Figure(
            "commands through `Crm`, 64 at once, on an empty log",
            "the bare inserts of the same rows", 0.5, empty,
        ),
        Figure(
            "the same on a log of a million events", "the bare inserts of the same rows", 0.5,
            million,
        ),
        Figure(
            "commands through `Crm`, 64 at once", "the library's get + save with 64 threads", 4,
            ours / library, detail=f"{ours:,.0f}/s against {library:,.0f}/s",
        ),
    ]  # fmt: skip


def _against_bare(folder: Path, start: Path | None) -> float:
    """Median of (seconds of the bare inserts / seconds of ours), pair by pair."""
    ratios = []
    for _ in range(ROUNDS):  # the floor inserts the rows of ours, so each pair runs ours first
        at = _copied(folder / "ours", start)
        took, behind, kept = _run(at)
        shutil.rmtree(at)
        at = _copied(folder / "bare", start)
        ratios.append(insert_bare(at / "log.sqlite", kept, behind) / took)
        shutil.rmtree(at)
    return statistics.median(ratios)


def _copied(folder: Path, start: Path | None) -> Path:
    folder.mkdir(parents=True)
    if start is not None:
        shutil.copy(start, folder / "log.sqlite")
    return folder


def _run(folder: Path) -> tuple[float, list[Rows], list[Rows]]:
    """(seconds, the rows that were there before, those of the commands that were timed)."""
    bench = Bench(folder)
    random = Random(3)
    first, customers, deals = opening(random)
    with Keeping() as behind:
        bench.run(first, 500)
    commands = list(day(random, customers, deals, COMMANDS))
    settle_memory()  # as the writer process does before it takes commands
    with Keeping() as kept:
        took = seconds(lambda: bench.run(commands, AT_ONCE))
    bench.close()
    return took, behind, kept


def _ours_a_second(folder: Path) -> float:
    took, _, _ = _run(folder)
    return COMMANDS / took


def _library_a_second(folder: Path) -> float:
    """WAL and synchronous=FULL are what the library's SQLite recorder runs with: as durable."""
    folder.mkdir(parents=True)
    application: Application[UUID] = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(folder / "library.sqlite"),
            "SQLITE_LOCK_TIMEOUT": "60",
        }
    )
    deals = [Deal("a deal") for _ in range(LIBRARY_DEALS)]
    application.save(*deals)

    def client(n: int) -> None:
        own = deals[n * LIBRARY_DEALS // AT_ONCE : (n + 1) * LIBRARY_DEALS // AT_ONCE]
        for k in range(LIBRARY_COMMANDS // AT_ONCE):
            deal: Deal = application.repository.get(own[k % len(own)].id)
            deal.move("new", "qualified")
            application.save(deal)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(AT_ONCE)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - started
    application.close()
    return LIBRARY_COMMANDS / took
