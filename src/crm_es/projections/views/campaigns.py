"""Campaigns: what was planned, how far they are, and what was spent on them."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.amounts import minus, plus
from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begins, changes, gone, when
from crm_es.projections.views.paging import LIMIT, Page, page

CAMPAIGN = table(
    "campaign",
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("parent_id", sa.LargeBinary(16)),
    indexes=(("at",), ("status", "at")),
    sparse=(("parent_id", "at"),),
)

_begins = begins(
    "name", "kind", "channel", "currency", "arms", "owner", "parent_id", "starts_on", "ends_on",
    "description", "source", "source_id", "attributes", "sealed_attributes",
    state="planning", budget=None, spent="0", spend_records=0, clicks=0, impressions=0,
    launched_at=None, reason=None,
)  # fmt: skip


def _moved(state: State, event: Event) -> None:
    state["state"] = event.data["to_state"]


def _launched(state: State, event: Event) -> None:
    state["state"] = event.data["to_state"]
    state["launched_at"] = state["launched_at"] or when(event)


def _spent(sign: int) -> Fold:
    def change(state: State, event: Event) -> None:
        data = event.data
        together = plus if sign > 0 else minus
        state["spent"] = together(state["spent"], data["amount"])
        state["spend_records"] += sign
        for name in ("clicks", "impressions"):
            state[name] += sign * (data[name] or 0)

    return alters(change)


_STOPPED = changes("reason", to={"state": "to_state"})

VIEW = View(
    name="campaigns",
    version=1,
    key=Key.STREAM,
    folds={
        "campaign.planned": _begins,
        "campaign.budget_approved": changes("budget", to={"state": "to_state"}),
        "campaign.launched": alters(_launched),
        "campaign.paused": _STOPPED,
        "campaign.resumed": alters(_moved),
        "campaign.completed": alters(_moved),
        "campaign.cancelled": _STOPPED,
        "campaign.spend_recorded": _spent(1),
        "campaign.spend_retracted": _spent(-1),
        "campaign.retracted": gone,
    },
    table=CAMPAIGN,
    pick=lambda s: (
        s["at"], s["state"], s["kind"], s["channel"], s["owner"], id_bytes(s["parent_id"]),
    ),
)  # fmt: skip


def campaigns(
    db: sa.Connection,
    *,
    state: str | None = None,
    kind: str | None = None,
    channel: str | None = None,
    owner: str | None = None,
    parent: UUID | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Campaigns, the latest planned first."""
    equal = {
        "status": state, "kind": kind, "channel": channel, "owner": owner, "parent_id": parent,
    }  # fmt: skip
    return page(db, CAMPAIGN, CAMPAIGN.c.at, equal=equal, after=after, limit=limit)
