"""Rows of the log as the events that folds see, and which views fold which of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any, NoReturn

import orjson
from eventsourcing.utils import TopicError, resolve_topic

from crm_es.aggregates import EVENTS
from crm_es.log.envelope import COLUMNS, Record
from crm_es.log.mapper import upcast
from crm_es.projections.views.base import Event, Fold, Key, State, View

BRIEF = (
    "data", "schema_version", "topic", "occurred_at", "precision", "position", "version",
    "recorded_at",
)  # fmt: skip
"""What is read of a record to fold it: after its key, the fields of an Event in their order."""
TOLD = (*BRIEF, "stream_id", "actor", "findings", "correlation_id")
"""The same for a view that asks whence an event came."""
NEWS = ("stream_id", *TOLD, "subjects", "event_id")
"""What is read to find out as well whose rows it is part of, and how far one is."""

(
    KEY, DATA, SCHEMA, TOPIC, AT, PRECISION, POSITION, VERSION, RECORDED, STREAM, _, _, _, SUBJECTS,
    EVENT_ID,
) = range(len(NEWS))  # fmt: skip
FIELDS = slice(TOPIC, SUBJECTS)
"""The fields of an Event after key and data, as many as were read."""

Told = tuple[Any, ...]
"""A key, then the columns BRIEF, or more."""

Folds = tuple[tuple[int, Fold], ...]
"""Numbers of views, each with its fold of one topic."""

_ID = 16

assert EVENTS  # noqa: S101 - importing them registers every topic a log may hold


class Unreadable(Exception):  # noqa: N818 - reads as what it is
    """An event that this release does not know: it was recorded by a later one."""


def columns_for(views: Iterable[View]) -> tuple[str, ...]:
    """What some views must be told of a record."""
    return TOLD if any(view.asks_whence for view in views) else BRIEF


def event(key: bytes, row: Told) -> Event:
    """Raises Unreadable, and whatever a broken row or an upcaster raises."""
    return seen(key, data_of(row[TOPIC], row[SCHEMA], row[DATA]), row)


def seen(key: bytes, data: dict[str, Any], row: Told) -> Event:
    """The event of a row, as a fold sees it whose key this is."""
    return Event(key, data, *row[FIELDS])


def event_of(record: Record, key: bytes) -> Event:
    """As ``event``, of a whole record."""
    return event(key, told(record))


def told(record: Record) -> Told:
    """A record as its stream's row."""
    return (record.stream_id, *_columns(record))


_columns = itemgetter(*(COLUMNS.index(name) for name in TOLD))


def data_of(topic: str, schema: int, data: bytes) -> dict[str, Any]:
    """An event's own fields in the shape of today. Raises Unreadable."""
    kind, current = _shape(topic)
    fields: dict[str, Any] = orjson.loads(data)
    if schema == current:
        return fields
    if kind is None or schema > current:
        raise Unreadable(f"{topic} in version {schema} is not known here: it is of a later release")
    return upcast(kind, schema, current, fields)


@cache
def _shape(topic: str) -> tuple[type[Any] | None, int]:
    """An event's class and its current schema version."""
    try:
        kind = resolve_topic(topic)
    except (TopicError, ValueError):
        return None, 1
    # The library would take the name of any module for a topic.
    return (kind, getattr(kind, "class_version", 1)) if isinstance(kind, type) else (None, 1)


def opened(row: Told, wanted: Folds) -> tuple[dict[str, Any], Folds]:
    """An event's own fields and who folds them; all of them fail on what cannot be read."""
    try:
        return (data_of(row[TOPIC], row[SCHEMA], row[DATA]) if wanted else {}), wanted
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the event's fault, not ours
        return {}, tuple((n, partial(_fail, error)) for n, _ in wanted)


def keys_of(view: View, row: Told) -> Sequence[bytes]:
    """Of which of a view's rows an event is part, from NEWS of it."""
    if view.key is Key.STREAM:
        return (row[STREAM],)
    packed = row[SUBJECTS]
    return [packed[at : at + _ID] for at in range(0, len(packed), _ID)]


class Wanted(dict[str, Folds]):
    """By topic: the numbers of the views that fold it, each with its fold.

    A topic nobody knows is wanted by every view of that aggregate, and its fold fails: the key is
    set aside, because what happened there may well have changed its row.
    """

    def __init__(self, views: Sequence[View]) -> None:
        super().__init__()
        self._views = tuple(enumerate(views))

    def __missing__(self, topic: str) -> Folds:
        folds = [(n, view.folds[topic]) for n, view in self._views if topic in view.folds]
        if not folds and _shape(topic)[0] is None:
            of_aggregate = f"{topic.partition('.')[0]}."
            folds = [
                (n, _unknown)
                for n, view in self._views
                if any(known.startswith(of_aggregate) for known in view.folds)
            ]
        self[topic] = tuple(folds)
        return self[topic]


def _fail(error: Exception, state: State | None, event: Event) -> NoReturn:
    raise error


def _unknown(state: State | None, event: Event) -> NoReturn:
    raise Unreadable(f"{event.topic} is not known here: it is of a later release")
