"""An order: what was bought, delivered, taken back, each line with the amount it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Price
from crm_es.aggregates.sales.order_line import (
    ZERO,
    LineBack,
    LineQuantity,
    LineState,
    OrderLine,
)


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


class _TakenBack(Aggregate.Event):
    """Money that no longer counts, told by all that it was counted by when it was placed."""

    customer_id: UUID | None
    placed_at: datetime
    kind: OrderKind
    owner: Plain | None
    channel: Plain | None
    place: Plain | None
    country: Plain | None
    currency: Plain
    campaign_id: UUID | None
    opportunity_id: UUID | None
    lines: tuple[LineBack, ...]
    amount: Price
    reason: Plain | None


_COUNTED_BY = (
    "customer_id", "kind", "owner", "channel", "place", "country", "currency", "campaign_id",
    "opportunity_id",
)  # fmt: skip


class Order(Aggregate):
    """Placed -> confirmed -> (partially) fulfilled -> closed, or cancelled before it is shipped.

    Fulfilled is what was sent out as a whole. A return either takes lines of a sale back, or is an
    order of its own kind that may name no sale.
    """

    TOPIC = "order"

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.status = OrderStatus.PLACED
        self.placed: Order.Placed
        self.lines: list[LineState] = []
        self.promised_on: date | None = None
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Placed(Aggregate.Event, AggregateCreated):
        TOPIC = "order.placed"
        customer_id: UUID | None
        kind: OrderKind
        number: Plain | None
        owner: Plain | None
        channel: Plain | None
        place: Plain | None
        country: Plain | None
        currency: Plain
        lines: tuple[OrderLine, ...]
        line_count: int
        amount: Price
        returns_order_id: UUID | None
        campaign_id: UUID | None
        opportunity_id: UUID | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, order: Order) -> None:
            order.customer_id, order.placed = self.customer_id, self

    class Confirmed(Aggregate.Event):
        TOPIC = "order.confirmed"
        customer_id: UUID | None

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CONFIRMED

    class LineAllocated(Aggregate.Event):
        TOPIC = "order.line_allocated"
        customer_id: UUID | None
        line: int
        quantity: Decimal

        def apply(self, order: Order) -> None:
            order.line(self.line).allocated += self.quantity

    class DeliveryPromised(Aggregate.Event):
        TOPIC = "order.delivery_promised"
        customer_id: UUID | None
        promised_on: date

        def apply(self, order: Order) -> None:
            order.promised_on = self.promised_on

    class PromiseRevised(Aggregate.Event):
        TOPIC = "order.promise_revised"
        customer_id: UUID | None
        from_date: date
        promised_on: date
        reason: Plain | None

        def apply(self, order: Order) -> None:
            order.promised_on = self.promised_on

    class Shipped(Aggregate.Event):
        TOPIC = "order.shipped"
        customer_id: UUID | None
        lines: tuple[LineQuantity, ...]
        is_complete: bool
        promised_on: date | None

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line(part.line).shipped += part.quantity
            whole, some = OrderStatus.FULFILLED, OrderStatus.PARTIALLY_FULFILLED
            order.status = whole if self.is_complete else some

    class Delivered(Aggregate.Event):
        TOPIC = "order.delivered"
        customer_id: UUID | None
        lines: tuple[LineQuantity, ...]
        is_complete: bool
        promised_on: date | None

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line(part.line).delivered += part.quantity

    class Returned(_TakenBack):
        TOPIC = "order.returned"

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line(part.line).returned += part.quantity

    class Cancelled(_TakenBack):
        TOPIC = "order.cancelled"

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CANCELLED

    class Closed(Aggregate.Event):
        TOPIC = "order.closed"
        customer_id: UUID | None

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CLOSED

    class Retracted(_TakenBack):
        TOPIC = "order.retracted"

        def apply(self, order: Order) -> None:
            order.is_retracted = True

    # What we allow.

    @classmethod
    def place(cls, id: UUID, on: Occasion, lines: tuple[OrderLine, ...], **facts: Any) -> Self:
        if facts["kind"] is OrderKind.SALE:
            is_sale = all(line.quantity >= 0 and line.amount >= 0 for line in lines)
            on.must(is_sale, "order.negative_line", "A sale has no negative lines.")
        amount = sum((line.amount for line in lines), ZERO)
        return cls.begin(
            cls.Placed, on, id=id, lines=lines, line_count=len(lines), amount=amount, **facts
        )

    def confirm(self, on: Occasion) -> None:
        if self.status is OrderStatus.PLACED:
            self._must_stand(on)
            self.record(self.Confirmed, on, customer_id=self.customer_id)

    def allocate(self, number: int, quantity: Decimal, on: Occasion) -> None:
        self._must_stand(on)
        line = self._known(number, on)
        self._must_fit(line.allocated + quantity <= line.ordered.quantity, on)
        self.record(
            self.LineAllocated, on, customer_id=self.customer_id, line=number, quantity=quantity
        )

    def promise(self, day: date, on: Occasion) -> None:
        if day != self.promised_on:
            self._must_stand(on)
            on.must(self.promised_on is None, "order.promised", "Revise the promise instead.")
            self.record(self.DeliveryPromised, on, customer_id=self.customer_id, promised_on=day)

    def revise_promise(self, day: date, reason: str | None, on: Occasion) -> None:
        if self.promised_on is None:
            on.unknown("order.not_promised", "No day has been promised.")
        if day != self.promised_on:
            self._must_stand(on)
            self.record(
                self.PromiseRevised, on, customer_id=self.customer_id, promised_on=day,
                from_date=self.promised_on, reason=reason,
            )  # fmt: skip

    def ship(self, wanted: dict[int, Decimal] | None, on: Occasion) -> None:
        """Send out some quantities by line, or all that has not gone out yet."""
        inside = {n: line.ordered.quantity - line.shipped for n, line in self._numbered()}
        inside = {n: quantity for n, quantity in inside.items() if quantity > 0}
        if wanted is None and self.status in _OUT and not inside:
            return
        self._must_stand(on)
        on.must(self.placed.kind is OrderKind.SALE, "order.no_sale", "Only a sale is sent out.")
        on.must(self.status is not OrderStatus.PLACED, "order.unconfirmed", "It is not confirmed.")
        going = inside if wanted is None else wanted
        for number, quantity in going.items():
            self._known(number, on)
            self._must_fit(quantity <= inside.get(number, ZERO), on)
        is_complete = all(going.get(n, ZERO) >= quantity for n, quantity in inside.items())
        self.record(
            self.Shipped, on, customer_id=self.customer_id, lines=_quantities(going),
            is_complete=is_complete, promised_on=self.promised_on,
        )  # fmt: skip

    def deliver(self, wanted: dict[int, Decimal] | None, on: Occasion) -> None:
        """Note that some quantities have arrived, or all that went out."""
        outside = {n: line.shipped - line.delivered for n, line in self._numbered()}
        outside = {n: quantity for n, quantity in outside.items() if quantity > 0}
        if wanted is None and self.status in _OUT and not outside:
            return
        self._must_count(on)
        on.must(self.status in _OUT or outside, "order.not_shipped", "Nothing was sent out.")
        arriving = outside if wanted is None else wanted
        for number, quantity in arriving.items():
            self._known(number, on)
            self._must_fit(quantity <= outside.get(number, ZERO), on)
        is_complete = self.status in {OrderStatus.FULFILLED, OrderStatus.CLOSED} and all(
            arriving.get(n, ZERO) >= quantity for n, quantity in outside.items()
        )
        self.record(
            self.Delivered, on, customer_id=self.customer_id, lines=_quantities(arriving),
            is_complete=is_complete, promised_on=self.promised_on,
        )  # fmt: skip

    def take_back(self, wanted: dict[int, Decimal], reason: str | None, on: Occasion) -> None:
        self._must_count(on)
        on.must(self.placed.kind is OrderKind.SALE, "order.no_sale", "Only a sale can come back.")
        for number, quantity in wanted.items():
            line = self._known(number, on)
            on.must(
                quantity <= line.delivered - line.returned,
                "order.return_exceeds_delivery",
                "More would come back than was delivered.",
            )
        pieces = (self.line(n).back(n, quantity) for n, quantity in wanted.items())
        self._take_out(self.Returned, pieces, reason, on)

    def cancel(self, reason: str, on: Occasion) -> None:
        if self.status is OrderStatus.CANCELLED:
            return
        self._must_count(on)
        on.must(self.status in _INSIDE, "order.shipped", "It was sent out: take it back instead.")
        self._take_out(self.Cancelled, self._rest(), reason, on)

    def close(self, on: Occasion) -> None:
        if self.status is not OrderStatus.CLOSED:
            self._must_count(on)
            on.must(
                self.status is OrderStatus.FULFILLED, "order.unfulfilled", "It is not fulfilled."
            )
            self.record(self.Closed, on, customer_id=self.customer_id)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self._take_out(self.Retracted, self._rest(), reason, on)

    def line(self, number: int) -> LineState:
        """A line by its number, from 1; they become state when one is first asked for.

        Most orders of an import never hear of their lines again.
        """
        if not self.lines:
            self.lines = [LineState(line) for line in self.placed.lines]
        return self.lines[number - 1]

    def _known(self, number: int, on: Occasion) -> LineState:
        if number > self.placed.line_count:
            on.unknown("order.line_not_found", f"The order has no line {number}.")
        return self.line(number)

    def _numbered(self) -> Iterable[tuple[int, LineState]]:
        return ((n, self.line(n)) for n in range(1, self.placed.line_count + 1))

    def _rest(self) -> Iterable[LineBack]:
        return (line.rest(number) for number, line in self._numbered())

    def _take_out(
        self,
        kind: type[_TakenBack],
        pieces: Iterable[LineBack],
        reason: str | None,
        on: Occasion,
    ) -> None:
        lines = () if self._is_void() else tuple(pieces)
        self.record(
            kind, on, **{name: getattr(self.placed, name) for name in _COUNTED_BY}, lines=lines,
            amount=sum((line.amount for line in lines), ZERO), placed_at=self.created_on,
            reason=reason,
        )  # fmt: skip

    def _is_void(self) -> bool:
        """Whether its money was taken back before: it cannot be taken back twice."""
        return self.is_retracted or self.status is OrderStatus.CANCELLED

    def _must_count(self, on: Occasion) -> None:
        on.must(self.status is not OrderStatus.CANCELLED, "order.cancelled", "It is cancelled.")
        on.must(not self.is_retracted, "order.retracted", "It was taken back.")

    def _must_stand(self, on: Occasion) -> None:
        self._must_count(on)
        on.must(self.status is not OrderStatus.CLOSED, "order.closed", "It is closed.")

    def _must_fit(self, ok: object, on: Occasion) -> None:
        on.must(ok, "order.line_exceeded", "That is more than there is of this line.")


_INSIDE = {OrderStatus.PLACED, OrderStatus.CONFIRMED}
_OUT = {OrderStatus.PARTIALLY_FULFILLED, OrderStatus.FULFILLED, OrderStatus.CLOSED}


def _quantities(by_line: dict[int, Decimal]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(line, quantity) for line, quantity in by_line.items())
