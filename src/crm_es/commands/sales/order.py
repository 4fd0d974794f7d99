"""What can be asked of an order."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.party.restrictions import Scope
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.order_line import WORTH_MAX, ZERO, OrderLine, net
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import (
    LINES_MAX,
    Amount,
    Code,
    Country,
    Currency,
    Day,
    Handle,
    Id,
    Instant,
    Line,
    SourceId,
    UnitPrice,
)
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict, Invalid

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
    discount: UnitPrice | None = Field(default=None, description="A sum taken off, in money.")
    discount_rate: UnitPrice | None = Field(default=None, description="0.15 is fifteen percent.")
    cost: UnitPrice | None = Field(default=None, description="What the whole line costs us.")
    line_at: Instant | None = Field(default=None, description="The line's own time, if it has one.")

    def as_line(self, index: int) -> OrderLine:
        """Raises Invalid if it cannot be said what the line stands for, or it is beyond limits."""
        if self.unit_price is None and self.amount is not None:
            return OrderLine.of(vars(self))  # neither is ever changed, and its type bounds it
        amount, discount = self.amount, self.discount
        if self.unit_price is not None:
            worth, discount = net(self.quantity, self.unit_price, self.discount_rate, discount)
            amount = worth if amount is None else amount
        if amount is None:
            raise Invalid(
                "order.line_amount", "An amount or a unit price is needed.",
                pointer=f"/lines/{index}",
            )  # fmt: skip
        if abs(amount) >= WORTH_MAX or (discount is not None and abs(discount) >= WORTH_MAX):
            raise Invalid("order.worth", "That is beyond any order.", pointer=f"/lines/{index}")
        # The fields are those of an OrderLine; a test holds them together.
        return OrderLine.of({**vars(self), "discount": discount, "amount": amount})


class QuantityBody(BaseModel):
    """So much of one line; lines are counted from 1."""

    model_config = _SHAPE
    line: Annotated[int, Field(ge=1, le=LINES_MAX)]
    quantity: Annotated[Amount, Field(gt=0)]


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
    returns_order_id: Id | None = Field(default=None, description="The sale a return belongs to.")
    campaign_id: Id | None = None
    opportunity_id: Id | None = None
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        ids = mentioned(self.order_id, self.customer_id, self.returns_order_id, self.opportunity_id)
        return (*ids, *definitions("order", self.attributes))

    def decide(self, desk: Desk) -> None:
        if desk.standing(Order, self.order_id) is not None:
            raise Conflict("order.exists", f"Order {self.order_id} is placed.")
        known_customer(desk, self.customer_id, Scope.SALES)
        if not desk.is_history:
            self._check_references(desk)
        plain, sealed = sort_attributes("order", self.attributes, desk)
        lines = tuple(body.as_line(n) for n, body in enumerate(self.lines))
        if abs(sum([line.amount for line in lines], ZERO)) >= WORTH_MAX:
            raise Invalid("order.worth", "That is beyond any order.", pointer="/lines")
        Order.place(
            self.order_id, desk, lines, kind=self.kind, number=self.number,
            customer_id=self.customer_id, owner=self.owner, channel=self.channel,
            place=self.place, country=self.country, currency=self.currency or desk.currency,
            returns_order_id=self.returns_order_id, campaign_id=self.campaign_id,
            opportunity_id=self.opportunity_id, source=self.source, source_id=self.source_id,
            attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip

    def _check_references(self, desk: Desk) -> None:
        """History may name a sale or a deal that was never told."""
        if self.opportunity_id is not None:
            desk.get(Opportunity, self.opportunity_id)
        if self.returns_order_id is not None:
            sale = desk.get(Order, self.returns_order_id)
            is_theirs = sale.kind is OrderKind.SALE and sale.customer_id == self.customer_id
            is_return = self.kind is OrderKind.RETURN
            desk.must(is_return, "order.no_return", "Only a return takes an order back.")
            desk.must(is_theirs, "order.returns_other", "That is no sale to this customer.")


class ConfirmOrder(_OrderCommand):
    """Accept an order. A customer on credit hold gets none confirmed."""

    def decide(self, desk: Desk) -> None:
        order = self.order(desk)
        known_customer(desk, order.customer_id, Scope.CREDIT)
        order.confirm(desk)


class AllocateOrderLine(_OrderCommand):
    """Set stock aside for a line."""

    line: Annotated[int, Field(ge=1, le=LINES_MAX)]
    quantity: Annotated[Amount, Field(gt=0)]

    def decide(self, desk: Desk) -> None:
        self.order(desk).allocate(self.line, self.quantity, desk)


class PromiseDelivery(_OrderCommand):
    """Promise a day of delivery."""

    deliver_on: Day

    def decide(self, desk: Desk) -> None:
        self.order(desk).promise(self.deliver_on, desk)


class RevisePromise(_OrderCommand):
    """Promise another day than the one promised before."""

    deliver_on: Day
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.order(desk).revise_promise(self.deliver_on, self.reason, desk)


class ShipOrder(_OrderCommand):
    """Send out some quantities of lines, or all that has not gone out yet."""

    lines: Quantities | None = None

    def decide(self, desk: Desk) -> None:
        self.order(desk).ship(_by_line(self.lines), desk)


class DeliverOrder(_OrderCommand):
    """Note that some quantities have arrived, or all that went out."""

    lines: Quantities | None = None

    def decide(self, desk: Desk) -> None:
        self.order(desk).deliver(_by_line(self.lines), desk)


class ReturnOrderLines(_OrderCommand):
    """Take delivered lines back; the money that goes with them is taken back too."""

    lines: Quantities
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.order(desk).take_back(_by_line(self.lines) or {}, self.reason, desk)


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
    PlaceOrder, ConfirmOrder, AllocateOrderLine, PromiseDelivery, RevisePromise, ShipOrder,
    DeliverOrder, ReturnOrderLines, CancelOrder, CloseOrder, RetractOrder,
)  # fmt: skip
