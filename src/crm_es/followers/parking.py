"""Keys whose row stands still because a view could not fold an event, and how they go on."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import orjson

from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Event, Fold
from crm_es.projections.views.build_file import checkpoint_of, transaction
from crm_es.projections.views.events import KEY, TOPIC, Told, Wanted, columns_for, opened, seen
from crm_es.projections.views.folding import Poison, next_version, told_error
from crm_es.projections.views.kept import forget
from crm_es.projections.views.rows import BAD_VALUE, Stored, ViewTable

log = logging.getLogger("crm_es.projector")

RETRIES_MAX = 1_000
_CHUNK = 8_192
_PARKED = """
select view, key from parked
where (:view is null or view = :view) and (:key is null or key = :key) limit :limit
"""

Work = tuple[Fold, Event]


def parked_among(db: sqlite3.Connection, view: str, keys: Sequence[bytes]) -> set[bytes]:
    """Which of some keys are parked."""
    if db.execute("select 1 from parked limit 1").fetchone() is None:
        return set()
    found: set[bytes] = set()
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        sql = f"select key from parked where view = ? and key in ({','.join('?' * len(some))})"
        found.update(row[0] for row in db.execute(sql, (view, *some)))
    return found


def fold_to_poison(
    db: sqlite3.Connection,
    table: ViewTable,
    key: bytes,
    before: Stored | None,
    work: Iterable[Work],
) -> Poison | None:
    """Fold one event at a time into a row, and park the key at the first that cannot be.

    The row stays as the event before left it. Nothing is tried twice: a fold is pure, so what
    fails once fails for ever.
    """
    state, _, version = (None, 0, 0) if before is None else (orjson.loads(before[0]), *before[1:])
    for fold, event in work:
        try:
            state = fold(state, event)
            version = next_version(table.view, version, state, event)
            if state is None:
                table.remove(db, [key])
            else:
                table.save(db, [table.values(key, state, event.position, version)])
        except Exception as error:
            if isinstance(error, (MemoryError, sqlite3.Error)) and not isinstance(error, BAD_VALUE):
                raise
            poison = Poison(event.position, told_error(error))
            park(db, table.view.name, key, poison)
            return poison
    return None


def park(db: sqlite3.Connection, view: str, key: bytes, poison: Poison) -> None:
    db.execute("insert or replace into parked values(?,?,?,?)", (view, key, *poison))
    kept = "delete from kept where view = ? and key = ? and position >= ?"
    db.execute(kept, (view, key, poison.position))
    log.error(
        "%s of %s is parked at position %s: %s",
        view,
        UUID(bytes=key),
        poison.position,
        poison.error,
    )


def refold(
    db: sqlite3.Connection, source: LogRecorder, table: ViewTable, key: bytes, upto: int
) -> Poison | None:
    """Make a row anew from the log, within a transaction."""
    db.execute("delete from parked where view = ? and key = ?", (table.view.name, key))
    table.remove(db, [key])
    forget(db, table.view, key)
    columns = columns_for([table.view])
    rows = source.about(key, by=table.view.key, upto=upto, columns=columns)
    return fold_to_poison(db, table, key, None, _work(table, rows))


def unpark(
    db: sqlite3.Connection, source: LogRecorder, table: ViewTable, key: bytes
) -> Poison | None:
    """Try a parked key again, whoever else follows into this build. None: it goes on."""
    with transaction(db):
        return refold(db, source, table, key, checkpoint_of(db).position)


def unpark_all(
    db: sqlite3.Connection,
    source: LogRecorder,
    tables: Iterable[ViewTable],
    *,
    view: str | None = None,
    key: bytes | None = None,
) -> int:
    """Try everything parked again, of one view or of one key if told so, up to a limit.

    Returns how many go on.
    """
    by_name = {table.view.name: table for table in tables}
    parked = db.execute(_PARKED, {"view": view, "key": key, "limit": RETRIES_MAX}).fetchall()
    return sum(unpark(db, source, by_name[name], one) is None for name, one in parked)


def _work(table: ViewTable, rows: Iterable[Told]) -> Iterator[Work]:
    wanted = Wanted((table.view,))
    for row in rows:
        data, folds = opened(row, wanted[row[TOPIC]])
        for _, fold in folds:
            yield fold, seen(row[KEY], data, row)
