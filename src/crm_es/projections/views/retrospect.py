"""A customer's rows as of a moment: its history read once, and folded only where it is shown.

A customer may have a hundred thousand calls, of which twenty are shown. Which these are is told by
when they began, so the others are not folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from crm_es.aggregates import BEGINNINGS
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views import customer_figures
from crm_es.projections.views.base import Key, View
from crm_es.projections.views.events import (
    AT,
    BRIEF,
    PRECISION,
    RECORDED,
    STREAM,
    TOPIC,
    Told,
)
from crm_es.projections.views.folding import Kept, Moment, Row, fold_rows, row_as_of
from crm_es.projections.views.sections import SECTIONS, VIEWS, Shown, chosen

_OF_STREAMS = tuple(view for view in VIEWS if view.key is Key.STREAM)
_VIEW_OF = {topic: view.name for view in _OF_STREAMS for topic in view.folds}
_COLUMNS = (*BRIEF, "stream_id")


def retrospect(
    log: LogRecorder, customer: UUID, moment: Moment, now: str, kept: Kept | None = None
) -> dict[str, list[Shown]]:
    """The rows of each section, as ``sections.live`` gives them, of any moment."""
    streams = {view.name: _Streams(log, view, moment) for view in _OF_STREAMS}
    takes = {topic: streams[name].take for topic, name in _VIEW_OF.items()}
    key, view = customer.bytes, customer_figures.VIEW

    def history() -> Iterator[Told]:
        """Each event is told to the streams when it comes by to be counted."""
        for row in log.about(
            key, by=Key.SUBJECT, columns=_COLUMNS, upto=moment.last, as_of=moment.as_of
        ):
            take = takes.get(row[TOPIC])
            if take is not None:
                take(row)
            yield row

    known = None if kept is None else kept.before(view, key, moment)
    figures = fold_rows(view, key, history, Moment(upto=moment.upto), known)
    if figures is not None and figures.poison is not None:
        for _ in history():  # whatever cannot be counted is there to be seen
            pass
    rows: dict[str, Iterable[Row]] = {**streams}
    rows[view.name] = [] if figures is None else [figures]
    return {s.name: chosen(s, rows[s.view.name], customer.bytes, now) for s in SECTIONS}


def _rank(row: Row) -> tuple[int, bytes]:
    return (row.state or {}).get("at", 0), row.key


class _Streams:
    """The streams of one view that had named the customer, newest first.

    A stream is folded when its turn comes; one that began with somebody else is folded first: only
    its whole story tells when it began.
    """

    def __init__(self, log: LogRecorder, view: View, moment: Moment) -> None:
        self._log, self._view, self._moment = log, view, moment
        self._begun: dict[bytes, int] = {}
        self._others: set[bytes] = set()
        self._folded: dict[bytes, Row | None] = {}
        self._ranked: list[tuple[int, bytes]] | None = None

    def take(self, event: Told) -> None:
        """One of its events, in log order, before any stream is asked for; twice does no harm."""
        stream = event[STREAM]
        if event[TOPIC] in BEGINNINGS:
            self._begun[stream] = event[AT] if event[PRECISION] else event[RECORDED]
        elif stream not in self._begun:
            self._others.add(stream)

    def __iter__(self) -> Iterator[Row]:
        if self._ranked is None:  # several sections show the same view
            self._ranked = self._in_order()
        for _, stream in self._ranked:
            row = self._row(stream)
            if row is not None:
                yield row

    def _in_order(self) -> list[tuple[int, bytes]]:
        begun, others = self._begun, self._others
        ours: Iterable[tuple[int, bytes]] = zip(begun.values(), begun, strict=True)
        if others:
            ours = ((at, stream) for at, stream in ours if stream not in others)
        came = [row for stream in others if (row := self._row(stream)) is not None]
        return sorted([*ours, *map(_rank, came)], reverse=True)

    def _row(self, stream: bytes) -> Row | None:
        if stream not in self._folded:
            key = UUID(bytes=stream)
            self._folded[stream] = row_as_of(self._log, self._view, key, self._moment)
        return self._folded[stream]
