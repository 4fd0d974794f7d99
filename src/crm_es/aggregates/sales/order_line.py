"""One line of an order: what it stands for, and how much of it went out and came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from crm_es.aggregates.fields import Plain, Price, plain

ZERO = Decimal(0)
WORTH_MAX = Decimal(10) ** 12
"""What a line or an order stands for lies below it: facts hold 12 digits and 6 places."""
WORTHS_MAX = 50_000
_PLACES = Decimal("0.000001")
_EXACT = Context(prec=80)
"""Wide enough for the product of the widest quantity, price and rate: one rounding, at the end."""


@dataclass(frozen=True)
class OrderLine:
    """One line. ``amount`` is what counts, to 6 places so that sums are taken before rounding."""

    sku: Plain | None
    product_id: UUID | None
    description: Plain | None
    quantity: Decimal
    unit_price: Price | None
    discount_rate: Price | None
    discount: Price | None
    """All that was taken off, in money."""
    amount: Price
    cost: Price | None
    line_at: datetime | None

    @classmethod
    def of(cls, all_fields: dict[str, Any]) -> OrderLine:
        """As calling the class, in a tenth of its time: an import has millions of lines."""
        line = object.__new__(cls)
        object.__setattr__(line, "__dict__", all_fields)
        return line


@dataclass(frozen=True)
class LineQuantity:
    """So much of one line. Lines are counted from 1."""

    line: int
    quantity: Decimal


@dataclass(frozen=True)
class LineBack:
    """So much of one line that no longer counts, with the part of its money that goes with it."""

    line: int
    sku: Plain | None
    product_id: UUID | None
    quantity: Decimal
    discount: Price | None
    amount: Price
    cost: Price | None
    line_at: datetime | None


@dataclass(slots=True)
class LineState:
    """What rules remember of a line beside what was ordered."""

    ordered: OrderLine
    allocated: Decimal = ZERO
    shipped: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO

    def back(self, number: int, quantity: Decimal) -> LineBack:
        """A piece of the line. All pieces together have exactly the money of the line."""
        line, since, upto = self.ordered, self.returned, self.returned + quantity

        def part(figure: Decimal | None) -> Decimal | None:
            if figure is None:
                return None
            return plain(_share(figure, upto, line.quantity) - _share(figure, since, line.quantity))

        return LineBack(
            number, line.sku, line.product_id, quantity, part(line.discount),
            part(line.amount) or ZERO, part(line.cost), line.line_at,
        )  # fmt: skip

    def rest(self, number: int) -> LineBack:
        """All of the line that still counts."""
        if self.returned:
            return self.back(number, max(self.ordered.quantity - self.returned, ZERO))
        line = self.ordered
        return LineBack(
            number, line.sku, line.product_id, line.quantity, line.discount, line.amount,
            line.cost, line.line_at,
        )  # fmt: skip


@lru_cache(WORTHS_MAX)
def net(
    quantity: Decimal, unit_price: Decimal, rate: Decimal | None, discount: Decimal | None
) -> tuple[Decimal, Decimal | None]:
    """(amount, discount in money) of a quantity at a price, less a rate and less a sum."""
    gross = _EXACT.multiply(quantity, unit_price)
    if rate is None and discount is None:
        return plain(_EXACT.quantize(gross, _PLACES)), None
    off = _EXACT.add(_EXACT.multiply(gross, rate or ZERO), discount or ZERO)
    amount = _EXACT.quantize(_EXACT.subtract(gross, off), _PLACES)
    return plain(amount), plain(_EXACT.quantize(off, _PLACES))


def _share(figure: Decimal, quantity: Decimal, whole: Decimal) -> Decimal:
    """The part of a figure that belongs to the first so many of a whole."""
    if not quantity:
        return ZERO
    if quantity >= whole:
        return figure
    part = _EXACT.divide(_EXACT.multiply(figure, quantity), whole)
    return _EXACT.quantize(part, _PLACES)
