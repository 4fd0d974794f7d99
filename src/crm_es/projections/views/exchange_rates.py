"""Exchange rates: what each currency is worth in the reporting currency, from which day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from crm_es.projections.views.amounts import PRICE_PLACES, units
from crm_es.projections.views.base import Key, View, table
from crm_es.projections.views.folds import begins, changes, gone
from crm_es.projections.views.paging import LIMIT, Page, page

EXCHANGE_RATE = table(
    "exchange_rate",
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("into_currency", sa.Text, nullable=False),
    sa.Column("valid_on", sa.Text, nullable=False),
    sa.Column("rate", sa.BigInteger, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    indexes=(("currency", "valid_on"), ("into_currency", "currency", "valid_on"), ("valid_on",)),
)
"""``rate`` in millionths of ``into_currency``, for ``units`` of ``currency``."""

VIEW = View(
    name="exchange_rates",
    version=1,
    key=Key.STREAM,
    folds={
        "exchange_rate.published": begins(
            "currency", "into", "valid_on", "rate", "units", "source"
        ),
        "exchange_rate.corrected": changes("into", "rate", "units", "source"),
        "exchange_rate.retracted": gone,
    },
    table=EXCHANGE_RATE,
    pick=lambda s: (
        s["currency"], s["into"], s["valid_on"], units(s["rate"], PRICE_PLACES), s["units"],
    ),
)  # fmt: skip


def exchange_rates(
    db: sa.Connection, *, currency: str | None = None, after: str | None = None, limit: int = LIMIT
) -> Page:
    """Exchange rates, the latest day first."""
    by = EXCHANGE_RATE.c.valid_on
    return page(db, EXCHANGE_RATE, by, equal={"currency": currency}, after=after, limit=limit)


def rates_on(db: sa.Connection, day: date, into: str) -> dict[str, Decimal]:
    """What one unit of each currency is worth on a day; of ``into`` itself, one."""
    rate = EXCHANGE_RATE.c
    latest = (
        sa.select(rate.currency, sa.func.max(rate.valid_on).label("valid_on"))
        .where(rate.into_currency == into, rate.valid_on <= day.isoformat())
        .group_by(rate.currency)
        .subquery()
    )
    query = (
        sa.select(rate.currency, rate.rate, rate.units)
        .join(
            latest,
            sa.and_(rate.currency == latest.c.currency, rate.valid_on == latest.c.valid_on),
        )
        .where(rate.into_currency == into)
    )
    found = {
        currency: Decimal(value).scaleb(-PRICE_PLACES) / units
        for currency, value, units in db.execute(query)
    }
    return {**found, into: Decimal(1)}
