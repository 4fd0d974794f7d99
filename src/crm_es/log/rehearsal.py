"""A log and its keys that take everything and keep nothing: what would be, on top of what is."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from crm_es.log.keys import KeyStore
from crm_es.log.sqlite import SQLiteLog
from crm_es.log.sqlite_append import Looks, Transaction

_SEED = 32


class RehearsalLog(SQLiteLog):
    """What is appended is seen by this instance alone, and gone when it is closed.

    Meanwhile it holds the log's write lock: all appends are savepoints of one transaction.
    """

    def begin(self) -> Transaction:
        return _Rehearsed(self.db)

    def look(self) -> Looks:
        return Looks(self.db)

    def close(self) -> None:
        if self.db.in_transaction:
            self.db.execute("rollback")
        super().close()


class _Rehearsed(Transaction):
    def _begin(self) -> None:
        if not self._db.in_transaction:
            super()._begin()
        self._db.execute("savepoint append")

    def _commit(self) -> None:
        self._db.execute("release append")

    def undo(self) -> None:
        self._db.execute("rollback to append")
        self._db.execute("release append")


class RehearsalKeys(KeyStore):
    """The keys that are there; anybody else has one made up, the same as long as this lives."""

    def __init__(self, path: Path, master: bytes) -> None:
        super().__init__(path, master, is_reader=True)
        self._seed = os.urandom(_SEED)

    def create(self, subject: bytes) -> bytes:
        self._expect_not_destroyed(subject)
        return blake2b(subject, digest_size=32, key=self._seed).digest()

    def flush(self) -> None:
        self._fetched = {}
