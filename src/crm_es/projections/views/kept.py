"""States kept of rows with long histories, so that no moment is folded from the very beginning."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import orjson
import sqlalchemy as sa

from crm_es.aggregates.fields import Precision
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import View
from crm_es.projections.views.folding import EVER, Moment, Row
from crm_es.projections.views.rows import Values

KEEP_EVERY = 2_000
"""Events of a row from one kept state to the next."""

_TIMES = ("occurred_at", "precision", "recorded_at")


def is_due(before: int, version: int) -> bool:
    """Whether a row that has come from one version to another is to be kept."""
    return version // KEEP_EVERY > before // KEEP_EVERY


def keep(db: sqlite3.Connection, log: LogRecorder, view: View, row: Values) -> None:
    """Keep a row as it is now, within a transaction."""
    key, state, position, version = row[:4]
    sql = "select position, latest from kept where view = ? and key = ? order by position desc"
    after, latest = db.execute(sql, (view.name, key)).fetchone() or (0, -EVER)
    times = log.about(key, by=view.key, columns=_TIMES, after=after, upto=position)
    for _, occurred_at, precision, recorded_at in times:
        is_known = precision != Precision.UNKNOWN
        latest = max(latest, occurred_at if is_known else recorded_at)
    kept = (view.name, key, position, latest, version, state)
    db.execute("insert or replace into kept values(?,?,?,?,?,?)", kept)


def forget(db: sqlite3.Connection, view: View, key: bytes) -> None:
    """Nothing is kept of a row that is folded anew."""
    db.execute("delete from kept where view = ? and key = ?", (view.name, key))


class KeptStates:
    """Those of the build a reader has open."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db

    def before(self, view: View, key: bytes, moment: Moment) -> Callable[[], Row] | None:
        """As folding.Kept."""
        sql = (
            "select state, position, version from kept where view = ? and key = ?"
            " and position <= ? and latest <= ? order by position desc limit 1"
        )
        as_of = EVER if moment.as_of is None else moment.as_of
        found = self._db.exec_driver_sql(sql, (view.name, key, moment.last, as_of)).one_or_none()
        if found is None:
            return None
        state, position, version = found
        return lambda: Row(key, orjson.loads(state), position, version)
