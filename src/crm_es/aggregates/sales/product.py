"""A product: what is sold, at which price, from its draft to the end of its life."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Price


class ProductStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    END_OF_SALE = "end_of_sale"
    END_OF_LIFE = "end_of_life"


_ORDER = tuple(ProductStatus)


class Product(Aggregate):
    """One thing with a SKU. Draft -> active -> end of sale -> end of life, never back."""

    TOPIC = "product"

    def __init__(self) -> None:
        self.sku = ""
        self.name: str | None = None
        self.category: str | None = None
        self.price: Decimal | None = None
        self.cost: Decimal | None = None
        self.currency = ""
        self.status = ProductStatus.DRAFT
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ()

    class Registered(Event, AggregateCreated):
        TOPIC = "product.registered"
        sku: Plain
        name: Plain | None
        category: Plain | None
        price: Price | None
        cost: Price | None
        currency: Plain
        status: ProductStatus
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]

        def apply(self, product: Product) -> None:
            product.sku, product.name, product.category = self.sku, self.name, self.category
            product.price, product.cost = self.price, self.cost
            product.currency, product.status = self.currency, self.status

    class Renamed(Event):
        TOPIC = "product.renamed"
        name: Plain

        def apply(self, product: Product) -> None:
            product.name = self.name

    class Recategorised(Event):
        TOPIC = "product.recategorised"
        from_category: Plain | None
        to_category: Plain | None

        def apply(self, product: Product) -> None:
            product.category = self.to_category

    class PriceChanged(Event):
        TOPIC = "product.price_changed"
        from_price: Price | None
        to_price: Price
        currency: Plain

        def apply(self, product: Product) -> None:
            product.price = self.to_price

    class CostChanged(Event):
        TOPIC = "product.cost_changed"
        from_cost: Price | None
        to_cost: Price
        currency: Plain

        def apply(self, product: Product) -> None:
            product.cost = self.to_cost

    class StatusChanged(Event):
        TOPIC = "product.status_changed"
        from_status: ProductStatus
        to_status: ProductStatus

        def apply(self, product: Product) -> None:
            product.status = self.to_status

    class Retracted(Event):
        TOPIC = "product.retracted"
        reason: Plain

        def apply(self, product: Product) -> None:
            product.is_retracted = True

    # What we allow.

    @classmethod
    def register(cls, id: UUID, on: Occasion, **description: Any) -> Self:
        return cls.begin(cls.Registered, on, id=id, **description)

    def rename(self, name: str, on: Occasion) -> None:
        if name != self.name:
            self.record(self.Renamed, on, name=name)

    def recategorise(self, category: str | None, on: Occasion) -> None:
        if category != self.category:
            self.record(self.Recategorised, on, from_category=self.category, to_category=category)

    def change_price(self, price: Decimal, on: Occasion) -> None:
        on.must(
            self.status is not ProductStatus.END_OF_LIFE,
            "product.ended",
            "It is not sold any more.",
        )
        if price != self.price:
            self.record(
                self.PriceChanged, on, from_price=self.price, to_price=price,
                currency=self.currency,
            )  # fmt: skip

    def change_cost(self, cost: Decimal, on: Occasion) -> None:
        if cost != self.cost:
            self.record(
                self.CostChanged, on, from_cost=self.cost, to_cost=cost, currency=self.currency
            )

    def advance(self, status: ProductStatus, on: Occasion) -> None:
        if status is self.status:
            return
        on.must(
            _ORDER.index(status) > _ORDER.index(self.status),
            "product.status_order",
            f"A product that is {self.status} cannot become {status}.",
        )
        self.record(self.StatusChanged, on, from_status=self.status, to_status=status)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, reason=reason)
