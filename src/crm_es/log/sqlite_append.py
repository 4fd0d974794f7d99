"""What an append to the log in SQLite looks up, and what it inserts."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from crm_es.log.envelope import COLUMNS, Head, Record, Rows
from crm_es.log.recorder import chunks

READ_CHUNK = 500

INSERT_EVENT = f"insert into event values({','.join('?' * len(COLUMNS))})"
SELECT = f"select {','.join(COLUMNS)} from event"
_INSERTS = {
    "events": INSERT_EVENT,
    "subjects": "insert into event_subject values(?,?)",
    "receipts": "insert into receipt values(?,?,?)",
}


class Looks:
    """The log as a connection sees it (recorder.Looks)."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def head(self) -> Head:
        sql = "select position, recorded_at from event order by position desc limit 1"
        return Head(*(self._db.execute(sql).fetchone() or (0, 0)))

    def receipts(self, command_ids: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        sql = f"select * from receipt where command_id in ({marks(command_ids)})"
        return {row[0]: row[1:] for row in self._db.execute(sql, command_ids)}

    def claimant(self, kind: str, value: bytes) -> bytes | None:
        sql = "select owner from claim where kind = ? and value = ?"
        row = self._db.execute(sql, (kind, value)).fetchone()
        return None if row is None else row[0]

    def streams(self, stream_ids: Sequence[bytes]) -> Iterator[Record]:
        for some in chunks(stream_ids, READ_CHUNK):
            sql = f"{SELECT} where stream_id in ({marks(some)}) order by stream_id, version"
            for row in self._db.execute(sql, some):
                yield Record(*row)


class Transaction(Looks):
    """An append under the log's write lock (recorder.Transaction), from when it is made."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db)
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        else:
            self.undo()

    def add(self, rows: Rows) -> None:
        for name, sql in _INSERTS.items():
            self._db.executemany(sql, getattr(rows, name))
        if rows.released:
            sql = "delete from claim where kind = ? and value = ? and owner = ?"
            self._db.executemany(sql, rows.released)
        if rows.claims:
            self._db.executemany("insert into claim values(?,?,?)", rows.claims)

    def commit(self) -> None:
        try:
            self._commit()
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        if self._db.in_transaction:
            self._db.execute("rollback")

    def _begin(self) -> None:
        self._db.execute("begin immediate")

    def _commit(self) -> None:
        self._db.execute("commit")


def marks(values: Collection[Any]) -> str:
    """A question mark for each value."""
    return ",".join("?" * len(values))
