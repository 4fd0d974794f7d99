"""What one correlation, such as an import, left in a log in SQLite. It has no index of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

CHUNK_SIZE = 500


def begun(
    db: sqlite3.Connection,
    correlation: bytes,
    topics: Collection[str],
    after: int,
    before: int,
    limit: int,
) -> list[tuple[int, bytes, str]]:
    sql = (
        "select position, stream_id, topic from event where position > ? and position < ?"
        f" and correlation_id = ? and topic in ({','.join('?' * len(topics))})"
        " order by position desc limit ?"
    )
    return db.execute(sql, (after, before, correlation, *topics, limit)).fetchall()


def touched(
    db: sqlite3.Connection, since: Sequence[tuple[bytes, int]], correlation: bytes
) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(since), CHUNK_SIZE):
        some = since[start : start + CHUNK_SIZE]
        sql = (
            f"with begun(id, at) as (values {','.join(['(?,?)'] * len(some))})"
            " select id, e.event_id from begun cross join event e"
            " on e.stream_id = id and e.position > at and e.correlation_id <> ? union all"
            " select id, e.event_id from begun cross join event_subject s"
            " on s.subject_id = id and s.position > at"
            " cross join event e on e.position = s.position and e.correlation_id <> ?"
        )
        flat = [value for pair in some for value in pair]
        for id, event in db.execute(sql, (*flat, correlation, correlation)):
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
