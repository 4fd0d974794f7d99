"""The types an event's fields may have. Every text says whether it is plain or about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Marker:
    meaning: str


PERSONAL = _Marker("sealed under the key of a data subject")
PLAIN = _Marker("readable by anyone who may read the log")
UNIT_PRICE = _Marker("a decimal with up to 6 places")

Personal = Annotated[T, PERSONAL]
"""``Personal[str]``: encrypted under the subject's key before the event exists (log/sealing)."""

Plain = Annotated[str, PLAIN]
"""Text that says nothing about a person: a code, a stage, a source's id, a staff handle."""

Price = Annotated[Decimal, UNIT_PRICE]
"""A unit price or a rate, up to 6 places; any other ``Decimal`` is an amount with up to 4."""


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent, as it is written down."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return Decimal(0) if text in {"-0", ""} else Decimal(text)


class Precision(IntEnum):
    """How exactly a time is known. Two times are compared at the coarser of their precisions."""

    UNKNOWN = 0
    MONTH = 1
    DAY = 2
    MINUTE = 3
    EXACT = 4


def is_before(
    one: datetime, its: Precision, other: datetime, others: Precision, *, or_same: bool = False
) -> bool | None:
    """Whether ``one`` lies before ``other`` at the coarser precision; None if either is unknown."""
    precision = min(its, others)
    if precision is Precision.UNKNOWN:
        return None
    a, b = truncated(one, precision), truncated(other, precision)
    return a <= b if or_same else a < b


def truncated(at: datetime, precision: Precision) -> datetime:
    """``at`` with everything below its precision set to nought."""
    if precision is Precision.MONTH:
        return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if precision is Precision.DAY:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)
    if precision is Precision.MINUTE:
        return at.replace(second=0, microsecond=0)
    return at
