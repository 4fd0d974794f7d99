"""The log as lines of JSON, for auditors and for those who move: nothing added or left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from crm_es.log.envelope import Record

PRECISIONS = ("unknown", "month", "day", "minute", "exact")
"""The names of a record's precision, by its number."""


def as_json(record: Record, opened: Callable[[str], str | None] | None = None) -> dict[str, Any]:
    """A record as JSON values: ids as text, times in RFC 3339, data as it is.

    With ``opened``, personal texts are put in the clear; those of an erased person become null.
    """
    data = orjson.loads(record.data)
    subjects = [record.subjects[at : at + 16] for at in range(0, len(record.subjects), 16)]
    return {
        "position": record.position,
        "event_id": _id(record.event_id),
        "stream_id": _id(record.stream_id),
        "version": record.version,
        "topic": record.topic,
        "schema_version": record.schema_version,
        "occurred_at": instant(record.occurred_at),
        "precision": PRECISIONS[record.precision],
        "recorded_at": instant(record.recorded_at),
        "findings": record.findings.split(",") if record.findings else [],
        "actor": record.actor,
        "on_behalf_of": record.on_behalf_of,
        "command_id": _id(record.command_id),
        "correlation_id": _id(record.correlation_id),
        "causation_id": _id(record.causation_id) if record.causation_id else None,
        "depth": record.depth,
        "subjects": [_id(subject) for subject in subjects],
        "data": in_the_clear(data, opened) if opened else data,
    }


def lines(
    records: Iterable[Record], opened: Callable[[str], str | None] | None = None
) -> Iterator[bytes]:
    """One line of JSON per record, each with its line end."""
    for record in records:
        yield orjson.dumps(as_json(record, opened), option=orjson.OPT_APPEND_NEWLINE)


def in_the_clear(value: Any, opened: Callable[[str], Any]) -> Any:
    """JSON values with every token replaced by what it seals."""
    if isinstance(value, str):
        return opened(value) if value.startswith("~1.") else value
    if isinstance(value, dict):
        return {name: in_the_clear(part, opened) for name, part in value.items()}
    if isinstance(value, list):
        return [in_the_clear(part, opened) for part in value]
    return value


def instant(micros: int) -> str:
    """Microseconds since 1970 as RFC 3339."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime(
        f"%Y-%m-%dT%H:%M:%S.{micros % 1_000_000:06d}Z"
    )


def _id(raw: bytes) -> str:
    return str(UUID(bytes=raw))
