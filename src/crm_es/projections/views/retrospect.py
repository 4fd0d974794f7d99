"""A customer's rows as of a moment: its history read once, and folded only where it is shown.

A customer may have a hundred thousand calls, of which twenty are shown. Which these are is told by
when they began, so the others are not folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Key, View
from crm_es.projections.views.events import (
    AT,
    PRECISION,
    RECORDED,
    STREAM,
    TOLD,
    TOPIC,
    VERSION,
    Told,
)
from crm_es.projections.views.folding import Moment, Row, row_as_of
from crm_es.projections.views.sections import RANKED, SECTIONS, VIEWS, Shown, chosen
from crm_es.projections.views.story import Story


def retrospect(
    log: LogRecorder, customer: UUID, moment: Moment, now: str
) -> dict[str, list[Shown]]:
    """The rows of each section, as ``sections.live`` gives them, of any moment."""
    story = Story(_WHOLE, customer.bytes, moment)
    ranks = {view.name: _Rank(log, view, moment) for view in RANKED}
    by_topic = {topic: ranks[view.name] for view in RANKED for topic in view.folds}
    for one in log.about(customer.bytes, by=Key.SUBJECT, upto=moment.last, columns=TOLD):
        is_there = story.take(one)
        rank = by_topic.get(one[TOPIC])
        if rank is not None:
            rank.take(one, is_there=is_there)
    rows: dict[str, Iterable[Row]] = {**ranks}
    for name, folded in story.rows(log).items():
        rows[name] = sorted(folded, key=_rank, reverse=True)
    return {s.name: chosen(s, rows[s.view.name], customer.bytes, now) for s in SECTIONS}


_WHOLE = tuple(view for view in VIEWS if view not in RANKED)
"""Views of which every row is looked at: what is open or planned may be anywhere among them."""


def _rank(row: Row) -> tuple[int, bytes]:
    return (row.state or {}).get("at", 0), row.key


class _Rank:
    """The streams of one view, newest first; a stream is folded when its turn comes.

    One that began with somebody else is folded first: only its whole story tells when it began.
    """

    def __init__(self, log: LogRecorder, view: View, moment: Moment) -> None:
        self._log, self._view, self._moment = log, view, moment
        self._begun: list[tuple[int, bytes]] = []
        self._known: set[bytes] = set()
        self._others: set[bytes] = set()
        self._folded: dict[bytes, Row | None] = {}

    def take(self, one: Told, *, is_there: bool) -> None:
        stream = one[STREAM]
        if one[VERSION] == 1:
            self._known.add(stream)
            if is_there:
                self._begun.append((one[AT] if one[PRECISION] else one[RECORDED], stream))
        elif stream not in self._known:
            self._others.add(stream)

    def __iter__(self) -> Iterator[Row]:
        came = [row for stream in self._others if (row := self._row(stream)) is not None]
        for _, stream in sorted([*self._begun, *map(_rank, came)], reverse=True):
            row = self._row(stream)
            if row is not None:
                yield row

    def _row(self, stream: bytes) -> Row | None:
        if stream not in self._folded:
            key = UUID(bytes=stream)
            self._folded[stream] = row_as_of(self._log, self._view, key, self._moment)
        return self._folded[stream]
