"""Leads, deals on pipelines, orders, products."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from crm_es.interfaces.http.shapes.pages import Shape, Text
from crm_es.interfaces.http.shapes.rows import Described, Money, Row, Sourced


class Lead(Described):
    customer_id: UUID | None
    """Who it became."""
    origin: str | None
    page: str | None
    campaign_id: UUID | None
    campaign: str | None
    name: Text | None
    company: Text | None
    email: Text | None
    phone: Text | None
    owner: str | None
    stage: str
    reached: int
    """The furthest step it ever got to, counted from 0."""
    score: int | None
    model: str | None
    opportunity_id: UUID | None
    reason: str | None


class Step(Shape):
    step: str
    leads: int
    """That ever got so far."""


class Funnel(Shape):
    steps: list[Step]
    stages: dict[str, int]
    """Where they stand now."""


class Opportunity(Described):
    customer_id: UUID | None
    pipeline_id: UUID | None
    edition: int
    """Of the pipeline, as the deal pinned it."""
    title: Text | None
    owner: str | None
    product: str | None
    stage: str
    probability: Money
    amount: Money | None
    currency: str
    expected_close_on: date | None
    lead_id: UUID | None
    campaign_id: UUID | None
    origin: str | None
    campaign: str | None
    content: str | None
    term: str | None
    status: str
    pushes: int
    """How often its close date was moved later."""
    decided_at: datetime | None
    reason: str | None
    order_id: UUID | None
    competitors: list[str]


class Stay(Shape):
    """A stage a deal stood in."""

    stage: str
    at: datetime
    event: str
    """What brought it there."""
    by: str
    amount: Money | None
    currency: str
    seconds: int | None
    """None while it stands there, and where a time is unknown."""


class Pipeline(Row):
    """A pipeline in its newest edition."""

    name: str
    edition: int
    stages: list[dict[str, Any]]
    reasons: list[str]
    """For losing a deal."""
    is_retired: bool


class Worth(Shape):
    amount: Money
    weighted: Money
    """Each deal's amount times its probability."""


class Reported(Worth):
    """All of it in the reporting currency, at the rates of today."""

    currency: str
    without_rate: list[str]
    """Currencies that are not in it, for want of a rate."""


class Deals(Shape):
    deals: int
    amounts: dict[str, Worth]
    """By currency."""
    reported: Reported


class Column(Deals):
    """The deals of one stage."""

    stage: str
    kind: Literal["open", "won", "lost"]
    probability: Money | None
    """None: a stage of an earlier edition with deals still on it."""
    on_hold: int


class Board(Shape):
    """A pipeline's deals by stage."""

    id: UUID
    name: str
    edition: int
    is_retired: bool
    stages: list[Column]
    open: Deals
    abandoned: Deals


class Order(Described):
    customer_id: UUID | None
    kind: str
    number: str | None
    owner: str | None
    channel: str | None
    place: str | None
    country: str | None
    currency: str
    line_count: int
    amount: Money
    """What still counts of it: without what was returned or cancelled."""
    returns_order_id: UUID | None
    campaign_id: UUID | None
    opportunity_id: UUID | None
    status: str
    placed_amount: Money
    returned_amount: Money
    promised_on: date | None
    is_delivered: bool
    reason: str | None


class OrderTotal(Shape):
    status: str
    currency: str
    orders: int
    amount: Money


class OrderTotals(Shape):
    items: list[OrderTotal]


class OrderLine(Shape):
    """One line of an order, and how much of it was set aside, sent, delivered and returned."""

    line: int
    sku: str | None
    product_id: UUID | None
    description: str | None
    quantity: Money
    unit_price: Money | None
    discount: Money | None
    discount_rate: Money | None
    amount: Money
    cost: Money | None
    line_at: datetime | None
    allocated: Money
    shipped: Money
    delivered: Money
    returned: Money


class Product(Sourced):
    sku: str
    name: str | None
    category: str | None
    price: Money | None
    cost: Money | None
    currency: str
    status: str
    attributes: dict[str, Any]
    parts: list[dict[str, Any]] | None
    """Of a bundle, what it is made of."""
