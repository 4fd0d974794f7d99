"""Importing two real sets, in events a second: against ``executemany`` of the same rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from benchmarks.check_data import DATA, imported
from benchmarks.figure import SCALE, Figure, seconds
from benchmarks.workload import insert_bare
from crm_es.log.envelope import COLUMNS, Rows
from crm_es.log.sqlite import SQLiteLog
from crm_es.settings import Settings

SETS = ("school_crm", "complete_journey")[: 1 if SCALE < 1 else None]
PAGE = 20_000
_AT, _COMMAND, _SUBJECTS = (
    COLUMNS.index(name) for name in ("recorded_at", "command_id", "subjects")
)


def figures(folder: Path) -> list[Figure]:
    return [_of(name, folder / name) for name in SETS if DATA.is_dir()]


def _of(name: str, folder: Path) -> Figure:
    settings = Settings(data=folder / "ours")
    started = perf_counter()
    imported(name, settings)
    took = perf_counter() - started
    with closing(SQLiteLog(settings.folder.log, is_reader=True)) as log:
        events = log.head().position
        kept = list(_batches(log))
    (folder / "bare").mkdir(parents=True)
    bare = seconds(lambda: insert_bare(folder / "bare" / "log.sqlite", kept))
    shutil.rmtree(folder)
    return Figure(
        f"import of {name}", "executemany of the same events, subjects and receipts", 0.4,
        bare / took, detail=f"{events / took:,.0f} events/s against {events / bare:,.0f}",
    )  # fmt: skip


def _batches(log: SQLiteLog) -> Iterator[Rows]:
    """The rows of each transaction: those recorded at the same moment."""
    for _, some in groupby(_all(log), key=lambda row: row[_AT]):
        rows = Rows()
        for row in some:
            rows.events.append(row)
            packed = row[_SUBJECTS]
            rows.subjects += [(packed[at : at + 16], row[0]) for at in range(0, len(packed), 16)]
        for command in dict.fromkeys(row[_COMMAND] for row in rows.events):
            rows.receipts.append((command, bytes(16), log.receipt(UUID(bytes=command)) or b""))
        yield rows


def _all(log: SQLiteLog) -> Iterator[tuple[Any, ...]]:
    position = 0
    while page := log.rows(position, PAGE):
        yield from page
        position = page[-1][0]
