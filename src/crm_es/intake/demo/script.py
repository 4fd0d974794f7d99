"""Steps of the demo: a command's name and body at a moment, and ids that rise with time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

T = TypeVar("T")

DAYS = 730
"""The demo tells two years."""


class Step(NamedTuple):
    """One command to come. ``at`` is when it happens; plans carry their own times in the body."""

    at: datetime
    name: str
    body: dict[str, Any]


class Script:
    """Collects steps; time runs from two years before ``until`` to ``until``."""

    def __init__(self, until: datetime, seed: int) -> None:
        self.until, self.seed = until, seed
        self.start = until - timedelta(days=DAYS)
        self.steps: list[Step] = []

    def add(self, at: datetime, name: str, /, **body: Any) -> datetime:
        """A step, unless its time is still to come. Returns its time."""
        if at <= self.until:
            self.steps.append(Step(at, name, body))
        return at

    def chance(self, *of: object) -> Random:
        """Random numbers of one thing of the demo, whatever else the demo tells."""
        return Random(f"{self.seed}:{':'.join(map(str, of))}")  # noqa: S311 - a story, no secret

    def id(self, at: datetime, *of: object) -> UUID:
        """An id that is the same in every run and lies near others of its time (RFC 9562, v8)."""
        name = f"{self.seed}:{':'.join(map(str, of))}".encode()
        low = int.from_bytes(blake2b(name, digest_size=10).digest(), "big")
        value = int(at.timestamp() * 1000) << 80 | low
        value = value & ~(0xF << 76) | 0x8 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)

    def in_order(self) -> list[Step]:
        """All steps by time; equal times stay as they were added."""
        return sorted(self.steps, key=lambda step: step.at)


def weighted(random: Random, shares: Sequence[tuple[T, int]]) -> T:
    """One of some values, by their shares in percent."""
    return random.choices([value for value, _ in shares], [share for _, share in shares])[0]


def office_hours(random: Random, after: datetime) -> datetime:
    """A moment of working time after another: 8 to 18 o'clock UTC, never on a weekend."""
    day = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        found = day + timedelta(hours=8, seconds=random.randrange(36_000))
        if found > after and found.weekday() < 5:  # noqa: PLR2004 - Monday to Friday
            return found
        day += timedelta(days=1)


def money(amount: Decimal | float) -> str:
    """An amount as commands take it, in cents."""
    return format(Decimal(amount).quantize(Decimal("0.01")), "f")
