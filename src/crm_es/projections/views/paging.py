"""Lists: a page at a time, in one order, with a cursor that says where the next one begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from crm_es.errors import Invalid
from crm_es.projections.views.items import Item, item, micros

LIMIT, LIMIT_MAX = 50, 200


@dataclass(frozen=True)
class Page:
    items: list[Item]
    next: str | None
    """The cursor of the next page; None when this was the last."""


def page(
    db: sa.Connection,
    table: sa.Table,
    by: sa.Column[Any],
    *,
    equal: Mapping[str, Any] | None = None,
    where: Sequence[sa.ColumnElement[bool]] = (),
    rows: sa.FromClause | None = None,
    is_rising: bool = False,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Rows of a view in the order of one column that is never null, then of their keys.

    ``equal`` maps columns to wanted values; None wants any. ``rows`` is a join that brings ``by``.
    Raises Invalid for a bad cursor.
    """
    key, state, version = table.c.key, table.c.state, table.c.version
    wanted = [*where, *matching(table, equal or {})]
    name = f"{by}{'+' if is_rising else '-'}"
    if after is not None:
        value, last_key = place_of(after, name, by.type.python_type, str)
        here, bound = sa.tuple_(by, key), sa.tuple_(value, _key(last_key))
        wanted.append(here > bound if is_rising else here < bound)
    order = (by.asc(), key.asc()) if is_rising else (by.desc(), key.desc())
    query = sa.select(key, version, state, by).select_from(table if rows is None else rows)
    some = db.execute(query.where(*wanted).order_by(*order).limit(limited(limit) + 1)).all()
    shown = [item(row[0], row[1], orjson.loads(row[2])) for row in some[:limit]]
    if len(some) <= limit:
        return Page(shown, None)
    last = some[limit - 1]
    return Page(shown, cursor(name, last[3], last[0].hex()))


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def found(db: sa.Connection, table: sa.Table, ids: Sequence[UUID]) -> list[Item]:
    """The rows of some keys that are there, in the order of the keys."""
    if len(ids) > LIMIT_MAX:
        raise Invalid("list.limit", f"{LIMIT_MAX} at a time.")
    keys = [id.bytes for id in ids]
    query = sa.select(table.c.key, table.c.version, table.c.state).where(table.c.key.in_(keys))
    by_key = {row[0]: item(row[0], row[1], orjson.loads(row[2])) for row in db.execute(query)}
    return [by_key[key] for key in keys if key in by_key]


def matching(table: sa.Table, equal: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    """The conditions that columns have the wanted values, of those that are wanted."""
    return [
        table.c[name] == (value.bytes if isinstance(value, UUID) else value)
        for name, value in equal.items()
        if value is not None
    ]


def limited(limit: int) -> int:
    """Raises Invalid for a page of no size, or of one too large."""
    if not 1 <= limit <= LIMIT_MAX:
        raise Invalid("list.limit", f"1 to {LIMIT_MAX} at a time.", pointer="/limit")
    return limit


def cursor(name: str, *place: int | str) -> str:
    """An opaque text for a place in the list of that name."""
    return urlsafe_b64encode(orjson.dumps([name, *place])).decode().rstrip("=")


def place_of(cursor: str, name: str, *kinds: type[Any]) -> tuple[Any, ...]:
    """The place behind a cursor. Raises Invalid for one of another list, or of none."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        whose, *place = orjson.loads(raw)
    except (ValueError, TypeError):
        whose, place = None, []
    fits = whose == name and [type(value) for value in place] == [*kinds]
    if not fits or any(isinstance(value, int) and abs(value) >= 2**63 for value in place):
        raise Invalid("list.cursor", "That is no cursor of this list.", pointer="/after")
    return tuple(place)


def during(
    column: sa.ColumnElement[Any], since: datetime | None, until: datetime | None
) -> list[sa.ColumnElement[bool]]:
    """The conditions that a time in microseconds lies in a period; ``until`` is outside it."""
    bounds = [] if since is None else [column >= micros(since)]
    return bounds if until is None else [*bounds, column < micros(until)]
