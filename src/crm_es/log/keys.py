"""The key store: one key per data subject, wrapped by a master key, in a database of its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_es.errors import Conflict

MASTER_SIZE = 32
FETCH_CHUNK = 500
_NONCE = 12

_TABLES = """
create table if not exists key(
    subject blob primary key, wrapped blob not null,
    created_at integer not null default (unixepoch())
) without rowid;
create table if not exists tombstone(
    subject blob primary key, destroyed_at integer not null default (unixepoch())
) without rowid;
"""


class KeyMissing(Exception):  # noqa: N818 - reads as what happened
    """A subject's key is not here although it was never destroyed: the store is not whole."""


class KeyStore:
    """Keys of data subjects. New ones are staged and made durable by ``flush``, one fsync a batch.

    One thread uses a store. ``keys.sqlite`` is never part of the log's backup set.
    """

    def __init__(self, path: Path, master: bytes, *, is_reader: bool = False) -> None:
        if len(master) != MASTER_SIZE:
            raise ValueError(f"A master key has {MASTER_SIZE} bytes, this one {len(master)}.")
        self._wrap = AESGCM(master)
        self._has_tombstones = True
        self._seen: tuple[int, int] = (-1, 0)
        self._staged: dict[bytes, bytes] = {}
        self._fetched: dict[bytes, bytes | None] = {}
        if is_reader:
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None,
                check_same_thread=False, timeout=10,
            )  # fmt: skip
            return
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        self._db.execute("pragma secure_delete=on")
        self._db.executescript(_TABLES)
        self._has_tombstones = self._db.execute("select 1 from tombstone").fetchone() is not None

    def find(self, subject: bytes) -> bytes | None:
        """The subject's key, or None. Raises KeyMissing if the master key does not fit."""
        staged = self._staged.get(subject)
        if staged is not None:
            return staged
        if subject in self._fetched:
            wrapped = self._fetched[subject]
        else:
            sql = "select wrapped from key where subject=?"
            row = self._db.execute(sql, (subject,)).fetchone()
            wrapped = None if row is None else row[0]
        if wrapped is None:
            return None
        try:
            return self._wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject)
        except InvalidTag:
            raise KeyMissing("The master key does not open this key store.") from None

    def fetch(self, subjects: Sequence[bytes]) -> None:
        """Look some subjects up in one query; it counts until the next ``fetch`` or ``flush``.

        Only for the one writer: keys that others add or destroy meanwhile would not be seen.
        """
        self._fetched = dict.fromkeys(subjects)
        for start in range(0, len(subjects), FETCH_CHUNK):
            some = subjects[start : start + FETCH_CHUNK]
            marks = ",".join("?" * len(some))
            sql = f"select subject, wrapped from key where subject in ({marks})"
            self._fetched.update(self._db.execute(sql, some).fetchall())

    def create(self, subject: bytes) -> bytes:
        """A new key, staged until ``flush``. Raises Conflict if it was destroyed once."""
        self._expect_not_destroyed(subject)
        secret = self._staged[subject] = AESGCM.generate_key(256)
        return secret

    def flush(self) -> None:
        """Make staged keys durable: before the append that uses them."""
        self._fetched = {}
        if not self._staged:
            return
        rows = []
        for subject, secret in self._staged.items():
            nonce = os.urandom(_NONCE)
            rows.append((subject, nonce + self._wrap.encrypt(nonce, secret, subject)))
        self._db.execute("begin immediate")
        self._db.executemany("insert or ignore into key(subject, wrapped) values(?, ?)", rows)
        self._db.execute("commit")
        self._staged.clear()

    def destroy(self, subject: bytes) -> None:
        """Destroy a key for ever and leave a tombstone; a second time changes nothing."""
        self._staged.pop(subject, None)
        self._fetched.pop(subject, None)
        self._db.execute("begin immediate")
        self._db.execute("delete from key where subject=?", (subject,))
        self._db.execute("insert or ignore into tombstone(subject) values(?)", (subject,))
        self._db.execute("commit")
        self._has_tombstones = True
        self._db.execute("pragma wal_checkpoint(truncate)")

    def _expect_not_destroyed(self, subject: bytes) -> None:
        if self._has_tombstones and self.is_destroyed(subject):
            raise Conflict("subject.erased", f"The person {UUID(bytes=subject)} is erased.")

    def is_destroyed(self, subject: bytes) -> bool:
        sql = "select 1 from tombstone where subject=?"
        return self._db.execute(sql, (subject,)).fetchone() is not None

    def destroyed(self) -> set[bytes]:
        """Everybody whose key was destroyed."""
        return {row[0] for row in self._db.execute("select subject from tombstone")}

    def destroyed_count(self) -> int:
        count: int = self._db.execute("select count(*) from tombstone").fetchone()[0]
        return count

    def has_lost(self) -> bool:
        """Whether others have destroyed keys since it was last asked; costs next to nothing."""
        (version,) = self._db.execute("pragma data_version").fetchone()
        before = self._seen
        if version != before[0]:
            self._seen = version, self.destroyed_count()
        return self._seen[1] != before[1]

    def explain(self, subject: bytes) -> None:
        """Raise KeyMissing unless the key of this subject was destroyed on purpose."""
        if not self.is_destroyed(subject):
            raise KeyMissing(f"The key of subject {UUID(bytes=subject)} is missing.")

    def close(self) -> None:
        self._db.close()


def master_key(path: Path, *, create: bool = False) -> bytes:
    """Read the master key from its file, or make one that only the owner may read."""
    if create and not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(MASTER_SIZE))
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes()
