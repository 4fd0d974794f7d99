"""What a receipt and the digest of a command are made of."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

import orjson

from crm_es.commands.base import Command
from crm_es.log.envelope import Receipt


def digest(command: Command, canonical: bytes | None = None) -> bytes:
    """What tells a command from another under one id. ``canonical`` is its JSON, if at hand."""
    body = command.model_dump_json().encode() if canonical is None else canonical
    return blake2b(type(command).__name__.encode() + body, digest_size=16).digest()


def receipt_from(answer: bytes) -> Receipt:
    """A stored receipt as an object."""
    raw = orjson.loads(answer)
    return Receipt(
        UUID(raw["command_id"]), UUID(raw["stream_id"]), raw["version"], raw["position"],
        raw["events"],
    )  # fmt: skip
