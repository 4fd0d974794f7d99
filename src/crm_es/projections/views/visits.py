"""Visits: planned ones, those that took place, and what came of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, changes, gone, when
from crm_es.projections.views.items import micros, stamp
from crm_es.projections.views.paging import LIMIT, Page, during, page

LINES_MAX = 20
"""So many things left behind a visit shows; all of them stand in the log."""

VISIT = table(
    "visit",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("contact_at", sa.BigInteger),
    sa.Column("status", sa.Text),
    sa.Column("agent", sa.Text),
    sa.Column("planned_at", sa.Text, nullable=False),
    indexes=(
        ("customer_id", "at"), ("customer_id", "contact_at"),
        ("customer_id", "status", "planned_at"), ("agent", "at"), ("agent", "planned_at"),
        ("status", "planned_at"), ("at",),
    ),
)  # fmt: skip
"""``contact_at`` is when it took place; ``planned_at`` is empty if it never was planned."""

_FIELDS = (
    "customer_id", "agent", "company", "purpose", "about_kind", "about_id", "place", "outcome",
    "report", "seconds", "value", "currency", "order_id", "planned_at", "source", "source_id",
    "attributes", "sealed_attributes",
)  # fmt: skip


def _began(state: str) -> Fold:
    def fold(_: State | None, event: Event) -> State:
        return begun(
            event, *_FIELDS, state=state, checked_out_at=None, reason=None,
            checked_in_at=when(event) if state == "reported" else None, **_left(event),
        )  # fmt: skip

    return fold


def _left(event: Event) -> State:
    lines = event.data.get("lines") or []
    return {"lines": lines[:LINES_MAX], "line_count": len(lines)}


def _checked_in(state: State, event: Event) -> None:
    state["state"], state["checked_in_at"] = "checked_in", when(event)
    state["place"] = event.data["place"] or state["place"]


def _checked_out(state: State, event: Event) -> None:
    state["state"], state["checked_out_at"] = "checked_out", when(event)
    state["seconds"] = event.data["seconds"]


def _reported(state: State, event: Event) -> None:
    data = event.data
    state["state"] = "reported"
    for name in ("outcome", "report", "value", "currency", "order_id"):
        state[name] = data[name]
    state.update(_left(event))


VIEW = View(
    name="visits",
    version=1,
    key=Key.STREAM,
    folds={
        "visit.recorded": _began("reported"),
        "visit.planned": _began("planned"),
        "visit.rescheduled": changes("planned_at", "reason"),
        "visit.checked_in": alters(_checked_in),
        "visit.checked_out": alters(_checked_out),
        "visit.reported": alters(_reported),
        "visit.no_show": changes(state="no_show"),
        "visit.cancelled": changes("reason", state="cancelled"),
        "visit.retracted": gone,
    },
    table=VISIT,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["checked_in_at"], s["state"], s["agent"],
        s["planned_at"] or "",
    ),
)  # fmt: skip


def visits(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    agent: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Visits, the latest begun first: a planned one begins when it is planned."""
    equal = {"customer_id": customer, "agent": agent, "status": state}
    where = during(VISIT.c.at, since, until)
    return page(db, VISIT, VISIT.c.at, equal=equal, where=where, after=after, limit=limit)


def planned_visits(
    db: sa.Connection,
    *,
    agent: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Visits that are still to be made, the next first; ``until`` is exclusive."""
    planned = VISIT.c.planned_at
    where = [] if since is None else [planned >= stamp(micros(since))]
    where += [] if until is None else [planned < stamp(micros(until))]
    return page(
        db, VISIT, planned, equal={"agent": agent, "status": "planned"}, where=where,
        is_rising=True, after=after, limit=limit,
    )  # fmt: skip
