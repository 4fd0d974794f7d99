"""An order: what was bought, delivered, taken back, each line with the amount it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Price, plain

ZERO = Decimal(0)


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


@dataclass(frozen=True)
class OrderLine:
    """One line. ``amount`` is what counts: as given, or quantity x price x (1 - discount rate)."""

    sku: Plain | None
    product_id: UUID | None
    description: Plain | None
    quantity: Decimal
    unit_price: Price | None
    discount: Decimal | None
    discount_rate: Price | None
    amount: Price
    cost: Price | None
    line_at: datetime | None


@dataclass(frozen=True)
class LineQuantity:
    """So much of one line, with the part of its amount and cost that goes with it."""

    line: int
    sku: Plain | None
    quantity: Decimal
    amount: Price
    cost: Price | None


class LineState:
    """What rules remember of a line: what it stands for, and how much went out and came back."""

    __slots__ = ("amount", "cost", "delivered", "quantity", "returned", "shipped", "sku")

    def __init__(self, line: OrderLine) -> None:
        self.sku, self.quantity = line.sku, line.quantity
        self.amount, self.cost = line.amount, line.cost
        self.shipped = self.delivered = self.returned = ZERO

    def part(self, number: int, quantity: Decimal) -> LineQuantity:
        """A quantity of this line, with its share of the money."""
        share = quantity / self.quantity if self.quantity else Decimal(1)
        cost = None if self.cost is None else _six_places(self.cost * share)
        return LineQuantity(number, self.sku, quantity, _six_places(self.amount * share), cost)


class Order(Aggregate):
    """Placed -> confirmed -> (partially) fulfilled -> closed, or cancelled before it is shipped."""

    TOPIC = "order"

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.kind = OrderKind.SALE
        self.status = OrderStatus.PLACED
        self.currency = ""
        self.placed: tuple[OrderLine, ...] = ()
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
        amount: Price
        returns_order_id: UUID | None
        campaign_id: UUID | None
        opportunity_id: UUID | None
        source: Plain | None
        source_id: Plain | None

        def apply(self, order: Order) -> None:
            order.customer_id, order.kind = self.customer_id, self.kind
            order.currency, order.placed = self.currency, self.lines
            order.lines = []

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
            """No rule reads it."""

    class DeliveryPromised(Aggregate.Event):
        TOPIC = "order.delivery_promised"
        customer_id: UUID | None
        from_date: date | None
        to_date: date

        def apply(self, order: Order) -> None:
            order.promised_on = self.to_date

    class Shipped(Aggregate.Event):
        TOPIC = "order.shipped"
        customer_id: UUID | None
        lines: tuple[LineQuantity, ...]
        is_complete: bool
        promised_on: date | None

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line(part.line).shipped += part.quantity
            order.status = (
                OrderStatus.FULFILLED if self.is_complete else OrderStatus.PARTIALLY_FULFILLED
            )

    class Delivered(Aggregate.Event):
        TOPIC = "order.delivered"
        customer_id: UUID | None
        lines: tuple[LineQuantity, ...]
        promised_on: date | None

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line(part.line).delivered += part.quantity

    class Returned(Aggregate.Event):
        TOPIC = "order.returned"
        customer_id: UUID | None
        owner: Plain | None
        currency: Plain
        lines: tuple[LineQuantity, ...]
        amount: Price
        reason: Plain | None

        def apply(self, order: Order) -> None:
            for part in self.lines:
                order.line(part.line).returned += part.quantity

    class Cancelled(Aggregate.Event):
        TOPIC = "order.cancelled"
        customer_id: UUID | None
        kind: OrderKind
        currency: Plain
        lines: tuple[LineQuantity, ...]
        amount: Price
        reason: Plain

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CANCELLED

    class Closed(Aggregate.Event):
        TOPIC = "order.closed"
        customer_id: UUID | None

        def apply(self, order: Order) -> None:
            order.status = OrderStatus.CLOSED

    class Retracted(Aggregate.Event):
        TOPIC = "order.retracted"
        customer_id: UUID | None
        kind: OrderKind
        currency: Plain
        lines: tuple[LineQuantity, ...]
        amount: Price
        reason: Plain

        def apply(self, order: Order) -> None:
            order.is_retracted = True

    # What we allow.

    @classmethod
    def place(cls, id: UUID, on: Occasion, lines: tuple[OrderLine, ...], **facts: Any) -> Self:
        amount = sum((line.amount for line in lines), ZERO)
        return cls.begin(cls.Placed, on, id=id, lines=lines, amount=amount, **facts)

    def confirm(self, on: Occasion) -> None:
        if self.status is OrderStatus.PLACED:
            self._must_stand(on)
            self.record(self.Confirmed, on, customer_id=self.customer_id)

    def allocate(self, line: int, quantity: Decimal, on: Occasion) -> None:
        self._must_stand(on)
        on.must(
            quantity <= self.line(line, on).quantity, "order.line_exceeded", "That is too much."
        )
        self.record(
            self.LineAllocated, on, customer_id=self.customer_id, line=line, quantity=quantity
        )

    def promise(self, to: date, on: Occasion) -> None:
        self._must_stand(on)
        if to != self.promised_on:
            self.record(
                self.DeliveryPromised, on, customer_id=self.customer_id,
                from_date=self.promised_on, to_date=to,
            )  # fmt: skip

    def ship(self, wanted: dict[int, Decimal] | None, on: Occasion) -> None:
        """Send out some quantities by line, or all that has not gone out yet."""
        self._must_stand(on)
        on.must(self.status is not OrderStatus.PLACED, "order.unconfirmed", "It is not confirmed.")
        open_ = {n: line.quantity - line.shipped for n, line in self._numbered() if line.quantity}
        going = {n: q for n, q in open_.items() if q > 0} if wanted is None else wanted
        for number, quantity in going.items():
            self.line(number, on)
            on.must(quantity <= open_.get(number, ZERO), "order.line_exceeded", "That is too much.")
        if going:
            left = sum(open_.values(), ZERO) - sum(going.values(), ZERO)
            self.record(
                self.Shipped, on, customer_id=self.customer_id, lines=self._parts(going),
                is_complete=left <= 0, promised_on=self.promised_on,
            )  # fmt: skip

    def deliver(self, on: Occasion) -> None:
        """Note that all that went out has arrived."""
        under_way = {
            n: line.shipped - line.delivered
            for n, line in self._numbered()
            if line.shipped > line.delivered
        }
        on.must(
            under_way or self.status in _OUT, "order.not_shipped", "Nothing of it is under way."
        )
        if under_way:
            self.record(
                self.Delivered, on, customer_id=self.customer_id, lines=self._parts(under_way),
                promised_on=self.promised_on,
            )  # fmt: skip

    def take_back(
        self, wanted: dict[int, Decimal], reason: str | None, owner: str | None, on: Occasion
    ) -> None:
        on.must(self.kind is OrderKind.SALE, "order.no_sale", "Only a sale can come back.")
        for number, quantity in wanted.items():
            line = self.line(number, on)
            on.must(
                quantity <= line.delivered - line.returned,
                "order.return_exceeds_delivery",
                "More would come back than was delivered.",
            )
        lines = self._parts(wanted)
        self.record(
            self.Returned, on, customer_id=self.customer_id, owner=owner, currency=self.currency,
            lines=lines, amount=_sum(lines), reason=reason,
        )  # fmt: skip

    def cancel(self, reason: str, on: Occasion) -> None:
        if self.status is OrderStatus.CANCELLED:
            return
        on.must(
            self.status in {OrderStatus.PLACED, OrderStatus.CONFIRMED},
            "order.shipped",
            "It has been shipped: take it back instead.",
        )
        self._take_out(self.Cancelled, reason, on)

    def close(self, on: Occasion) -> None:
        if self.status is OrderStatus.CLOSED:
            return
        on.must(self.status is OrderStatus.FULFILLED, "order.unfulfilled", "It is not fulfilled.")
        self.record(self.Closed, on, customer_id=self.customer_id)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self._take_out(self.Retracted, reason, on)

    def line(self, number: int, on: Occasion | None = None) -> LineState:
        """A line by its number, from 1; the lines become state when they are first asked for."""
        if not self.lines:
            self.lines = [LineState(line) for line in self.placed]
        if on is not None and not 1 <= number <= len(self.lines):
            on.unknown("order.line_not_found", f"The order has no line {number}.")
        return self.lines[number - 1]

    def _numbered(self) -> list[tuple[int, LineState]]:
        return [(n, self.line(n)) for n in range(1, len(self.placed) + 1)]

    def _parts(self, quantities: dict[int, Decimal]) -> tuple[LineQuantity, ...]:
        return tuple(self.line(n).part(n, quantity) for n, quantity in quantities.items())

    def _take_out(self, kind: type[Aggregate.Event], reason: str, on: Occasion) -> None:
        """What is still counted of the order, line by line: a cancelled one counts for nothing."""
        if self.status is OrderStatus.CANCELLED:
            lines: tuple[LineQuantity, ...] = ()
        else:
            lines = self._parts({n: line.quantity - line.returned for n, line in self._numbered()})
        self.record(
            kind, on, customer_id=self.customer_id, kind=self.kind, currency=self.currency,
            lines=lines, amount=_sum(lines), reason=reason,
        )  # fmt: skip

    def _must_stand(self, on: Occasion) -> None:
        on.must(self.status is not OrderStatus.CANCELLED, "order.cancelled", "It is cancelled.")
        on.must(self.status is not OrderStatus.CLOSED, "order.closed", "It is closed.")
        on.must(not self.is_retracted, "order.retracted", "It was taken back.")


_OUT = {OrderStatus.PARTIALLY_FULFILLED, OrderStatus.FULFILLED, OrderStatus.CLOSED}
_PLACES = Decimal("0.000001")


def _six_places(amount: Decimal) -> Decimal:
    return plain(amount.quantize(_PLACES))


def _sum(lines: tuple[LineQuantity, ...]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
