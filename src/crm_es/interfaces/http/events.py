"""Records of the log as JSON: one event, and the live feed. Personal values stay sealed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from crm_es.aggregates.fields import Precision
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading
from crm_es.log.envelope import Record

PAGE_SIZE = 200
CLIENTS_MAX = 100
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 0.025


def event_document(record: Record) -> dict[str, Any]:
    """The logical record, the same wherever it is shown."""
    subjects = record.subjects
    return {
        "position": record.position,
        "event_id": _id(record.event_id),
        "stream_id": _id(record.stream_id),
        "version": record.version,
        "topic": record.topic,
        "schema_version": record.schema_version,
        "occurred_at": instant(record.occurred_at),
        "precision": Precision(record.precision).name.lower(),
        "recorded_at": instant(record.recorded_at),
        "findings": record.findings.split(",") if record.findings else [],
        "actor": record.actor,
        "on_behalf_of": record.on_behalf_of,
        "command_id": _id(record.command_id),
        "correlation_id": _id(record.correlation_id),
        "causation_id": _id(record.causation_id),
        "depth": record.depth,
        "subjects": [_id(subjects[i : i + 16]) for i in range(0, len(subjects), 16)],
        "data": orjson.Fragment(record.data),
    }


def instant(micros: int) -> str:
    """Microseconds since 1970 as RFC 3339."""
    found = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    return found.isoformat().replace("+00:00", "Z")


def _id(raw: bytes | None) -> str | None:
    return None if raw is None else str(UUID(bytes=raw))


class Feed:
    """The log as server-sent events: every event once, in order, from any position.

    Each client reads its own pages, so a slow one delays nobody and holds one page at most.
    """

    def __init__(self, readers: Readers[Reading]) -> None:
        self._readers = readers
        self._clients = 0
        self._head = 0
        self._moved = asyncio.Condition()
        self._watch: asyncio.Task[None] | None = None

    async def open(self, after: int, topics: frozenset[str]) -> AsyncIterator[bytes]:
        """Raises Problem 503 when there are too many clients, 400 for a position to come."""
        if self._clients >= CLIENTS_MAX:
            raise Problem(503, "feed.full", "Too many listen.", headers={"Retry-After": "30"})
        head = await self._readers.run(lambda reading: reading.log.head().position)
        if after > head:
            raise Problem(400, "position.beyond_head", f"The log ends at position {head}.")
        return self._events(after, topics)

    async def _events(self, after: int, topics: frozenset[str]) -> AsyncIterator[bytes]:
        self._clients += 1
        if self._watch is None:
            self._watch = asyncio.create_task(self._poll())
        try:
            yield b"retry: 1000\n: from position %d\n\n" % after
            while True:
                page = await self._page(after)
                if page:
                    after = page[-1].position
                    wanted = [_message(r) for r in page if not topics or r.topic in topics]
                    if wanted:
                        yield b"".join(wanted)
                elif not await self._beyond(after):
                    # Also tells where a reader of few topics is, so that it resumes from there.
                    yield b": alive\nid: %d\n\n" % after
        finally:
            self._clients -= 1
            if not self._clients and self._watch is not None:
                self._watch.cancel()
                self._watch = None

    async def _page(self, after: int) -> list[Record]:
        return await self._readers.run(lambda reading: reading.log.read(after, PAGE_SIZE))

    async def _beyond(self, position: int) -> bool:
        """Wait until the log goes on; False after a while without."""
        if self._watch is not None and self._watch.done():
            self._watch.result()
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS), self._moved:
                await self._moved.wait_for(lambda: self._head > position)
        except TimeoutError:
            return False
        return True

    async def _poll(self) -> None:
        """One look at the head for all who wait."""
        while True:
            head = self._head
            with suppress(Problem):  # the readers are busy: the next look will do
                head = await self._readers.run(lambda reading: reading.log.head().position)
            if head != self._head:
                async with self._moved:
                    self._head = head
                    self._moved.notify_all()
            await asyncio.sleep(POLL_SECONDS)


def _message(record: Record) -> bytes:
    document = orjson.dumps(event_document(record))
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (record.position, record.topic.encode(), document)
