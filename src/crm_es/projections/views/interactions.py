"""Interactions: messages, letters, meetings and material sent, each as it was last corrected."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begins, changes, gone
from crm_es.projections.views.paging import LIMIT, Page, during, page

INTERACTION = table(
    "interaction",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("direction", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("agent", sa.Text),
    sa.Column("campaign_id", sa.LargeBinary(16)),
    indexes=(("customer_id", "at"), ("kind", "at"), ("at",)),
    sparse=(("agent", "at"),),
)

_TOLD = (
    "customer_id", "kind", "direction", "channel", "agent", "type", "company", "product",
    "campaign_id", "value", "currency", "seconds",
)  # fmt: skip


def _corrected(state: State, event: Event) -> None:
    data = event.data
    for name in _TOLD:
        state[name] = data[name]
    for name in ("subject", "body"):
        state[name] = data[name] or state[name]
    state["corrections"] += 1


VIEW = View(
    name="interactions",
    version=1,
    key=Key.STREAM,
    folds={
        "interaction.recorded": begins(
            *_TOLD, "subject", "body", "evidence", "about_kind", "about_id", "source", "source_id",
            "attributes", "sealed_attributes", corrections=0,
        ),
        "interaction.corrected": alters(_corrected),
        "interaction.reattributed": changes("customer_id"),
        "interaction.retracted": gone,
    },
    table=INTERACTION,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["kind"], s["direction"], s["channel"], s["agent"],
        id_bytes(s["campaign_id"]),
    ),
)  # fmt: skip


def interactions(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    kind: str | None = None,
    direction: str | None = None,
    channel: str | None = None,
    agent: str | None = None,
    campaign: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Interactions, the latest first. ``since`` and ``until`` (exclusive) bound their time."""
    told = INTERACTION.c
    equal = {
        "customer_id": customer, "kind": kind, "direction": direction, "channel": channel,
        "agent": agent, "campaign_id": campaign,
    }  # fmt: skip
    where = during(told.at, since, until)
    return page(db, INTERACTION, told.at, equal=equal, where=where, after=after, limit=limit)
