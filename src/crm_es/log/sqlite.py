"""The log in SQLite: one file, one writer, group commits that are fsynced."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from time import time_ns
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore

from crm_es.log import sqlite_correlation as correlation
from crm_es.log.envelope import COLUMNS, Head, Record, event_id, new_id
from crm_es.log.recorder import Generation, LogRecorder, NotDurable, checked
from crm_es.log.sqlite_append import INSERT_EVENT, SELECT, Looks, Transaction, marks
from crm_es.log.sqlite_file import TABLES, connect

WALK_CACHE_KIB = 8_192
"""Of a walk over the whole log, which comes by every page once: what stays in the processor."""

_BY_SUBJECT = (
    f"select s.subject_id, {','.join('e.' + column for column in COLUMNS)}"
    " from event_subject s cross join event e on e.position = s.position"
)


class _Order(NamedTuple):
    source: str
    key: str
    then: str
    position: str

    def select(self, columns: Sequence[str], where: str) -> str:
        names = ",".join([self.key, *("e." + column for column in columns)])
        return f"select {names} from {self.source} where {where} order by {self.key}, {self.then}"


_ORDERS = {
    # The plus keeps SQLite from walking positions and sorting the whole log.
    "stream": _Order("event e", "e.stream_id", "e.version", "+e.position"),
    "subject": _Order(
        "event_subject s cross join event e on e.position = s.position", "s.subject_id",
        "s.position", "s.position",
    ),
}  # fmt: skip


class SQLiteLog(SQLiteApplicationRecorder, LogRecorder):
    """The embedded log. ``create_table`` makes its tables, once, by ``init``.

    An instance is used by one thread at a time; readers and the writer each have their own.
    """

    def __init__(self, path: Path, *, is_reader: bool = False, is_mapped: bool = False) -> None:
        """``is_mapped`` is for who reads histories for people (sqlite_file.connect)."""
        self.path, self.is_reader, self._is_mapped = path, is_reader, is_mapped
        super().__init__(SQLiteDatastore(f"{path.absolute().as_uri()}?mode=rwc"), "event")
        self._db: sqlite3.Connection | None = None
        self._beside: sqlite3.Connection | None = None

    @property
    def db(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = connect(self.path, is_reader=self.is_reader, is_mapped=self._is_mapped)
        return self._db

    def construct_create_table_statements(self) -> list[str]:
        return list(TABLES)

    def create_table(self) -> None:
        super().create_table()
        if self.db.execute("select 1 from generation").fetchone() is None:
            self.begin_generation("created")

    def begin_generation(self, reason: str) -> Generation:
        """Start a new life of the log: followers will rebuild."""
        number = self.db.execute("select ifnull(max(number), 0) + 1 from generation").fetchone()[0]
        row = (number, new_id().bytes, time_ns() // 1000, reason)
        self.db.execute("insert into generation values(?,?,?,?)", row)
        return Generation(row[1], number)

    def close(self) -> None:
        for db in (self._db, self._beside):
            if db is not None:
                db.close()
        self.datastore.close()

    # Writing.

    def check_durability(self) -> None:
        journal = self.db.execute("pragma journal_mode").fetchone()[0]
        synchronous = self.db.execute("pragma synchronous").fetchone()[0]
        if journal != "wal" or synchronous < 2:  # noqa: PLR2004 - FULL, by SQLite's numbering
            raise NotDurable(f"journal_mode={journal}, synchronous={synchronous}: not durable.")

    def begin(self) -> Transaction:
        return Transaction(self.db)

    def look(self) -> Looks:
        if self._beside is None:
            self._beside = connect(self.path, is_reader=True)
        return Looks(self._beside)

    # Reading.

    def generation(self) -> Generation:
        sql = "select id, number from generation order by number desc limit 1"
        return Generation(*self.db.execute(sql).fetchone())

    def head(self) -> Head:
        return Looks(self.db).head()

    def read(self, after: int, limit: int) -> list[Record]:
        sql = f"{SELECT} where position > ? order by position limit ?"
        return checked([Record(*row) for row in self.db.execute(sql, (after, limit))], after)

    def rows(
        self, after: int, limit: int, columns: Sequence[str] = COLUMNS
    ) -> list[tuple[Any, ...]]:
        sql = f"select {','.join(columns)} from event where position > ? order by position limit ?"
        return self.db.execute(sql, (after, limit)).fetchall()

    def scan(self, upto: int, *, by: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        order = _ORDERS[by]
        with closing(connect(self.path, is_reader=True)) as walk:
            walk.execute(f"pragma cache_size=-{WALK_CACHE_KIB}")
            yield from walk.execute(order.select(columns, f"{order.position} <= ?"), (upto,))

    def about(
        self,
        key: bytes,
        *,
        by: str,
        columns: Sequence[str],
        after: int = 0,
        upto: int,
        as_of: int | None = None,
        topics: Collection[str] = (),
    ) -> Iterator[tuple[Any, ...]]:
        order, values = _ORDERS[by], [key, after, upto]
        where = f"{order.key} = ? and {order.position} > ? and {order.position} <= ?"
        if as_of is not None:
            where += " and iif(e.precision, e.occurred_at, e.recorded_at) <= ?"
            values.append(as_of)
        if topics:
            where += f" and e.topic in ({marks(topics)})"
        return self.db.execute(order.select(columns, where), (*values, *topics))

    def streams(self, stream_ids: Sequence[bytes]) -> Iterator[Record]:
        return Looks(self.db).streams(stream_ids)

    def stream(self, stream_id: UUID, *, after_version: int = 0, limit: int) -> list[Record]:
        sql = f"{SELECT} where stream_id = ? and version > ? order by version limit ?"
        return [
            Record(*row) for row in self.db.execute(sql, (stream_id.bytes, after_version, limit))
        ]

    def of_subject(
        self, subject: UUID, *, after: int = 0, upto: int | None = None, limit: int
    ) -> list[Record]:
        last = 2**62 if upto is None else upto
        sql = (
            f"{_BY_SUBJECT} where s.subject_id = ? and s.position > ? and s.position <= ?"
            " order by s.position limit ?"
        )
        found = self.db.execute(sql, (subject.bytes, after, last, limit))
        return [Record(*row[1:]) for row in found]

    def latest_of_subject(
        self, subject: UUID, *, before: int | None = None, limit: int
    ) -> list[Record]:
        bound = 2**62 if before is None else before
        sql = (
            f"{_BY_SUBJECT} where s.subject_id = ? and s.position < ?"
            " order by s.position desc limit ?"
        )
        found = self.db.execute(sql, (subject.bytes, bound, limit))
        return [Record(*row[1:]) for row in found]

    def position_at(self, recorded_at: int) -> int:
        low, high = 0, self.head().position
        sql = "select recorded_at from event where position = ?"
        while low < high:  # recorded_at never falls, so a search by halves finds it
            middle = (low + high + 1) // 2
            if self.db.execute(sql, (middle,)).fetchone()[0] <= recorded_at:
                low = middle
            else:
                high = middle - 1
        return low

    def receipt(self, command_id: UUID) -> bytes | None:
        sql = "select receipt from receipt where command_id = ?"
        row = self.db.execute(sql, (command_id.bytes,)).fetchone()
        return None if row is None else row[0]

    def begun(
        self,
        correlation_id: UUID,
        topics: Collection[str],
        *,
        after: int,
        before: int,
        limit: int,
    ) -> list[tuple[int, bytes, str]]:
        return correlation.begun(self.db, correlation_id.bytes, topics, after, before, limit)

    def touched(self, since: Sequence[tuple[bytes, int]], *, but_by: UUID) -> dict[bytes, bytes]:
        return correlation.touched(self.db, since, but_by.bytes)

    def findings(self, correlation_id: UUID, *, after: int) -> dict[str, int]:
        return correlation.findings(self.db, correlation_id.bytes, after)

    # The library's own seams: stored events without our envelope get a bare one.

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        c.execute("select ifnull(max(position), 0) from event")
        head = c.fetchone()[0]
        now, command = time_ns() // 1000, new_id().bytes
        rows = [
            (
                position, event_id(command, position - head), _bytes(s.originator_id),
                s.originator_version, s.topic, 1, now, 4, now, None, "library", None, command,
                command, None, 0, b"", s.state,
            )
            for position, s in enumerate(stored_events, start=head + 1)
        ]  # fmt: skip
        c.executemany(INSERT_EVENT, rows)
        return [row[0] for row in rows]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        sql = (
            "select stream_id, version, topic, data from event"
            " where stream_id = ? and version > ? and version <= ?"
            f" order by version {'desc' if desc else 'asc'} limit ?"
        )
        low = -1 if gt is None else gt
        high = 2**62 if lte is None else lte
        some = -1 if limit is None else limit
        with self.datastore.transaction(commit=False) as c:
            c.execute(sql, (_bytes(originator_id), low, high, some))
            return [StoredEvent(UUID(bytes=r[0]), r[1], r[2], r[3]) for r in c.fetchall()]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = 0 if start is None else start - inclusive_of_start
        wanted = f" and topic in ({marks(topics)})" if topics else ""
        sql = (
            "select position, stream_id, version, topic, data from event"
            f" where position > ? and position <= ?{wanted} order by position limit ?"
        )
        last = 2**62 if stop is None else stop
        with self.datastore.transaction(commit=False) as c:
            c.execute(sql, (after, last, *topics, limit))
            return [Notification(UUID(bytes=r[1]), r[2], r[3], r[4], id=r[0]) for r in c.fetchall()]

    def max_notification_id(self) -> int | None:  # type: ignore[override]
        with self.datastore.transaction(commit=False) as c:
            c.execute("select max(position) from event")
            found: int | None = c.fetchone()[0]
            return found


def _bytes(originator_id: UUID | str) -> bytes:
    return (originator_id if isinstance(originator_id, UUID) else UUID(originator_id)).bytes
