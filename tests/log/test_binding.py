"""What is bound to SQL comes back as it went in, on every connection of the process."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from crm_es.log.binding import bind_as_they_are

VALUES = (b"\x00\xff" * 8, b"", None, True, False, 2**62, "text", 1.5)


def test_values_come_back_as_they_were_bound() -> None:
    bind_as_they_are()
    with closing(sqlite3.connect(":memory:")) as db:
        marks = ",".join("?" * len(VALUES))
        assert db.execute(f"select {marks}", VALUES).fetchone() == VALUES
        db.execute(f"create table t({','.join('abcdefgh')})")
        db.executemany(f"insert into t values({marks})", [VALUES] * 2)
        assert db.execute("select * from t").fetchall() == [VALUES] * 2
        kinds = db.execute("select typeof(a), typeof(b), typeof(c), typeof(d) from t").fetchone()
        assert kinds == ("blob", "blob", "null", "integer")
