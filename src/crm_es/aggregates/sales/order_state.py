"""What an order remembers, and by what its money is counted when it comes and when it goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain
from crm_es.aggregates.sales.order_line import LineState, OrderLine


class OrderKind(StrEnum):
    SALE = "sale"
    RETURN = "return"
    ADJUSTMENT = "adjustment"


class OrderStatus(StrEnum):
    PLACED = "placed"
    CONFIRMED = "confirmed"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Counted(Aggregate.Event):
    """All that the money of an order is counted by, when it is placed and when it is taken back."""

    customer_id: UUID | None
    kind: OrderKind
    owner: Plain | None
    channel: Plain | None
    place: Plain | None
    country: Plain | None
    currency: Plain
    campaign_id: UUID | None
    opportunity_id: UUID | None


_COUNTED_BY = tuple(Counted.__annotations__)


class OrderState(Aggregate):
    """What the rules of an order read."""

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.kind = OrderKind.SALE
        self.status = OrderStatus.PLACED
        self.placed: Counted
        self.ordered: tuple[OrderLine, ...] = ()
        self.lines: list[LineState] = []
        self.promised_on: date | None = None
        self.is_void = False
        """Whether its money was taken back as a whole: that cannot happen twice."""
        self.is_retracted = False

    def line(self, number: int) -> LineState:
        """A line by its number, from 1, as it stands."""
        return self.lines[number - 1] if self.lines else LineState(self.ordered[number - 1])

    def line_to_change(self, number: int) -> LineState:
        """Lines become state when one first changes: most of an import never do."""
        if not self.lines:
            self.lines = [LineState(line) for line in self.ordered]
        return self.lines[number - 1]

    def _known(self, number: int, on: Occasion) -> LineState:
        if number > len(self.ordered):
            on.unknown("order.line_not_found", f"The order has no line {number}.")
        return self.line(number)

    def _numbered(self) -> Iterable[tuple[int, LineState]]:
        return ((n, self.line(n)) for n in range(1, len(self.ordered) + 1))

    def _must_count(self, on: Occasion) -> None:
        on.must(self.status is not OrderStatus.CANCELLED, "order.cancelled", "It is cancelled.")
        on.must(not self.is_retracted, "order.retracted", "It was taken back.")

    def _must_stand(self, on: Occasion) -> None:
        self._must_count(on)
        on.must(self.status is not OrderStatus.CLOSED, "order.closed", "It is closed.")

    def _must_fit(self, ok: object, on: Occasion) -> None:
        on.must(ok, "order.line_exceeded", "That is more than there is of this line.")


def counted_by(event: Counted) -> dict[str, Any]:
    """What an event's money is counted by, as the facts of the next event."""
    return {name: getattr(event, name) for name in _COUNTED_BY}
