"""One logical record of the log, and what stands around a command on its way into it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from hashlib import blake2b
from time import time_ns
from typing import Any, NamedTuple
from uuid import UUID

import orjson

COLUMNS = (
    "position", "event_id", "stream_id", "version", "topic", "schema_version", "occurred_at",
    "precision", "recorded_at", "findings", "actor", "on_behalf_of", "command_id",
    "correlation_id", "causation_id", "depth", "subjects", "data",
)  # fmt: skip


class Record(NamedTuple):
    """A row of the log as stored.

    Ids are 16 bytes, times are microseconds since 1970 UTC, ``subjects`` is the concatenation of
    16-byte ids, ``findings`` is comma-separated codes or None, ``data`` is flat JSON.
    """

    position: int
    event_id: bytes
    stream_id: bytes
    version: int
    topic: str
    schema_version: int
    occurred_at: int
    precision: int
    recorded_at: int
    findings: str | None
    actor: str
    on_behalf_of: str | None
    command_id: bytes
    correlation_id: bytes
    causation_id: bytes | None
    depth: int
    subjects: bytes
    data: bytes


class Head(NamedTuple):
    """The last record of the log; position 0 when there is none."""

    position: int
    recorded_at: int


class Circumstances(NamedTuple):
    """Who asks, and as part of what. ``import_id`` is set in history mode and only there.

    ``depth`` is the length of the causation chain; ``correlation_id`` defaults to the command's id.
    """

    actor: str
    on_behalf_of: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    depth: int = 0
    import_id: UUID | None = None


class Submission(NamedTuple):
    """One command on its way into the log. ``command`` is a validated commands.base.Command."""

    command_id: UUID
    command: Any
    circumstances: Circumstances
    expected_version: int | None = None
    digest: bytes = b""
    """A hash of the command's canonical form (application.digest), made outside the lock."""


class Receipt(NamedTuple):
    """What became of a command, kept for ever under its id.

    ``position`` is where its last event stands, or the head when nothing was to be recorded.
    """

    command_id: UUID
    stream_id: UUID
    version: int
    position: int
    events: int

    def to_bytes(self) -> bytes:
        return receipt_json(
            self.command_id, self.stream_id, self.version, self.position, self.events
        )


def receipt_json(
    command_id: UUID, stream_id: UUID, version: int, position: int, events: int
) -> bytes:
    """A receipt as it is kept, without a Receipt in between."""
    return orjson.dumps(
        {
            "command_id": command_id, "stream_id": stream_id, "version": version,
            "position": position, "events": events,
        }
    )  # fmt: skip


@dataclass(slots=True)
class Rows:
    """What one transaction adds to the log."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    subjects: list[tuple[bytes, int]] = field(default_factory=list)
    receipts: list[tuple[bytes, bytes, bytes]] = field(default_factory=list)
    """(command id, keyed hash of the canonical command, receipt as JSON)"""
    claims: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    """(kind, value, owner)"""
    released: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    """(kind, value, owner)"""


def event_id(command_id: bytes, n: int) -> bytes:
    """The id of a command's n-th event: known before the event is sealed."""
    return blake2b(command_id, digest_size=16, salt=n.to_bytes(16, "big")).digest()


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    value = time_ns() // 1_000_000 << 80 | uuid.uuid4().int & (1 << 80) - 1
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
