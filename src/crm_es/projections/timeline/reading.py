"""The timeline of a party or of one thing: its events in words, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from uuid import UUID

from crm_es.log.envelope import Record
from crm_es.log.recorder import LogRecorder
from crm_es.projections.timeline import TIMELINE
from crm_es.projections.timeline.links import links_of, texts_of
from crm_es.projections.views.base import Key
from crm_es.projections.views.events import Unreadable, event_of
from crm_es.projections.views.folding import NOW, Moment
from crm_es.projections.views.folds import PRECISIONS, when
from crm_es.projections.views.items import Item, id_text, instant
from crm_es.projections.views.paging import LIMIT, Page, cursor, limited, place_of

_COLUMNS = ("position", "occurred_at", "precision", "recorded_at")


def timeline_of_subject(
    log: LogRecorder,
    subject: UUID,
    *,
    moment: Moment = NOW,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """What happened to a party by business time; of equal times, what was told last comes first.

    An event of unknown time stands where it was recorded. Raises Invalid for a bad cursor.
    """
    return _page(log, subject, Key.SUBJECT, moment, after, limit)


def timeline_of_stream(
    log: LogRecorder,
    stream: UUID,
    *,
    moment: Moment = NOW,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """What happened to one thing, as ``timeline_of_subject``."""
    return _page(log, stream, Key.STREAM, moment, after, limit)


def _page(
    log: LogRecorder, key: UUID, by: Key, moment: Moment, after: str | None, limit: int
) -> Page:
    name = f"timeline.{by}"
    before = (2**62, 0) if after is None else place_of(after, name, int, int)
    places = (place for place in _places(log, key, by, moment) if place < before)
    shown = nlargest(limited(limit) + 1, places)
    lines = [_line(log.read(position - 1, 1)[0]) for _, position in shown[:limit]]
    return Page(lines, cursor(name, *shown[limit - 1]) if len(shown) > limit else None)


def _places(log: LogRecorder, key: UUID, by: Key, moment: Moment) -> Iterator[tuple[int, int]]:
    """(business time, position) of all its events up to the moment: one index scan."""
    last = 2**62 if moment.as_of is None else moment.as_of
    rows = log.about(key.bytes, by=by, upto=moment.last, columns=_COLUMNS)
    for _, position, occurred_at, precision, recorded_at in rows:
        at = occurred_at if precision else recorded_at
        if at <= last:
            yield at, position


def _line(record: Record) -> Item:
    try:
        event = event_of(record, record.stream_id)
        told = TIMELINE[record.topic](event)
        links, texts, at = links_of(event), texts_of(event), when(event)
    except (Unreadable, KeyError):
        told = f"{record.topic}, of a later release"
        links, texts, at = [], {}, record.occurred_at
    return {
        "position": record.position,
        "event_id": id_text(record.event_id),
        "topic": record.topic,
        "at": instant(at),
        "precision": PRECISIONS[record.precision],
        "recorded_at": instant(record.recorded_at),
        "actor": record.actor,
        "on_behalf_of": record.on_behalf_of,
        "line": told,
        "texts": texts,
        "links": links,
        "findings": record.findings.split(",") if record.findings else [],
        "version": record.version,
    }
