"""Leads: the queue of those who may become customers, and how many get how far."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begins, changes, gone
from crm_es.projections.views.items import Item
from crm_es.projections.views.paging import LIMIT, Page, during, matching, page

STAGES = ("new", "assigned", "in_process", "qualified", "converted", "recycled", "dead")
_STEPS = ("captured", "assigned", "in_process", "qualified", "converted")

LEAD = table(
    "lead",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("stage", sa.Text),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("origin", sa.Text),
    sa.Column("reached", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    indexes=(
        ("customer_id", "at"), ("stage", "score"), ("stage", "at"), ("at",),
        ("origin", "stage", "reached"),
    ),
    sparse=(("owner", "at"),),
)  # fmt: skip
"""``score`` is -1 until there is one; ``reached`` counts the steps that were ever taken."""


def _captured(state: State | None, event: Event) -> State | None:
    lead = _begins(state, event)
    if lead is not None and lead["owner"] is not None:
        lead["stage"], lead["reached"] = "assigned", 1
    return lead


_begins = begins(
    "customer_id", "origin", "page", "campaign_id", "campaign", "name", "company", "email",
    "phone", "owner", "source", "source_id", "attributes", "sealed_attributes",
    stage="new", reached=0, score=None, model=None, opportunity_id=None, reason=None,
)  # fmt: skip


def _assigned(state: State, event: Event) -> None:
    state["owner"] = event.data["owner"]
    if state["stage"] in {"new", "recycled"}:
        _step(state, "assigned")


def _converted(state: State, event: Event) -> None:
    data = event.data
    state["customer_id"], state["opportunity_id"] = data["customer_id"], data["opportunity_id"]
    state["owner"] = data["owner"]
    _step(state, "converted")


def _step(state: State, stage: str) -> None:
    state["stage"] = stage
    state["reached"] = max(state["reached"], _STEPS.index(stage))


VIEW = View(
    name="leads",
    version=1,
    key=Key.STREAM,
    folds={
        "lead.captured": _captured,
        "lead.assigned": alters(_assigned),
        "lead.scored": changes("model", to={"score": "to_score"}),
        "lead.worked": alters(lambda state, _: _step(state, "in_process")),
        "lead.qualified": alters(lambda state, _: _step(state, "qualified")),
        "lead.converted": alters(_converted),
        "lead.recycled": changes("reason", stage="recycled"),
        "lead.disqualified": changes("reason", stage="dead"),
        "lead.retracted": gone,
    },
    table=LEAD,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["stage"],
        -1 if s["score"] is None else s["score"], s["owner"], s["origin"], s["reached"],
        s["last_at"],
    ),
)  # fmt: skip


def leads(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    stage: str | None = None,
    owner: str | None = None,
    origin: str | None = None,
    score_at_least: int | None = None,
    by: Literal["score", "age", "newest"] = "newest",
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Leads: the newest first, the oldest first, or the most promising first."""
    lead = LEAD.c
    equal = {"customer_id": customer, "stage": stage, "owner": owner, "origin": origin}
    where = [] if score_at_least is None else [lead.score >= score_at_least]
    return page(
        db, LEAD, lead.score if by == "score" else lead.at, equal=equal, where=where,
        is_rising=by == "age", after=after, limit=limit,
    )  # fmt: skip


def funnel(
    db: sa.Connection,
    *,
    origin: str | None = None,
    owner: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """How many leads ever got to each step, and where they stand now.

    ``since`` and ``until`` (exclusive) bound when they were captured.
    """
    lead = LEAD.c
    query = (
        sa.select(lead.stage, lead.reached, sa.func.count())
        .where(*matching(LEAD, {"origin": origin, "owner": owner}), *during(lead.at, since, until))
        .group_by(lead.stage, lead.reached)
    )
    groups = db.execute(query).all()
    steps: list[Item] = []
    for step, name in enumerate(_STEPS):
        steps.append({"step": name, "leads": sum(n for _, reached, n in groups if reached >= step)})
    now = {stage: sum(n for at, _, n in groups if at == stage) for stage in STAGES}
    return {"steps": steps, "stages": now}
