"""Rebuilding all views, in events a second of one core: against bare rows and the library's way."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from benchmarks.bulk import make_log
from benchmarks.figure import Figure, scaled
from crm_es.followers.rebuild import rebuild
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views import VIEWS
from crm_es.projections.views.base import Event, Fold, View

EVENTS, ONE_VIEW_EVENTS = scaled(1_000_000), scaled(200_000)
LIBRARY_EVENTS = scaled(10_000)
STREAM_BYTES = 16


def figures(folder: Path) -> list[Figure]:
    made = make_log(folder / "log", EVENTS)
    raw, ours = _raw(made), _rebuilt(made)
    one = _one_view()
    library, alone = _library(made, one), _rebuilt(made, [one], ONE_VIEW_EVENTS)
    shutil.rmtree(made)
    return [
        Figure(
            f"rebuild of all {len(VIEWS)} views", "raw rows + orjson.loads", 0.08, ours / raw,
            detail=f"{ours:,.0f} events/s against {raw:,.0f}",
        ),
        Figure(
            f"rebuild of one view ({one.name})",
            "the library's way: select_notifications, an event a transaction", 10,
            alone / library, detail=f"{alone:,.0f} events/s against {library:,.0f}",
        ),
    ]  # fmt: skip


def _raw(folder: Path) -> float:
    """Every row of the log in order of position, its data parsed, and nothing done with it."""

    def read() -> None:
        with closing(sqlite3.connect(folder / "log.sqlite")) as db:
            for (data,) in db.execute("select data from event order by position"):
                orjson.loads(data)

    return _a_second(EVENTS, read)


def _rebuilt(folder: Path, views: Any = VIEWS, events: int = EVENTS) -> float:
    place = folder / "views"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    source = _up_to(folder, events)
    took = _a_second(events, partial(rebuild, place, source, views))
    source.close()
    shutil.rmtree(place)
    return took


def _up_to(folder: Path, events: int) -> SQLiteLog:
    """The log, or its first events in a file of their own."""
    if events == EVENTS:
        return SQLiteLog(folder / "log.sqlite", is_reader=True)
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    return SQLiteLog(make_log(part, events) / "log.sqlite", is_reader=True)


def _one_view() -> View:
    return next(view for view in VIEWS if view.name == "calls")


def _library(folder: Path, view: View) -> float:
    """What a projection of the library does, event by event.

    A page of notifications; then load, fold, write and the position, each in one transaction that
    is synced, as the library's tracking recorder runs.
    """
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    log = SQLiteLog(make_log(part, LIBRARY_EVENTS) / "log.sqlite")
    db = sqlite3.connect(part / "library.sqlite", isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("create table state(key blob primary key, state text) without rowid")
    db.execute("create table tracking(position integer primary key)")

    def follow() -> None:
        position = 0
        while page := log.select_notifications(position + 1, 1000):
            for notification in page:
                position = notification.id
                _take(db, view.folds, notification)

    took = _a_second(LIBRARY_EVENTS, follow)
    db.close()
    log.close()
    return took


def _take(db: sqlite3.Connection, folds: Any, notification: Any) -> None:
    db.execute("begin immediate")
    fold: Fold | None = folds.get(notification.topic)
    if fold is not None:
        key = notification.originator_id.bytes
        found = db.execute("select state from state where key = ?", (key,)).fetchone()
        state = fold(orjson.loads(found[0]) if found else None, _event(key, notification))
        db.execute("insert or replace into state values(?, ?)", (key, orjson.dumps(state)))
    db.execute("insert into tracking values(?)", (notification.id,))
    db.execute("commit")


def _event(key: bytes, notification: Any) -> Event:
    version, position = notification.originator_version, notification.id
    return Event(
        key=key, data=orjson.loads(notification.state), topic=notification.topic, at=0, precision=4,
        position=position, stream_id=key, version=version, recorded_at=0, actor="", findings=None,
        correlation_id=key,
    )  # fmt: skip


def _a_second(events: int, work: Callable[[], Any]) -> float:
    started = perf_counter()
    work()
    return events / (perf_counter() - started)
