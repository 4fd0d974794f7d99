"""What can be asked of an order."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.fields import plain
from crm_es.aggregates.party.customer import Scope
from crm_es.aggregates.sales.order import Order, OrderKind, OrderLine
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import (
    LINES_MAX,
    Amount,
    Code,
    Country,
    Currency,
    Handle,
    Id,
    Instant,
    Line,
    PositiveAmount,
    SourceId,
    UnitPrice,
)
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict, Invalid

_PLACES = Decimal("0.000001")
_SHAPE = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)


class OrderLineBody(BaseModel):
    """One line: an amount, or a quantity at a unit price. A given amount wins."""

    model_config = _SHAPE
    sku: Line | None = None
    product_id: Id | None = None
    description: Line | None = None
    quantity: Amount
    unit_price: UnitPrice | None = None
    amount: UnitPrice | None = None
    discount: Amount | None = Field(default=None, description="An amount already taken off.")
    discount_rate: UnitPrice | None = Field(default=None, description="0.15 is fifteen percent.")
    cost: UnitPrice | None = Field(default=None, description="What the whole line costs us.")
    line_at: Instant | None = Field(default=None, description="The line's own time, if it has one.")

    def as_line(self, number: int) -> OrderLine:
        """Raises Invalid if it cannot be said what the line stands for."""
        amount = self.amount
        if amount is None:
            if self.unit_price is None:
                pointer = f"/lines/{number - 1}"
                raise Invalid("order.line_amount", "An amount or a unit price.", pointer=pointer)
            rate = self.discount_rate or Decimal(0)
            amount = plain((self.quantity * self.unit_price * (1 - rate)).quantize(_PLACES))
        return OrderLine(
            self.sku, self.product_id, self.description, self.quantity, self.unit_price,
            self.discount, self.discount_rate, amount, self.cost, self.line_at,
        )  # fmt: skip


class QuantityBody(BaseModel):
    """So much of one line; lines are counted from 1."""

    model_config = _SHAPE
    line: Annotated[int, Field(ge=1, le=LINES_MAX)]
    quantity: PositiveAmount


Quantities = Annotated[list[QuantityBody], Field(min_length=1, max_length=LINES_MAX)]


class _OrderCommand(Command):
    TARGET = "order_id"
    order_id: Id

    def order(self, desk: Desk) -> Order:
        return desk.get(Order, self.order_id)


class PlaceOrder(Command):
    """Record an order, a return or an adjustment with its lines.

    Outside sales, quantities and prices may be negative. An order may have no customer.
    """

    TARGET = "order_id"
    order_id: Id
    kind: OrderKind = OrderKind.SALE
    number: SourceId | None = None
    customer_id: Id | None = None
    owner: Handle | None = None
    channel: Code | None = None
    place: Line | None = Field(default=None, description="A shop, a branch, a web site.")
    country: Country | None = None
    currency: Currency | None = None
    lines: Annotated[list[OrderLineBody], Field(min_length=1, max_length=LINES_MAX)]
    returns_order_id: Id | None = None
    campaign_id: Id | None = None
    opportunity_id: Id | None = None
    source: Code | None = None
    source_id: SourceId | None = None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.order_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        if desk.find(Order, self.order_id) is not None:
            raise Conflict("order.exists", f"Order {self.order_id} is placed.")
        known_customer(desk, self.customer_id, Scope.SALES)
        lines = tuple(body.as_line(n) for n, body in enumerate(self.lines, start=1))
        if self.kind is OrderKind.SALE:
            is_positive = all(line.quantity >= 0 and line.amount >= 0 for line in lines)
            desk.must(is_positive, "order.negative_line", "A sale has no negative lines.")
        Order.place(
            self.order_id, desk, lines, kind=self.kind, number=self.number,
            customer_id=self.customer_id, owner=self.owner, channel=self.channel,
            place=self.place, country=self.country, currency=self.currency or desk.currency,
            returns_order_id=self.returns_order_id, campaign_id=self.campaign_id,
            opportunity_id=self.opportunity_id, source=self.source, source_id=self.source_id,
        )  # fmt: skip


class ConfirmOrder(_OrderCommand):
    """Accept an order. A customer on credit hold gets none confirmed."""

    def decide(self, desk: Desk) -> None:
        order = self.order(desk)
        known_customer(desk, order.customer_id, Scope.CREDIT)
        order.confirm(desk)


class AllocateOrderLine(_OrderCommand):
    """Set stock aside for a line."""

    line: Annotated[int, Field(ge=1, le=LINES_MAX)]
    quantity: PositiveAmount

    def decide(self, desk: Desk) -> None:
        self.order(desk).allocate(self.line, self.quantity, desk)


class PromiseDelivery(_OrderCommand):
    """Promise a day of delivery, or another one."""

    deliver_on: date

    def decide(self, desk: Desk) -> None:
        self.order(desk).promise(self.deliver_on, desk)


class ShipOrder(_OrderCommand):
    """Send out some lines, or all that has not gone out yet."""

    lines: Quantities | None = None

    def decide(self, desk: Desk) -> None:
        self.order(desk).ship(_by_line(self.lines), desk)


class DeliverOrder(_OrderCommand):
    """Note that what went out has arrived."""

    def decide(self, desk: Desk) -> None:
        self.order(desk).deliver(desk)


class ReturnOrderLines(_OrderCommand):
    """Take delivered lines back; the amount that goes with them is taken back too."""

    lines: Quantities
    reason: Code | None = None
    owner: Handle | None = None

    def decide(self, desk: Desk) -> None:
        wanted = _by_line(self.lines) or {}
        self.order(desk).take_back(wanted, self.reason, self.owner, desk)


class CancelOrder(_OrderCommand):
    """Call an order off, before it is shipped."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.order(desk).cancel(self.reason, desk)


class CloseOrder(_OrderCommand):
    """Close a fulfilled order."""

    def decide(self, desk: Desk) -> None:
        self.order(desk).close(desk)


class RetractOrder(_OrderCommand):
    """Take back an order that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.order(desk).retract(self.reason, desk)


def _by_line(bodies: list[QuantityBody] | None) -> dict[int, Decimal] | None:
    if bodies is None:
        return None
    wanted: dict[int, Decimal] = {}
    for body in bodies:
        wanted[body.line] = wanted.get(body.line, Decimal(0)) + body.quantity
    return wanted


COMMANDS = (
    PlaceOrder, ConfirmOrder, AllocateOrderLine, PromiseDelivery, ShipOrder, DeliverOrder,
    ReturnOrderLines, CancelOrder, CloseOrder, RetractOrder,
)  # fmt: skip
