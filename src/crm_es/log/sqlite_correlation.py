"""What one correlation, such as an import, left in a log in SQLite. It has no index of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

CHUNK_SIZE = 500


def begun(
    db: sqlite3.Connection, correlation: bytes, after: int, before: int, limit: int
) -> list[tuple[int, bytes, str]]:
    sql = (
        "select position, stream_id, topic from event where position > ? and position < ?"
        " and version = 1 and correlation_id = ? order by position desc limit ?"
    )
    return db.execute(sql, (after, before, correlation, limit)).fetchall()


def touched(
    db: sqlite3.Connection, stream_ids: Sequence[bytes], correlation: bytes
) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(stream_ids), CHUNK_SIZE):
        some = stream_ids[start : start + CHUNK_SIZE]
        marks = ",".join("?" * len(some))
        sql = (
            "select stream_id, event_id from event"
            f" where stream_id in ({marks}) and correlation_id <> ? union all "
            "select s.subject_id, e.event_id from event_subject s"
            " cross join event e on e.position = s.position"
            f" where s.subject_id in ({marks}) and e.correlation_id <> ?"
        )
        for id, event in db.execute(sql, (*some, correlation) * 2):
            found.setdefault(id, event)
    return found


def findings(db: sqlite3.Connection, correlation: bytes, after: int) -> dict[str, int]:
    sql = (
        "select findings, count(*) from event"
        " where position > ? and findings is not null and correlation_id = ? group by 1"
    )
    found: dict[str, int] = {}
    for codes, count in db.execute(sql, (after, correlation)):
        for code in codes.split(","):
            found[code] = found.get(code, 0) + count
    return found
