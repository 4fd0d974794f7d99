"""Everything about one party, folded in one pass over its history."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Event, Fold, Key, View
from crm_es.projections.views.events import (
    FIELDS,
    STREAM,
    TOLD,
    TOPIC,
    VERSION,
    Told,
    Wanted,
    opened,
)
from crm_es.projections.views.folding import NOW, Moment, Row, row_as_of


def rows_of_subject(
    log: LogRecorder, views: Sequence[View], subject: UUID, moment: Moment = NOW
) -> dict[str, list[Row]]:
    """Everything about a party by view: its own row, and of every stream that names it the row.

    A stream that has left the party is told up to its leaving at least; its row says whose it is.
    """
    story = _Story(views, subject.bytes, moment)
    for one in log.about(subject.bytes, by=Key.SUBJECT, upto=moment.last, columns=TOLD):
        story.take(one)
    return story.rows(log)


class _Story:
    """One party's events, taken one by one in log order.

    A stream is read again as a whole if its versions are not all among them, if it may have left
    the party behind the moment, or if it holds a poisonous one.
    """

    def __init__(self, views: Sequence[View], subject: bytes, moment: Moment) -> None:
        self._views, self._subject, self._moment = views, subject, moment
        self._wanted = Wanted(views)
        self._is_stream = [view.key is Key.STREAM for view in views]
        self._rows: list[dict[bytes, Row]] = [{} for _ in views]
        self._versions: dict[bytes, int] = {}
        """Of each stream the last one seen."""
        self._absent: set[bytes] = set()
        """Streams that had not begun by then."""
        self._again: list[set[bytes]] = [set() for _ in views]
        """What has to be read again."""

    def take(self, one: Told) -> None:
        stream, version, topic = one[STREAM], one[VERSION], one[TOPIC]
        if version != self._versions.get(stream, 0) + 1:
            self._reread(stream, topic)
        self._versions[stream] = version
        if not self._moment.takes(one):
            if version == 1:
                self._absent.add(stream)
            else:
                self._reread(stream, topic)
            return
        data, wanted = opened(one, self._wanted[topic])
        for n, fold in wanted:
            if not self._is_stream[n]:
                self._fold(n, fold, Event(self._subject, data, *one[FIELDS]), 0)
            elif stream not in self._absent:
                self._fold(n, fold, Event(stream, data, *one[FIELDS]), version)

    def _fold(self, n: int, fold: Fold, event: Event, version: int) -> None:
        rows, key = self._rows[n], event.key
        row = rows.get(key)
        try:
            state = fold(None if row is None else row.state, event)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - told by the row itself once it is read again
            self._again[n].add(key)
        else:
            rows[key] = Row(key, state, event.position, version)

    def _reread(self, stream: bytes, topic: str) -> None:
        aggregate = f"{topic.partition('.')[0]}."
        for n, view in enumerate(self._views):
            if self._is_stream[n] and any(known.startswith(aggregate) for known in view.folds):
                self._again[n].add(stream)

    def rows(self, log: LogRecorder) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for view, rows, again in zip(self._views, self._rows, self._again, strict=True):
            for key in again:
                row = row_as_of(log, view, UUID(bytes=key), self._moment)
                if row is None:
                    rows.pop(key, None)
                else:
                    rows[key] = row
            found[view.name] = [row for row in rows.values() if row.state is not None]
        return found
