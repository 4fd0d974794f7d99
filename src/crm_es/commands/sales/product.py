"""What can be asked of a product."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.sales.product import Product, ProductStatus
from crm_es.commands.attributes import Attributes, definition_id, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Currency, Id, Line, SourceId, UnitPrice
from crm_es.errors import Conflict


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
        return (self.product_id, *(definition_id("product", name) for name in self.attributes))

    def decide(self, desk: Desk) -> None:
        if desk.find(Product, self.product_id) is not None:
            raise Conflict("product.exists", f"Product {self.product_id} is registered.")
        desk.claim("product.sku", self.sku, self.product_id)
        plain, sealed = sort_attributes("product", self.attributes, desk)
        desk.must(not sealed, "attribute.sealed", "Nothing personal belongs to a product.")
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


COMMANDS = (
    RegisterProduct, RenameProduct, RecategoriseProduct, ChangeProductPrice, ChangeProductCost,
    ReleaseProduct, EndProductSale, EndProductLife,
)  # fmt: skip
