"""The file of the log in SQLite: its tables, and how a connection to it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from crm_es.log.binding import bind_as_they_are

CACHE_KIB = 65_536
WAL_PAGES = 8_000
MAP_BYTES = 2_147_418_112
"""As much of a file as SQLite maps at most."""

TABLES = (
    """create table if not exists event(
        position integer primary key, event_id blob not null, stream_id blob not null,
        version integer not null, topic text not null, schema_version integer not null,
        occurred_at integer not null, precision integer not null, recorded_at integer not null,
        findings text, actor text not null, on_behalf_of text, command_id blob not null,
        correlation_id blob not null, causation_id blob, depth integer not null,
        subjects blob not null, data blob not null, unique(stream_id, version)
    )""",
    """create table if not exists event_subject(
        subject_id blob, position integer, primary key(subject_id, position)
    ) without rowid""",
    """create table if not exists receipt(
        command_id blob primary key, body_hash blob not null, receipt blob not null
    ) without rowid""",
    """create table if not exists claim(
        kind text, value blob, owner blob not null, primary key(kind, value)
    ) without rowid""",
    """create table if not exists generation(
        number integer primary key, id blob not null, since integer not null, reason text not null
    )""",
)


def connect(path: Path, *, is_reader: bool = False, is_mapped: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode, WAL with synchronous=FULL.

    A mapped one reads a long history in an eighth less time. What it has read counts as memory of
    its process, though the system takes it back when it needs it.
    """
    bind_as_they_are()
    mode = "ro" if is_reader else "rw"
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None,
        check_same_thread=False, timeout=30, cached_statements=256,
    )  # fmt: skip
    db.execute(f"pragma cache_size=-{CACHE_KIB}")
    if is_mapped:
        db.execute(f"pragma mmap_size={MAP_BYTES}")
    if not is_reader:
        db.execute("pragma synchronous=full")
        db.execute(f"pragma wal_autocheckpoint={WAL_PAGES}")
    return db
