"""An order: what was bought, delivered, taken back, each line with the amount it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Price, plain
from crm_es.aggregates.sales.order_fulfilment import Fulfilment
from crm_es.aggregates.sales.order_line import ZERO, LineBack, OrderLine
from crm_es.aggregates.sales.order_state import Counted, OrderKind, OrderStatus, counted_by


class _TakenBack(Counted):
    """Money that no longer counts, told by all that it was counted by when it was placed."""

    placed_at: datetime
    lines: tuple[LineBack, ...]
    amount: Price
    reason: Plain | None


class Order(Fulfilment):
    """Placed -> confirmed -> (partially) fulfilled -> closed, or cancelled before it is shipped.

    Fulfilled is what was sent out as a whole. A return either takes lines of a sale back, or is an
    order of its own kind that may name no sale; that kind is never sent out.
    """

    TOPIC = "order"

    # What can happen, and the little of it that later decisions need.

    class Placed(Counted, AggregateCreated):
        TOPIC = "order.placed"
        number: Plain | None
        lines: tuple[OrderLine, ...]
        line_count: int
        amount: Price
        returns_order_id: UUID | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, order: Order) -> None:
            order.customer_id, order.kind, order.placed = self.customer_id, self.kind, self
            order.ordered = self.lines

    class Confirmed(Aggregate.Event):
        TOPIC = "order.confirmed"
        customer_id: UUID | None

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CONFIRMED

    class Returned(_TakenBack):
        TOPIC = "order.returned"

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line_to_change(part.line).returned += part.quantity

    class Cancelled(_TakenBack):
        TOPIC = "order.cancelled"

        def apply(self, order: Order) -> None:
            order.status, order.is_void = OrderStatus.CANCELLED, True

    class Closed(Aggregate.Event):
        TOPIC = "order.closed"
        customer_id: UUID | None

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CLOSED

    class Retracted(_TakenBack):
        TOPIC = "order.retracted"

        def apply(self, order: Order) -> None:
            order.is_retracted = order.is_void = True

    # What we allow.

    @classmethod
    def place(cls, id: UUID, on: Occasion, lines: tuple[OrderLine, ...], /, **facts: Any) -> Self:
        if facts["kind"] is OrderKind.SALE:
            is_sale = all(line.quantity >= ZERO and line.amount >= ZERO for line in lines)
            on.must(is_sale, "order.negative_line", "A sale has no negative lines.")
        amount = plain(sum((line.amount for line in lines), ZERO))
        return cls.begin(
            cls.Placed, on, id, facts, lines=lines, line_count=len(lines), amount=amount
        )

    def confirm(self, on: Occasion) -> None:
        if self.status is OrderStatus.PLACED:
            self._must_stand(on)
            self.record(self.Confirmed, on, customer_id=self.customer_id)

    def take_back(self, wanted: dict[int, Decimal], reason: str | None, on: Occasion) -> None:
        """Take some quantities by line back into stock, and out of the money."""
        for number, quantity in wanted.items():
            line = self._known(number, on)
            on.must(
                quantity <= line.delivered - line.returned,
                "order.return_exceeds_delivery",
                "More would come back than was delivered.",
            )
        self._must_count(on)
        on.must(self.kind is OrderKind.SALE, "order.no_sale", "Only a sale can come back.")
        pieces = (self.line(n).back(n, quantity) for n, quantity in wanted.items())
        self._take_out(self.Returned, pieces, reason, on)

    def cancel(self, reason: str, on: Occasion) -> None:
        if self.status is not OrderStatus.CANCELLED:
            self._must_count(on)
            is_inside = self.status in {OrderStatus.PLACED, OrderStatus.CONFIRMED}
            on.must(is_inside, "order.shipped", "It was sent out: take it back instead.")
            self._take_out(self.Cancelled, self._rest(), reason, on)

    def close(self, on: Occasion) -> None:
        if self.status is not OrderStatus.CLOSED:
            self._must_count(on)
            last = OrderStatus.FULFILLED if self.kind is OrderKind.SALE else OrderStatus.CONFIRMED
            on.must(self.status is last, "order.unfulfilled", f"It is not {last}.")
            self.record(self.Closed, on, customer_id=self.customer_id)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self._take_out(self.Retracted, self._rest(), reason, on)

    def _rest(self) -> Iterable[LineBack]:
        return (line.rest(number) for number, line in self._numbered())

    def _take_out(
        self,
        kind: type[_TakenBack],
        pieces: Iterable[LineBack],
        reason: str | None,
        on: Occasion,
    ) -> None:
        lines = () if self.is_void else tuple(pieces)
        self.record(
            kind, on, **counted_by(self.placed), placed_at=self.created_on, lines=lines,
            amount=plain(sum((line.amount for line in lines), ZERO)), reason=reason,
        )  # fmt: skip
