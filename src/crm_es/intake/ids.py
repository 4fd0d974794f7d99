"""The ids an import derives: of what the source knows, of the import itself, of its commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID, SafeUUID, uuid5

NAMESPACE = UUID("2b1f3c1e-8a4b-5d6e-9c70-5f1d9a3e7b42")
DO_BITS = 16
"""So many commands a row or group may become; the other 46 bits count rows and groups."""
COMMANDS_MAX = 1 << DO_BITS

_COUNTER_BITS = 62
UNITS_MAX = 1 << (_COUNTER_BITS - DO_BITS)
_PREFIX_BITS = 60


def source_id(source: str, parts: Sequence[str]) -> UUID:
    """Our id of what a source knows under these parts."""
    return uuid5(NAMESPACE, "\x1f".join([source, *parts]))


def import_id(mapping_sha256: str, files: Iterable[tuple[str, str]]) -> UUID:
    """The id of one mapping applied to these very bytes: (name, SHA-256) of every file."""
    told = [f"{name}={sha256}" for name, sha256 in files]
    return uuid5(NAMESPACE, "\x1f".join([mapping_sha256, *told]))


class CommandIds:
    """The ids of an import's commands: UUIDv8 (RFC 9562) that rise with the import's order.

    60 bits of the import's id, so that an import's ids stand together, around the version; after
    the variant 46 bits that count rows and groups, and 16 that count the commands of one.
    """

    def __init__(self, import_id: UUID) -> None:
        prefix = import_id.int >> (128 - _PREFIX_BITS)
        high = (prefix >> 12) << 16 | 0x8 << 12 | prefix & 0xFFF
        self._first = high << 64 | 0b10 << _COUNTER_BITS

    def of(self, ordinal: int, place: int) -> UUID:
        if not (0 <= place < COMMANDS_MAX and 0 <= ordinal < UNITS_MAX):
            raise ValueError(f"No command id for unit {ordinal}, command {place}.")
        return _uuid(self._first | ordinal << DO_BITS | place)


def _uuid(number: int) -> UUID:
    """As ``UUID(int=number)``, in a third of its time: an import has millions."""
    id = object.__new__(UUID)
    object.__setattr__(id, "int", number)
    object.__setattr__(id, "is_safe", SafeUUID.unknown)
    return id
