"""What can be asked of a product."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.sales.product import Part, Product, ProductStatus
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Amount, Code, Currency, Id, Line, SourceId, UnitPrice
from crm_es.errors import Conflict, Invalid

PARTS_MAX, BUNDLE_MAX = 100, 1_000
SKU = "product.sku"


class _ProductCommand(Command):
    TARGET = "product_id"
    product_id: Id

    def product(self, desk: Desk) -> Product:
        return desk.get(Product, self.product_id)


class RegisterProduct(Command):
    """Put a product into the catalogue. Its SKU belongs to it alone."""

    TARGET = "product_id"
    product_id: Id
    sku: Line
    name: Line | None = None
    category: Code | None = None
    price: UnitPrice | None = Field(default=None, description="List price of one unit.")
    cost: UnitPrice | None = Field(default=None, description="What one unit costs us.")
    currency: Currency | None = None
    status: ProductStatus = ProductStatus.DRAFT
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        return (self.product_id, *definitions("product", self.attributes))

    def decide(self, desk: Desk) -> None:
        if desk.standing(Product, self.product_id) is not None:
            raise Conflict("product.exists", f"Product {self.product_id} is registered.")
        desk.claim(SKU, self.sku, self.product_id)
        plain = _impersonal(self.attributes, desk)
        Product.register(
            self.product_id, desk, sku=self.sku, name=self.name, category=self.category,
            price=self.price, cost=self.cost, currency=self.currency or desk.currency,
            status=self.status, source=self.source, source_id=self.source_id, attributes=plain,
        )  # fmt: skip


class RenameProduct(_ProductCommand):
    """Give a product another name."""

    name: Line

    def decide(self, desk: Desk) -> None:
        self.product(desk).rename(self.name, desk)


class RecategoriseProduct(_ProductCommand):
    """Put a product into another category."""

    category: Code | None

    def decide(self, desk: Desk) -> None:
        self.product(desk).recategorise(self.category, desk)


class ChangeProductPrice(_ProductCommand):
    """Change the list price from the command's time on."""

    price: UnitPrice

    def decide(self, desk: Desk) -> None:
        self.product(desk).change_price(self.price, desk)


class ChangeProductCost(_ProductCommand):
    """Change what a unit costs us from the command's time on."""

    cost: UnitPrice

    def decide(self, desk: Desk) -> None:
        self.product(desk).change_cost(self.cost, desk)


class ReleaseProduct(_ProductCommand):
    """Put a product on sale."""

    def decide(self, desk: Desk) -> None:
        self.product(desk).advance(ProductStatus.ACTIVE, desk)


class EndProductSale(_ProductCommand):
    """Stop selling a product; it is still looked after."""

    def decide(self, desk: Desk) -> None:
        self.product(desk).advance(ProductStatus.END_OF_SALE, desk)


class EndProductLife(_ProductCommand):
    """Stop looking after a product."""

    def decide(self, desk: Desk) -> None:
        self.product(desk).advance(ProductStatus.END_OF_LIFE, desk)


class ChangeProductAttributes(_ProductCommand):
    """Set custom attributes; those not named stay as they are."""

    attributes: Annotated[Attributes, Field(min_length=1)]

    def reads(self) -> Iterable[UUID]:
        return (self.product_id, *definitions("product", self.attributes))

    def decide(self, desk: Desk) -> None:
        self.product(desk).change_attributes(_impersonal(self.attributes, desk), desk)


class PartBody(BaseModel):
    """So many of another product."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    product_id: Id
    quantity: Annotated[Amount, Field(gt=0)]


class BundleProducts(_ProductCommand):
    """Say what a product consists of; no product contains itself. No parts, and it is no bundle."""

    parts: Annotated[list[PartBody], Field(max_length=PARTS_MAX)]

    def decide(self, desk: Desk) -> None:
        product = self.product(desk)
        parts = tuple(Part(part.product_id, part.quantity) for part in self.parts)
        if len({part.product_id for part in parts}) < len(parts):
            raise Invalid("product.part_twice", "A product is named twice.", pointer="/parts")
        _check_acyclic(self.product_id, parts, desk)
        product.bundle(parts, desk)


class RetractProduct(_ProductCommand):
    """Take back a product that was registered by mistake; its SKU is free again."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        product = self.product(desk)
        product.retract(self.reason, desk)
        desk.release(SKU, product.sku, self.product_id)


def _impersonal(attributes: dict[str, Any], desk: Desk) -> dict[str, Any]:
    plain, sealed = sort_attributes("product", attributes, desk)
    if sealed:
        raise Conflict("attribute.sealed", "Nothing personal belongs to a product.")
    return plain


def _check_acyclic(id: UUID, parts: tuple[Part, ...], desk: Desk) -> None:
    inside, seen = [part.product_id for part in parts], set[UUID]()
    while inside:
        below = inside.pop()
        if below == id:
            raise Conflict("product.bundle_cycle", "It would contain itself.", pointer="/parts")
        if below in seen:
            continue
        seen.add(below)
        if len(seen) > BUNDLE_MAX:
            raise Conflict("product.bundle_too_large", f"{BUNDLE_MAX} products are the limit.")
        inside += (part.product_id for part in desk.get(Product, below).parts)


COMMANDS = (
    RegisterProduct, RenameProduct, RecategoriseProduct, ChangeProductPrice, ChangeProductCost,
    ChangeProductAttributes, BundleProducts, ReleaseProduct, EndProductSale, EndProductLife,
    RetractProduct,
)  # fmt: skip
