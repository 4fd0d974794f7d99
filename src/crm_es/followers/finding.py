"""Customers found by a piece of a name, an e-mail address or a phone number."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

from crm_es.errors import Unavailable
from crm_es.followers.search_index import BUSY_SECONDS, NAME, PHONE, normalised

LIMIT_MAX = 100
CANDIDATES_MAX = 1_000
"""So many texts that hold the words are looked at."""

_TRIGRAM = 3
_PHONE_LIKE = re.compile(r"[\d\s()+./-]+")
_LAST = "\U0010ffff"


def search(path: Path, text: str, *, limit: int) -> list[UUID]:
    """Customers one of whose texts begins with it, then those with one that holds all its words.

    Fewer than three letters find beginnings only. Raises Unavailable while there is no index.
    """
    found = dict[bytes, None]()
    with closing(_reader(path)) as db:
        for subject in _matches(db, text):
            found[subject] = None
            if len(found) == min(limit, LIMIT_MAX):
                break
    return [UUID(bytes=subject) for subject in found]


def standing(path: Path) -> tuple[int, int]:
    """(position, texts that could not be opened). Raises Unavailable while there is no index."""
    with closing(_reader(path)) as db:
        row: tuple[int, int] = db.execute("select position, unread from place").fetchone() or (0, 0)
        return row


def _reader(path: Path) -> sqlite3.Connection:
    """Opened for one question, because a damaged index is replaced by another file."""
    try:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS
        )
    except sqlite3.OperationalError:
        raise Unavailable("search.building", "The search index is being built.") from None


def _matches(db: sqlite3.Connection, text: str) -> Iterator[bytes]:
    plain = normalised(NAME, text)
    digits = normalised(PHONE, text) if _PHONE_LIKE.fullmatch(text) else ""
    for kind, wanted in ((None, plain), (PHONE, digits)):
        if wanted:
            yield from _beginning(db, kind, wanted)
    for kind, wanted in ((None, plain), (PHONE, digits)):
        words = wanted.split()
        if any(len(word) >= _TRIGRAM for word in words):
            yield from _holding(db, kind, words)


def _beginning(db: sqlite3.Connection, kind: str | None, text: str) -> Iterator[bytes]:
    sql = (
        "select subject from entry where text >= ? and text < ? and ? in (kind, '')"
        " order by text, subject"
    )
    for row in db.execute(sql, (text, text + _LAST, kind or "")):
        yield row[0]


def _holding(db: sqlite3.Connection, kind: str | None, words: list[str]) -> Iterator[bytes]:
    phrases = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in words if len(word) >= _TRIGRAM]
    short = [word for word in words if len(word) < _TRIGRAM]
    sql = (
        "select subject from entry where id in"
        " (select rowid from trigram where trigram match ? order by rowid limit ?)"
        f" and ? in (kind, ''){' and instr(text, ?)' * len(short)}"
        " order by length(text), text, subject"
    )
    for row in db.execute(sql, (" AND ".join(phrases), CANDIDATES_MAX, kind or "", *short)):
        yield row[0]
