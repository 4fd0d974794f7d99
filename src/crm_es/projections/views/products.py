"""Products: what is sold, with its price and what it costs us now."""

from __future__ import annotations

import sqlalchemy as sa

from crm_es.projections.views.base import Key, View, table
from crm_es.projections.views.folds import alters, begins, changes, described, gone
from crm_es.projections.views.paging import LIMIT, Page, page

PRODUCT = table(
    "product",
    sa.Column("sku", sa.Text, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("status", sa.Text),
    indexes=(("sku",), ("category", "sku"), ("status", "sku")),
)

VIEW = View(
    name="products",
    version=1,
    key=Key.STREAM,
    folds={
        "product.registered": begins(
            "sku", "name", "category", "price", "cost", "currency", "status", "source",
            "source_id", "attributes", parts=None,
        ),
        "product.renamed": changes("name"),
        "product.recategorised": changes(to={"category": "to_category"}),
        "product.price_changed": changes(to={"price": "to_price"}),
        "product.cost_changed": changes(to={"cost": "to_cost"}),
        "product.attributes_changed": alters(described),
        "product.bundled": changes("parts"),
        "product.status_changed": changes(to={"status": "to_status"}),
        "product.retracted": gone,
    },
    table=PRODUCT,
    pick=lambda s: (s["sku"], s["category"], s["status"]),
)  # fmt: skip


def products(
    db: sa.Connection,
    *,
    sku: str | None = None,
    category: str | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Products by SKU."""
    equal = {"sku": sku, "category": category, "status": status}
    return page(db, PRODUCT, PRODUCT.c.sku, equal=equal, is_rising=True, after=after, limit=limit)
