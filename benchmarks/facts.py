"""Filling mirror and facts from a log, and building all facts again from the mirror."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from benchmarks.bulk import make_log
from benchmarks.figure import Figure, scaled, seconds
from crm_es.followers.facts import BATCH_SIZE, FactsFollower
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.store import FactStore

EVENTS = scaled(1_000_000)
MEMORY_MIB = 512


def figures(folder: Path) -> list[Figure]:
    path = make_log(folder / "log", EVENTS) / "log.sqlite"
    read = EVENTS / seconds(lambda: _read(path))
    with closing(FactStore(folder, Plan(), memory_limit_mib=MEMORY_MIB)) as store:
        follower = FactsFollower(store, lambda: SQLiteLog(path, is_reader=True))
        with closing(follower):
            fill = EVENTS / seconds(follower.catch_up)
        rebuild = EVENTS / seconds(lambda: _rebuild(store))
    shutil.rmtree(folder)
    return [
        Figure(
            "first fill of mirror and all facts", "the same rows read from SQLite, undecoded", 0.25,
            fill / read, detail=f"{fill:,.0f} events/s against {read:,.0f}",
        ),
        Figure(
            "rebuild of all facts from the mirror", "the first fill", 4, rebuild / fill,
            detail=f"{rebuild:,.0f} events/s",
        ),
    ]  # fmt: skip


def _read(path: Path) -> None:
    with closing(SQLiteLog(path, is_reader=True)) as log:
        position = 0
        while rows := log.rows(position, BATCH_SIZE):
            position = rows[-1][0]


def _rebuild(store: FactStore) -> None:
    for name in store.tables.facts:
        store.rebuild(name)
