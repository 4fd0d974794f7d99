"""Orders: what was bought, what still counts of it, and the single lines of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.amounts import PRICE_PLACES, minus, plus, sums, text, total, units
from crm_es.projections.views.base import Event, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, changes, gone
from crm_es.projections.views.paging import LIMIT, Page, during, matching, page

ORDER = table(
    "sales_order",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("amount", sa.BigInteger),
    indexes=(("customer_id", "at"), ("status", "at"), ("at",)),
    sparse=(("number",),),
)
"""``amount`` is what still counts of the order, in millionths."""


def _placed(_: State | None, event: Event) -> State:
    return begun(
        event, "customer_id", "kind", "number", "owner", "channel", "place", "country", "currency",
        "line_count", "amount", "returns_order_id", "campaign_id", "opportunity_id", "source",
        "source_id", "attributes", "sealed_attributes", status="placed",
        placed_amount=event.data["amount"], returned_amount="0", promised_on=None,
        is_delivered=False, reason=None,
    )  # fmt: skip


def _shipped(state: State, event: Event) -> None:
    state["status"] = "fulfilled" if event.data["is_complete"] else "partially_fulfilled"


def _delivered(state: State, event: Event) -> None:
    state["is_delivered"] = event.data["is_complete"]


def _returned(state: State, event: Event) -> None:
    state["amount"] = minus(state["amount"], event.data["amount"])
    state["returned_amount"] = plus(state["returned_amount"], event.data["amount"])


def _cancelled(state: State, event: Event) -> None:
    state["amount"] = minus(state["amount"], event.data["amount"])
    state["status"], state["reason"] = "cancelled", event.data["reason"]


VIEW = View(
    name="orders",
    version=1,
    key=Key.STREAM,
    folds={
        "order.placed": _placed,
        "order.confirmed": changes(status="confirmed"),
        "order.line_allocated": changes(),
        "order.delivery_promised": changes("promised_on"),
        "order.promise_revised": changes("promised_on"),
        "order.shipped": alters(_shipped),
        "order.delivered": alters(_delivered),
        "order.returned": alters(_returned),
        "order.cancelled": alters(_cancelled),
        "order.closed": changes(status="closed"),
        "order.retracted": gone,
    },
    table=ORDER,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["status"], s["kind"], s["owner"], s["number"],
        s["currency"], units(s["amount"], PRICE_PLACES),
    ),
)  # fmt: skip


def orders(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    status: str | None = None,
    kind: str | None = None,
    owner: str | None = None,
    number: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Orders, the latest placed first. ``since`` and ``until`` (exclusive) bound their time."""
    equal = _wanted(customer, status, kind, owner, number)
    where = during(ORDER.c.at, since, until)
    return page(db, ORDER, ORDER.c.at, equal=equal, where=where, after=after, limit=limit)


def order_totals(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    status: str | None = None,
    kind: str | None = None,
    owner: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """How many orders there are of each status and currency, and what still counts of them."""
    order = ORDER.c
    wanted = [
        *matching(ORDER, _wanted(customer, status, kind, owner, None)),
        *during(order.at, since, until),
    ]
    query = (
        sa.select(order.status, order.currency, sa.func.count(), *sums(order.amount))
        .where(*wanted)
        .group_by(order.status, order.currency)
        .order_by(order.status, order.currency)
    )
    return [
        {"status": status, "currency": currency, "orders": count,
         "amount": text(total(high, low, PRICE_PLACES))}
        for status, currency, count, high, low in db.execute(query)
    ]  # fmt: skip


def _wanted(
    customer: UUID | None,
    status: str | None,
    kind: str | None,
    owner: str | None,
    number: str | None,
) -> dict[str, Any]:
    return {
        "customer_id": customer, "status": status, "kind": kind, "owner": owner, "number": number,
    }  # fmt: skip
