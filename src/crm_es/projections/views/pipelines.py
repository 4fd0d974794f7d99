"""Pipelines: their stages as data, and the board of deals that stand on them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from crm_es.projections.views.amounts import AMOUNT_PLACES, PRICE_PLACES, sums, text, total
from crm_es.projections.views.base import Key, View, table
from crm_es.projections.views.exchange_rates import rates_on
from crm_es.projections.views.folds import begins, changes
from crm_es.projections.views.items import Item
from crm_es.projections.views.opportunities import OPEN, OPPORTUNITY
from crm_es.projections.views.paging import LIMIT, Page, matching, page

PIPELINE = table(
    "pipeline",
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text),
    indexes=(("at",),),
)

VIEW = View(
    name="pipelines",
    version=1,
    key=Key.STREAM,
    folds={
        "pipeline.published": begins("name", "edition", "stages", "reasons", is_retired=False),
        "pipeline.republished": changes("name", "edition", "stages", "reasons"),
        "pipeline.retired": changes(is_retired=True),
    },
    table=PIPELINE,
    pick=lambda s: (s["at"], s["name"]),
)


def pipelines(db: sa.Connection, *, after: str | None = None, limit: int = LIMIT) -> Page:
    """Pipelines in their newest edition."""
    return page(db, PIPELINE, PIPELINE.c.at, after=after, limit=limit)


class Group(NamedTuple):
    """Deals of one stage, status, currency and probability."""

    stage: str
    status: str
    currency: str
    probability: Decimal
    deals: int
    amount: Decimal


class Worth(NamedTuple):
    """What some deals are worth, whole and times their probability."""

    amount: Decimal
    weighted: Decimal

    @classmethod
    def of(cls, groups: list[Group]) -> Worth:
        weighted = (group.amount * group.probability for group in groups)
        return cls(sum((group.amount for group in groups), Decimal(0)), sum(weighted, Decimal(0)))

    def shown(self) -> Item:
        return {"amount": text(self.amount), "weighted": text(self.weighted)}


class Rates(NamedTuple):
    """What one unit of each currency is worth in the reporting currency."""

    into: str
    by_currency: dict[str, Decimal]

    def reported(self, worths: dict[str, Worth]) -> Item:
        """All sums in one, rounded to an amount; those without a rate are named, not counted."""
        known = [(worths[one], rate) for one, rate in self.by_currency.items() if one in worths]
        amount = sum((worth.amount * rate for worth, rate in known), Decimal(0))
        weighted = sum((worth.weighted * rate for worth, rate in known), Decimal(0))
        return {
            "currency": self.into,
            **Worth(*(round(number, AMOUNT_PLACES) for number in (amount, weighted))).shown(),
            "without_rate": [one for one in worths if one not in self.by_currency],
        }


def board(
    db: sa.Connection, pipeline: UUID, today: date, reporting: str, *, owner: str | None = None
) -> Item | None:
    """Deals by stage of the newest edition: how many, and what they are worth, by currency.

    ``weighted`` is each amount times its probability, ``reported`` all of it in the reporting
    currency at the rates of today. Stages that the newest edition has no more
    stand behind the others while there are deals on them. None when there is no such pipeline.
    """
    query = sa.select(PIPELINE.c.state).where(PIPELINE.c.key == pipeline.bytes)
    found = db.execute(query).scalar()
    if found is None:
        return None
    newest, groups = orjson.loads(found), _groups(db, pipeline, owner)
    rates = Rates(reporting, rates_on(db, today, reporting))
    known = [stage["name"] for stage in newest["stages"]]
    former = sorted({group.stage for group in groups if group.status in OPEN} - set(known))
    return {
        "id": str(pipeline), "name": newest["name"], "edition": newest["edition"],
        "is_retired": newest["is_retired"],
        "stages": [
            *(_column(s["name"], s["kind"], s["probability"], groups, rates)
              for s in newest["stages"]),
            *(_column(name, "open", None, groups, rates) for name in former),
        ],
        "open": _worth([group for group in groups if group.status in OPEN], rates),
        "abandoned": _worth([group for group in groups if group.status == "abandoned"], rates),
    }  # fmt: skip


_STATUSES: dict[str, tuple[str, ...]] = {"open": OPEN, "won": ("won",), "lost": ("lost",)}
"""Which deals stand in a stage's column, by the kind of the stage."""


def _column(
    name: str, kind: str, probability: str | None, groups: list[Group], rates: Rates
) -> Item:
    its = [g for g in groups if g.stage == name and g.status in _STATUSES[kind]]
    on_hold = sum(group.deals for group in its if group.status == "on_hold")
    return {
        "stage": name, "kind": kind, "probability": probability, **_worth(its, rates),
        "on_hold": on_hold,
    }  # fmt: skip


def _worth(groups: list[Group], rates: Rates) -> Item:
    worths = {
        currency: Worth.of([group for group in groups if group.currency == currency])
        for currency in sorted({group.currency for group in groups})
    }
    return {
        "deals": sum(group.deals for group in groups),
        "amounts": {currency: worth.shown() for currency, worth in worths.items()},
        "reported": rates.reported(worths),
    }


def _groups(db: sa.Connection, pipeline: UUID, owner: str | None) -> list[Group]:
    deal = OPPORTUNITY.c
    by = (deal.stage, deal.status, deal.currency, deal.probability)
    query = (
        sa.select(*by, sa.func.count(), *sums(deal.amount))
        .where(*matching(OPPORTUNITY, {"pipeline_id": pipeline, "owner": owner}))
        .group_by(*by)
    )
    return [
        Group(
            stage, status, currency, Decimal(probability).scaleb(-PRICE_PLACES), count,
            total(high, low, AMOUNT_PLACES),
        )
        for stage, status, currency, probability, count, high, low in db.execute(query)
    ]  # fmt: skip
