"""How an order is fulfilled: stock set aside, a day promised, lines sent out and arrived."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain
from crm_es.aggregates.sales.order_line import ZERO, LineQuantity
from crm_es.aggregates.sales.order_state import OrderKind, OrderState, OrderStatus


class Fulfilment(OrderState):
    """Each line is allocated, shipped and delivered by quantities, never more than there is."""

    # What can happen, and the little of it that later decisions need.

    class LineAllocated(Aggregate.Event):
        TOPIC = "order.line_allocated"
        customer_id: UUID | None
        line: int
        quantity: Decimal

        def apply(self, order: Fulfilment) -> None:
            order.line_to_change(self.line).allocated += self.quantity

    class DeliveryPromised(Aggregate.Event):
        TOPIC = "order.delivery_promised"
        customer_id: UUID | None
        promised_on: date

        def apply(self, order: Fulfilment) -> None:
            order.promised_on = self.promised_on

    class PromiseRevised(Aggregate.Event):
        TOPIC = "order.promise_revised"
        customer_id: UUID | None
        from_date: date
        promised_on: date
        reason: Plain | None

        def apply(self, order: Fulfilment) -> None:
            order.promised_on = self.promised_on

    class Shipped(Aggregate.Event):
        TOPIC = "order.shipped"
        customer_id: UUID | None
        lines: tuple[LineQuantity, ...]
        is_complete: bool
        promised_on: date | None

        def apply(self, order: Fulfilment) -> None:
            for part in self.lines:
                order.line_to_change(part.line).shipped += part.quantity
            whole, some = OrderStatus.FULFILLED, OrderStatus.PARTIALLY_FULFILLED
            order.status = whole if self.is_complete else some

    class Delivered(Aggregate.Event):
        TOPIC = "order.delivered"
        customer_id: UUID | None
        lines: tuple[LineQuantity, ...]
        is_complete: bool
        promised_on: date | None

        def apply(self, order: Fulfilment) -> None:
            for part in self.lines:
                order.line_to_change(part.line).delivered += part.quantity

    # What we allow.

    def allocate(self, number: int, quantity: Decimal, on: Occasion) -> None:
        line = self._known(number, on)
        self._must_stand(on)
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
        going = self._taken(inside, wanted, on)
        self._must_stand(on)
        on.must(self.kind is OrderKind.SALE, "order.no_sale", "Only a sale is sent out.")
        on.must(self.status is not OrderStatus.PLACED, "order.unconfirmed", "It is not confirmed.")
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
        arriving = self._taken(outside, wanted, on)
        self._must_count(on)
        on.must(self.status in _OUT or outside, "order.not_shipped", "Nothing was sent out.")
        is_complete = self.status in {OrderStatus.FULFILLED, OrderStatus.CLOSED} and all(
            arriving.get(n, ZERO) >= quantity for n, quantity in outside.items()
        )
        self.record(
            self.Delivered, on, customer_id=self.customer_id, lines=_quantities(arriving),
            is_complete=is_complete, promised_on=self.promised_on,
        )  # fmt: skip

    def _taken(
        self, there: dict[int, Decimal], wanted: dict[int, Decimal] | None, on: Occasion
    ) -> dict[int, Decimal]:
        """What is wanted of what is there by line, or all of it."""
        if wanted is None:
            return there
        for number, quantity in wanted.items():
            self._known(number, on)
            self._must_fit(quantity <= there.get(number, ZERO), on)
        return wanted


_OUT = {OrderStatus.PARTIALLY_FULFILLED, OrderStatus.FULFILLED, OrderStatus.CLOSED}


def _quantities(by_line: dict[int, Decimal]) -> tuple[LineQuantity, ...]:
    return tuple(LineQuantity(line, quantity) for line, quantity in by_line.items())
