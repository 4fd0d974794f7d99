"""Everything about one party, folded in one pass over its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Event, Fold, Key, View
from crm_es.projections.views.events import (
    AT,
    FIELDS,
    PRECISION,
    RECORDED,
    STREAM,
    TOLD,
    TOPIC,
    VERSION,
    Told,
    Wanted,
    opened,
)
from crm_es.projections.views.folding import EVER, NOW, Moment, Row, counted, row_as_of


def rows_of_subject(
    log: LogRecorder, views: Sequence[View], subject: UUID, moment: Moment = NOW
) -> dict[str, list[Row]]:
    """Everything about a party by view: its own row, and of every stream that names it the row.

    A stream that has left the party is told up to its leaving at least; its row says whose it is.
    """
    story = Story(views, subject.bytes, moment)
    for one in log.about(subject.bytes, by=Key.SUBJECT, upto=moment.last, columns=TOLD):
        story.take(one)
    return story.rows(log)


class Story:
    """One party's events, taken one by one in log order.

    A stream is read again as a whole if its versions are not all among them, if it may have left
    the party behind the moment, or if it holds a poisonous one.
    """

    def __init__(self, views: Sequence[View], subject: bytes, moment: Moment) -> None:
        self._views, self._subject, self._moment = views, subject, moment
        self._last = EVER if moment.as_of is None else moment.as_of
        self._wanted = Wanted(views)
        self._is_stream = [view.key is Key.STREAM for view in views]
        self._rows: list[dict[bytes, list[Any]]] = [{} for _ in views]
        """By key: state, position, version."""
        self._versions: dict[bytes, int] = {}
        """Of each stream the last one seen."""
        self._absent: set[bytes] = set()
        """Streams that had not begun by then."""
        self._again: list[set[bytes]] = [set() for _ in views]
        """What has to be read again."""
        self._fold_its_stream: dict[str, list[int]] = {}
        """By topic, the views whose rows are streams that hold such events."""

    def take(self, one: Told) -> bool:
        """Whether it had happened by then, and its stream begun."""
        stream, version, topic = one[STREAM], one[VERSION], one[TOPIC]
        versions = self._versions
        if version != versions.get(stream, 0) + 1:
            self._reread(stream, topic)
        versions[stream] = version
        if (one[AT] if one[PRECISION] else one[RECORDED]) > self._last:
            if version == 1:
                self._absent.add(stream)
            else:
                self._reread(stream, topic)
            return False
        data, wanted = opened(one, self._wanted[topic])
        is_there = stream not in self._absent
        for n, fold in wanted:
            if not self._is_stream[n]:
                self._fold(n, fold, Event(self._subject, data, *one[FIELDS]), None)
            elif is_there:
                self._fold(n, fold, Event(stream, data, *one[FIELDS]), version)
        return is_there

    def _fold(self, n: int, fold: Fold, event: Event, version: int | None) -> None:
        """``version`` is None in a subject's row, which counts its events."""
        row = self._rows[n].setdefault(event.key, [None, 0, 0])
        try:
            state = fold(row[0], event)
            row[:] = state, event.position, counted(row[2], state) if version is None else version
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - told by the row itself once it is read again
            self._again[n].add(event.key)

    def _reread(self, stream: bytes, topic: str) -> None:
        numbers = self._fold_its_stream.get(topic)
        if numbers is None:
            aggregate = f"{topic.partition('.')[0]}."
            numbers = self._fold_its_stream[topic] = [
                n
                for n, view in enumerate(self._views)
                if self._is_stream[n] and any(known.startswith(aggregate) for known in view.folds)
            ]
        for n in numbers:
            self._again[n].add(stream)

    def rows(self, log: LogRecorder) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for view, folded, again in zip(self._views, self._rows, self._again, strict=True):
            rows = {key: Row(key, *row) for key, row in folded.items() if row[0] is not None}
            for key in again:
                row = row_as_of(log, view, UUID(bytes=key), self._moment)
                if row is None:
                    rows.pop(key, None)
                else:
                    rows[key] = row
            found[view.name] = [row for row in rows.values() if row.state is not None]
        return found
