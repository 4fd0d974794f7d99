"""Money in read models: decimal text in states, whole numbers of a small unit in columns.

Sums of whole numbers are exact in any order. An amount has four places; what stands on order lines
and is made of them has six (docs/decisions/0003-money.md).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

AMOUNT_PLACES, PRICE_PLACES = 4, 6
_HALF = 1_000_000_000


def units(text: str | None, places: int) -> int | None:
    """An amount as a whole number of its smallest unit."""
    if text is None:
        return None
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(places, "0"))


def text(number: Decimal) -> str:
    """As an amount is written: no exponent, no trailing zeros."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def plus(one: str, other: str) -> str:
    return text(Decimal(one) + Decimal(other))


def minus(one: str, other: str) -> str:
    return text(Decimal(one) - Decimal(other))


def sums(column: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """A sum over a column of units in two halves, since SQLite's own overflows at 64 bits."""
    high, low = sa.func.sum(column // _HALF), sa.func.sum(column % _HALF)
    return sa.func.coalesce(high, 0), sa.func.coalesce(low, 0)


def total(high: int, low: int, places: int) -> Decimal:
    """The sum behind the two halves that ``sums`` selects."""
    return Decimal(int(high) * _HALF + int(low)).scaleb(-places)
