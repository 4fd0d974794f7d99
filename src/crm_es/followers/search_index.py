"""What people search customers by: names, e-mails and phones in the clear, in ``pii.sqlite``.

The one place of readable personal data besides the answers themselves: a cache outside every fold
and digest, and the first to be purged.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

from crm_es.projections.views.build_file import Checkpoint, transaction, watching

NAME, EMAIL, PHONE = "name", "email", "phone"
MERGE_PAGES = 200
MERGED_CHANGES_MIN = 2
"""Fewer changes than that mean that a merge had nothing left to do, say the docs of FTS5."""
BUSY_SECONDS = 10.0

_TABLES = (
    """create table if not exists place(
        generation blob not null, position integer not null, event_id blob not null,
        unread integer not null default 0,
        is_merging integer not null default 0
    )""",
    """create table if not exists entry(
        id integer primary key, subject blob not null, ref blob not null, kind text not null,
        text text not null, unique(subject, ref)
    )""",
    "create index if not exists entry_by_text on entry(text)",
    """create virtual table if not exists trigram using fts5(
        text, content='entry', content_rowid='id', tokenize='trigram'
    )""",
)


class Change(NamedTuple):
    """A text of a customer is new or another; without a text it is gone."""

    subject: bytes
    ref: bytes | None
    """A contact point's id; empty for the name. None: everything about the customer."""
    kind: str = ""
    text: str = ""


def normalised(kind: str, text: str) -> str:
    """As it is searched: without case, accents and spaces to spare; a phone is its digits."""
    if kind == PHONE:
        return re.sub(r"\D", "", normalize("NFKC", text)).removeprefix("00")
    letters = [c for c in normalize("NFKD", text) if not combining(c)]
    bare = "".join(c if c.isprintable() else " " for c in letters)
    return " ".join(normalize("NFC", bare).casefold().split())


class AnotherFollower(Exception):  # noqa: N818 - reads as what happened
    """Somebody else has written to this index. Two followers on one file: stop."""


class SearchIndex:
    """The index for the one who fills it."""

    def __init__(self, path: Path) -> None:
        """Raises Damaged."""
        self._path = path
        with watching(path):
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
            )
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=normal")
            self._db.execute("pragma secure_delete=on")
            for statement in _TABLES:
                self._db.execute(statement)
        self._merge_size = -MERGE_PAGES  # below nought it begins anew with all there is

    def place(self) -> Checkpoint | None:
        with watching(self._path):
            row = self._db.execute("select generation, position, event_id from place").fetchone()
        return None if row is None else Checkpoint(*row)

    def begin(self, place: Checkpoint) -> None:
        """Forget everything and start anew."""
        with self._writing():
            self._db.execute("delete from entry")
            self._db.execute("insert into trigram(trigram) values('rebuild')")
            self._db.execute("delete from place")
            self._db.execute(
                "insert into place(generation, position, event_id) values(?,?,?)", place
            )

    def write(
        self, changes: Iterable[Change], before: Checkpoint, place: Checkpoint, unread: int
    ) -> None:
        """Take over what a batch changed, and that it was read. Raises AnotherFollower."""
        with self._writing():
            for subject, ref, kind, text in changes:
                self._forget(subject, ref)
                if text and ref is not None:
                    self._add(subject, ref, kind, text)
            done = self._db.execute(
                "update place set position = ?, event_id = ?, unread = unread + ?"
                " where position = ?",
                (place.position, place.event_id, unread, before.position),
            )
            if done.rowcount != 1:
                raise AnotherFollower(f"The index is no longer at {before.position}.")

    def purge(self, subjects: Iterable[bytes]) -> None:
        """Forget some people altogether; ``merge`` then removes the last traces from the file."""
        with self._writing():
            if sum(self._forget(subject, None) for subject in subjects):
                self._db.execute("update place set is_merging = 1")
                self._merge_size = -MERGE_PAGES

    def merge(self) -> bool:
        """Rewrite some of the trigrams without those deleted; whether there is more to do."""
        with watching(self._path):
            if not self._db.execute("select max(is_merging) from place").fetchone()[0]:
                return False
            before = self._db.total_changes
            sql = "insert into trigram(trigram, rank) values('merge', ?)"
            self._db.execute(sql, (self._merge_size,))
            self._merge_size = MERGE_PAGES
            if self._db.total_changes - before < MERGED_CHANGES_MIN:
                self._db.execute("update place set is_merging = 0")
                self._db.execute("pragma wal_checkpoint(truncate)")
        return True

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with watching(self._path), transaction(self._db):
            yield

    def _add(self, subject: bytes, ref: bytes, kind: str, text: str) -> None:
        sql = "insert into entry(subject, ref, kind, text) values(?,?,?,?)"
        id = self._db.execute(sql, (subject, ref, kind, text)).lastrowid
        self._db.execute("insert into trigram(rowid, text) values(?,?)", (id, text))

    def _forget(self, subject: bytes, ref: bytes | None) -> int:
        sql = "select id, text from entry where subject = ? and ref = ifnull(?, ref)"
        found = self._db.execute(sql, (subject, ref)).fetchall()
        for id, text in found:
            old = "insert into trigram(trigram, rowid, text) values('delete', ?, ?)"
            self._db.execute(old, (id, text))
            self._db.execute("delete from entry where id = ?", (id,))
        return len(found)
