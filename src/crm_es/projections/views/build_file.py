"""The file of one build: made in one go, settled durably, then followed and read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from crm_es.log.binding import bind_as_they_are
from crm_es.projections.views.rows import ViewTable

BUSY_SECONDS = 10.0
CACHE_KIB = 65_536
WAL_PAGES = 32_000
"""Written ahead, 128 MiB, before a commit copies it into the file; followers.checkpointer does so
much earlier."""

_CHECKPOINT = """create table checkpoint(
    generation blob not null, position integer not null, event_id blob not null
)"""
_PARKED = """create table parked(
    view text, key blob, since_position integer not null, error text not null,
    primary key(view, key)
) without rowid"""
_KEPT = """create table kept(
    view text, key blob, position integer, latest integer not null, version integer not null,
    state text not null, primary key(view, key, position)
) without rowid"""
"""See projections.views.kept. ``latest``: no event up to the position happened later."""


class Checkpoint(NamedTuple):
    """Which log was read how far: another event at that position means another log."""

    generation: bytes
    position: int
    event_id: bytes


def make(path: Path, some: Sequence[ViewTable], checkpoint: Checkpoint) -> sqlite3.Connection:
    """A new build's file, for one writer who throws it away if anything goes wrong."""
    bind_as_they_are()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode=off")
    db.execute("pragma synchronous=off")
    db.execute("pragma locking_mode=exclusive")
    db.execute(f"pragma cache_size=-{CACHE_KIB}")
    for statement in (_CHECKPOINT, _PARKED, _KEPT, *(table.create for table in some)):
        db.execute(statement)
    db.execute("insert into checkpoint values(?,?,?)", checkpoint)
    return db


def settle(path: Path) -> None:
    """Make a finished file durable, and ready for one writer beside readers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("pragma journal_mode=wal")
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def open_build(path: Path, *, is_reader: bool = False) -> sqlite3.Connection:
    """A finished build. Losing power costs its last transactions, whole ones: they come again.

    Raises Damaged, also when the file is gone.
    """
    if not path.exists():
        raise Damaged(path)
    bind_as_they_are()
    mode = "ro" if is_reader else "rw"
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None,
        timeout=BUSY_SECONDS, check_same_thread=False, cached_statements=512,
    )  # fmt: skip
    with watching(path):
        db.execute(f"pragma cache_size=-{CACHE_KIB}")
        if not is_reader:
            db.execute("pragma synchronous=normal")
            db.execute(f"pragma wal_autocheckpoint={WAL_PAGES}")
        if not db.execute("select 1 from sqlite_master where name = 'checkpoint'").fetchone():
            raise Damaged(path)
    return db


def checkpoint_of(db: sqlite3.Connection) -> Checkpoint:
    return Checkpoint(*db.execute("select * from checkpoint").fetchone())


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing, and nobody else writes meanwhile."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise


class Damaged(Exception):  # noqa: N818 - reads as what is found
    """A file of the views is gone or not whole: it is set aside and built anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is gone or not whole.")
        self.path = path


@contextmanager
def watching(path: Path) -> Iterator[None]:
    """Tell damage to a file from every other error. Raises Damaged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise Damaged(path) from error
        raise


def is_damage(error: BaseException) -> bool:
    """Whether a database says that its file is not whole; a lock or a full disk is no damage."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def set_aside(path: Path) -> None:
    """Rename a file and what was written ahead of it; what was set aside before is dropped."""
    for old in path.parent.glob("*.aside"):
        old.unlink()
    for file in _files(path):
        file.replace(file.with_name(f"{file.name}.aside"))


def drop(path: Path) -> None:
    for file in _files(path):
        file.unlink(missing_ok=True)


def _files(path: Path) -> list[Path]:
    return [
        each for end in ("", "-wal", "-shm", "-journal") if (each := Path(f"{path}{end}")).exists()
    ]
