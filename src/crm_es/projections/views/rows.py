"""A view's table as the driver sees it: statements compiled once, rows as bare tuples."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from crm_es.projections.views.base import State, View

READ_CHUNK = 8_192
BAD_VALUE = (
    sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError,
    OverflowError, UnicodeError,
)  # fmt: skip
"""What SQLite raises for a value it cannot take. Everything else it raises is not the row's fault.
"""

Values = tuple[Any, ...]
"""A row of a view's table: key, state, position, version, and the view's own columns."""

Stored = tuple[str, int, int]
"""A row as it is read to be folded on: state as text, position, version."""

_DIALECT = sqlite.dialect()


class ViewTable:
    """SQLAlchemy costs 50 microseconds a row; the driver alone half of that."""

    def __init__(self, view: View) -> None:
        self.view, self.name = view, view.table.name
        self.create = _text(CreateTable(view.table))
        self.indexes = tuple(_text(CreateIndex(index)) for index in _sorted(view.table.indexes))
        insert = sqlite.insert(view.table)
        others = [column.name for column in view.table.columns if column.name != "key"]
        upsert = insert.on_conflict_do_update(
            index_elements=["key"], set_={name: insert.excluded[name] for name in others}
        )
        self._insert, self._upsert = _text(insert), _text(upsert)
        self._delete = f"delete from {self.name} where key = ?"
        self._select = f"select key, state, position, version from {self.name} where key in"
        self.all = f"select * from {self.name} order by key"

    def values(self, key: bytes, state: State, position: int, version: int) -> Values:
        """The row. Raises whatever a state raises that is no JSON or has not what is picked."""
        text = orjson.dumps(state, option=orjson.OPT_SORT_KEYS).decode()
        return (key, text, position, version, *self.view.pick(state))

    def load(self, db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Stored]:
        """Those that are there, in one query."""
        found: dict[bytes, Stored] = {}
        for start in range(0, len(keys), READ_CHUNK):
            some = list(keys[start : start + READ_CHUNK])
            size = 1 << (len(some) - 1).bit_length()  # few different texts: each is prepared once
            some += some[-1:] * (size - len(some))
            rows = db.execute(f"{self._select} ({','.join('?' * size)})", some)
            found.update((row[0], row[1:]) for row in rows)
        return found

    def insert(self, db: sqlite3.Connection, rows: Iterable[Values]) -> None:
        """Rows that are not there yet."""
        db.executemany(self._insert, rows)

    def save(self, db: sqlite3.Connection, rows: Iterable[Values]) -> None:
        db.executemany(self._upsert, rows)

    def remove(self, db: sqlite3.Connection, keys: Iterable[bytes]) -> None:
        db.executemany(self._delete, [(key,) for key in keys])


def tables(views: Iterable[View]) -> list[ViewTable]:
    return [ViewTable(view) for view in views]


def _sorted(indexes: Iterable[sa.Index]) -> Iterator[sa.Index]:
    yield from sorted(indexes, key=lambda index: str(index.name))


def _text(statement: Any) -> str:
    return str(statement.compile(dialect=_DIALECT)).strip()
