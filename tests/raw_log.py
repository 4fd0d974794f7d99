"""A log written event by event, without commands: for tests of those who only read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.utils import TopicError, resolve_topic

from crm_es.aggregates.fields import Precision
from crm_es.log.envelope import Rows, new_id
from crm_es.log.sqlite import SQLiteLog

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z in microseconds
SECOND = 1_000_000


def current_version(topic: str) -> int:
    try:
        return getattr(resolve_topic(topic), "class_version", 1)
    except TopicError:
        return 1


class RawLog:
    """``tell("thing.made", stream, {...}, owner)`` appends one event, a second after the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = SQLiteLog(folder / "log.sqlite")
        self.log.create_table()
        self.log.db.execute("pragma synchronous=off")
        self.position = 0
        self._versions: dict[UUID, int] = {}

    def tell(
        self,
        topic: str,
        stream: UUID,
        data: dict[str, Any] | bytes,
        *subjects: UUID,
        at: int | None = None,
        precision: Precision = Precision.EXACT,
        schema: int | None = None,
    ) -> int:
        """The position. ``at`` are seconds after START, and its own second if left out."""
        self.tell_all([(topic, stream, data, *subjects)], at=at, precision=precision, schema=schema)
        return self.position

    def tell_all(
        self,
        events: list[tuple[Any, ...]],
        *,
        at: int | None = None,
        precision: Precision = Precision.EXACT,
        schema: int | None = None,
    ) -> None:
        """Several in one transaction: (topic, stream, data, subject...).

        ``schema`` is the current version of each topic if left out.
        """
        rows = Rows()
        for topic, stream, data, *named in events:
            subjects = list(dict.fromkeys(named))
            self.position += 1
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            recorded_at = START + self.position * SECOND
            occurred_at = recorded_at if at is None else START + at * SECOND
            raw = data if isinstance(data, bytes) else orjson.dumps(data, str)
            id = new_id().bytes
            packed = b"".join(subject.bytes for subject in subjects)
            rows.events.append(
                (
                    self.position, id, stream.bytes, version, topic,
                    current_version(topic) if schema is None else schema, occurred_at,
                    int(precision), recorded_at, None, "ann", None, id, id, None, 0, packed, raw,
                )
            )  # fmt: skip
            rows.subjects += [(subject.bytes, self.position) for subject in subjects]
        with self.log.begin() as transaction:
            transaction.add(rows)

    def close(self) -> None:
        self.log.close()
