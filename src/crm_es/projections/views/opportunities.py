"""Opportunities: single deals, those that slipped, and those nobody touches."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.amounts import AMOUNT_PLACES, PRICE_PLACES, units
from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begins, changes, gone, when
from crm_es.projections.views.items import micros
from crm_es.projections.views.paging import LIMIT, Page, page

COMPETITORS_MAX = 20
OPEN = ("open", "on_hold")

OPPORTUNITY = table(
    "opportunity",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("pipeline_id", sa.LargeBinary(16)),
    sa.Column("stage", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("amount", sa.BigInteger),
    sa.Column("probability", sa.BigInteger),
    sa.Column("expected_close_on", sa.Text, nullable=False),
    sa.Column("pushes", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    indexes=(
        ("customer_id", "is_open", "at"),
        ("pipeline_id", "status", "stage", "currency", "probability", "amount"),
        ("is_open", "expected_close_on"), ("is_open", "last_at"), ("at",),
    ),
    sparse=(("owner", "is_open", "at"),),
)  # fmt: skip
"""``amount`` in ten-thousandths, ``probability`` in millionths; a deal that names no day of
closing has an empty one."""


def _decided(status: str) -> Fold:
    """The end of a deal, for now: what it was decided for, where it went, and what it was worth."""

    def change(state: State, event: Event) -> None:
        data = event.data
        state["status"], state["stage"] = status, data["to_stage"]
        state["probability"] = "1" if status == "won" else "0"
        state["amount"], state["decided_at"] = data["amount"], when(event)
        state["reason"], state["order_id"] = data.get("reason"), data.get("order_id")
        if data.get("competitor") is not None:
            _know(state, data["competitor"])

    return alters(change)


def _abandoned(state: State, event: Event) -> None:
    state.update(
        status="abandoned", probability="0", decided_at=when(event), reason=event.data["reason"]
    )


def _know(state: State, competitor: str) -> None:
    known = state["competitors"]
    if competitor not in known and len(known) < COMPETITORS_MAX:
        known.append(competitor)


def _opened(state: State | None, event: Event) -> State | None:
    opened = _begins(state, event)
    if opened is not None:
        opened["competitors"] = []
    return opened


_begins = begins(
    "customer_id", "pipeline_id", "edition", "title", "owner", "product", "stage", "probability",
    "amount", "currency", "expected_close_on", "lead_id", "campaign_id", "origin", "campaign",
    "content", "term", "source", "source_id", "attributes",
    "sealed_attributes", status="open", pushes=0, decided_at=None, reason=None, order_id=None,
)  # fmt: skip
_MOVED = changes("probability", to={"stage": "to_stage"})

VIEW = View(
    name="opportunities",
    version=1,
    key=Key.STREAM,
    folds={
        "opportunity.opened": _opened,
        "opportunity.stage_advanced": _MOVED,
        "opportunity.stage_regressed": _MOVED,
        "opportunity.amount_revised": changes(to={"amount": "to_amount"}),
        "opportunity.close_date_moved": changes("pushes", to={"expected_close_on": "to_date"}),
        "opportunity.probability_overridden": changes(to={"probability": "to_probability"}),
        "opportunity.assigned": changes(to={"owner": "to_owner"}),
        "opportunity.held": changes("reason", status="on_hold"),
        "opportunity.resumed": changes(status="open", reason=None),
        "opportunity.competitor_linked": alters(lambda s, e: _know(s, e.data["competitor"])),
        "opportunity.migrated": changes(
            "pipeline_id", "probability", to={"edition": "to_edition"}
        ),
        "opportunity.lead_linked": changes("lead_id", "customer_id"),
        "opportunity.won": _decided("won"),
        "opportunity.lost": _decided("lost"),
        "opportunity.abandoned": alters(_abandoned),
        "opportunity.reopened": changes(
            "probability", "reason", to={"stage": "to_stage"}, status="open", decided_at=None,
            order_id=None,
        ),
        "opportunity.retracted": gone,
    },
    table=OPPORTUNITY,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["status"] in OPEN, s["status"],
        id_bytes(s["pipeline_id"]), s["stage"], s["owner"], s["currency"],
        units(s["amount"], AMOUNT_PLACES), units(s["probability"], PRICE_PLACES),
        s["expected_close_on"] or "", s["pushes"], s["last_at"],
    ),
)  # fmt: skip


def opportunities(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    pipeline: UUID | None = None,
    stage: str | None = None,
    status: str | None = None,
    owner: str | None = None,
    is_open: bool | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Deals, the latest opened first."""
    equal = {
        "customer_id": customer, "pipeline_id": pipeline, "stage": stage, "status": status,
        "owner": owner, "is_open": is_open,
    }  # fmt: skip
    return page(db, OPPORTUNITY, OPPORTUNITY.c.at, equal=equal, after=after, limit=limit)


def slipped(
    db: sa.Connection,
    today: date,
    *,
    owner: str | None = None,
    pushed: bool = False,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Open deals whose day of closing is past, the longest past first.

    With ``pushed``, those whose day was ever moved later. ``today`` is in the tenant's zone.
    """
    deal = OPPORTUNITY.c
    is_past = sa.and_(deal.expected_close_on > "", deal.expected_close_on < today.isoformat())
    return page(
        db, OPPORTUNITY, deal.expected_close_on, equal={"owner": owner, "is_open": True},
        where=[deal.pushes > 0 if pushed else is_past], is_rising=True, after=after, limit=limit,
    )  # fmt: skip


def stale(
    db: sa.Connection,
    before: datetime,
    *,
    owner: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Open deals of which nothing was heard since some time, the longest silent first."""
    deal = OPPORTUNITY.c
    return page(
        db, OPPORTUNITY, deal.last_at, equal={"owner": owner, "is_open": True},
        where=[deal.last_at < micros(before)], is_rising=True, after=after, limit=limit,
    )  # fmt: skip
