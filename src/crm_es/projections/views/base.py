"""What a view is: one fold over a stream or a subject, the row it fills, and its queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

State = dict[str, Any]
"""Plain JSON values only. Bounded: it never grows with history."""


class Event(NamedTuple):
    """One event as a fold sees it. Times are microseconds since 1970 UTC, ids are 16 bytes."""

    key: bytes
    """The stream or the subject whose row is folded."""
    data: dict[str, Any]
    """The event's own fields as JSON gives them: ids and decimals are text."""
    topic: str
    at: int
    """Business time."""
    precision: int
    position: int
    version: int
    recorded_at: int
    stream_id: bytes = b""
    actor: str = ""
    findings: str | None = None
    correlation_id: bytes = b""
    """From the stream on, only told to the views that ask for it (View.asks_whence)."""


Fold = Callable[[State | None, Event], State | None]
"""(state before or None, event) -> state after, or None when the row is to go.

Pure: no clock, no chance, no look-ups. It may change and return the state it was given. It takes
any subsequence of a key's events, so it must bear an event whose predecessors it never saw.
"""


class Key(StrEnum):
    STREAM = "stream"
    SUBJECT = "subject"


@dataclass(frozen=True)
class View:
    """One read model. Change ``version`` when the fold or the row changes: it is rebuilt then."""

    name: str
    version: int
    key: Key
    folds: Mapping[str, Fold]
    """By topic; an event of any other topic leaves the row as it is."""
    table: sa.Table
    """Made by ``table``: key, state, position, version, then what one filters and sorts by."""
    pick: Callable[[State], tuple[Any, ...]]
    """The values of the columns after the first four, in their order."""
    asks_whence: bool = False
    """Whether a fold looks at an event's stream, actor, findings or flow: few do, and it costs."""


metadata = sa.MetaData()


def table(
    name: str,
    *columns: sa.Column[Any],
    indexes: tuple[tuple[str, ...], ...] = (),
    sparse: tuple[tuple[str, ...], ...] = (),
) -> sa.Table:
    """A view's table; ``indexes`` lists the column names of each.

    A ``sparse`` one holds only rows whose first column has a value, by which it is sought; the
    others are looked at once, by a rebuild.
    """
    by_name = {column.name: column for column in columns}
    return sa.Table(
        name,
        metadata,
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *columns,
        *(sa.Index(f"{name}_by_{'_'.join(some)}", *some) for some in indexes),
        *(
            sa.Index(
                f"{name}_by_{'_'.join(some)}", *some, sqlite_where=by_name[some[0]].is_not(None)
            )
            for some in sparse
        ),
        sqlite_with_rowid=False,
    )


def id_bytes(text: str | None) -> bytes | None:
    """The 16 bytes of an id as it stands in an event's data."""
    return None if text is None else bytes.fromhex(text.replace("-", ""))
