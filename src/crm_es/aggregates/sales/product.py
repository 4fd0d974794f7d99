"""A product: what is sold, at which price, from its draft to the end of its life."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Part:
    """So many of another product, inside a bundle."""

    product_id: UUID
    quantity: Decimal


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
        self.attributes: dict[str, Any] = {}
        self.parts: tuple[Part, ...] = ()
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
            product.attributes = dict(self.attributes)

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

    class AttributesChanged(Event):
        TOPIC = "product.attributes_changed"
        attributes: dict[Plain, Any]

        def apply(self, product: Product) -> None:
            product.attributes.update(self.attributes)

    class Bundled(Event):
        TOPIC = "product.bundled"
        parts: tuple[Part, ...]

        def apply(self, product: Product) -> None:
            product.parts = self.parts

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
    def register(cls, id: UUID, on: Occasion, /, **description: Any) -> Self:
        return cls.begin(cls.Registered, on, id, description)

    def rename(self, name: str, on: Occasion) -> None:
        if name != self.name:
            self._must_count(on)
            self.record(self.Renamed, on, name=name)

    def recategorise(self, category: str | None, on: Occasion) -> None:
        if category != self.category:
            self._must_count(on)
            self.record(self.Recategorised, on, from_category=self.category, to_category=category)

    def change_price(self, price: Decimal, on: Occasion) -> None:
        if price != self.price:
            self._must_be_alive(on)
            self.record(
                self.PriceChanged, on, from_price=self.price, to_price=price,
                currency=self.currency,
            )  # fmt: skip

    def change_cost(self, cost: Decimal, on: Occasion) -> None:
        if cost != self.cost:
            self._must_be_alive(on)
            self.record(
                self.CostChanged, on, from_cost=self.cost, to_cost=cost, currency=self.currency
            )

    def change_attributes(self, attributes: dict[str, Any], on: Occasion) -> None:
        new = {name: value for name, value in attributes.items() if self._lacks(name, value)}
        if new:
            self._must_count(on)
            self.record(self.AttributesChanged, on, attributes=new)

    def bundle(self, parts: tuple[Part, ...], on: Occasion) -> None:
        """What it consists of from now on; nothing, if it is no bundle any more."""
        if parts != self.parts:
            self._must_be_alive(on)
            self.record(self.Bundled, on, parts=parts)

    def advance(self, status: ProductStatus, on: Occasion) -> None:
        """One step at a time, never back."""
        if status is self.status:
            return
        self._must_count(on)
        on.must(
            _ORDER.index(status) == _ORDER.index(self.status) + 1,
            "product.status_order",
            f"A product that is {self.status} cannot become {status}.",
        )
        self.record(self.StatusChanged, on, from_status=self.status, to_status=status)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, reason=reason)

    def _lacks(self, name: str, value: Any) -> bool:
        return name not in self.attributes or self.attributes[name] != value

    def _must_be_alive(self, on: Occasion) -> None:
        self._must_count(on)
        is_alive = self.status is not ProductStatus.END_OF_LIFE
        on.must(is_alive, "product.ended", "It is not sold any more.")

    def _must_count(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "product.retracted", "It was taken back.")
