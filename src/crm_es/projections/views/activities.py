"""Activities: the calendar of who means to do what, and what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, changes, gone, when
from crm_es.projections.views.items import micros, stamp
from crm_es.projections.views.paging import LIMIT, Page, page

ACTIVITY = table(
    "activity",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("planned_at", sa.Text, nullable=False),
    sa.Column("about_id", sa.LargeBinary(16)),
    indexes=(
        ("customer_id", "at"), ("customer_id", "status", "planned_at"),
        ("status", "planned_at"), ("at",),
    ),
    sparse=(("owner", "status", "planned_at"), ("about_id", "at")),
)  # fmt: skip
"""``planned_at`` is empty for what was never planned for a time."""

_FIELDS = (
    "customer_id", "kind", "about_kind", "about_id", "owner", "title", "outcome", "seconds",
    "notes", "planned_at", "planned_until", "phase", "source", "source_id", "attributes",
    "sealed_attributes",
)  # fmt: skip


def _began(state: str) -> Fold:
    def fold(_: State | None, event: Event) -> State:
        return begun(
            event, *_FIELDS, state=state, started_at=None, done_at=None, done_by=None, reason=None
        )

    return fold


def _started(state: State, event: Event) -> None:
    state["state"], state["started_at"] = "in_progress", when(event)


def _completed(state: State, event: Event) -> None:
    data = event.data
    state["state"], state["done_at"], state["done_by"] = "done", when(event), data["by"]
    state["outcome"], state["seconds"] = data["outcome"], data["seconds"]
    state["notes"] = data["notes"] or state["notes"]


VIEW = View(
    name="activities",
    version=1,
    key=Key.STREAM,
    folds={
        "activity.recorded": _began("recorded"),
        "activity.scheduled": _began("planned"),
        "activity.rescheduled": changes("planned_at", "planned_until", "reason", state="planned"),
        "activity.reassigned": changes("owner"),
        "activity.started": alters(_started),
        "activity.completed": alters(_completed),
        "activity.cancelled": changes("reason", state="cancelled"),
        "activity.missed": changes(state="missed"),
        "activity.retracted": gone,
    },
    table=ACTIVITY,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["state"], s["kind"], s["owner"],
        s["planned_at"] or "", id_bytes(s["about_id"]),
    ),
)  # fmt: skip


def activities(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    about: UUID | None = None,
    owner: str | None = None,
    state: str | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Activities, the latest begun first."""
    equal = {
        "customer_id": customer, "about_id": about, "owner": owner, "status": state, "kind": kind,
    }  # fmt: skip
    return page(db, ACTIVITY, ACTIVITY.c.at, equal=equal, after=after, limit=limit)


def calendar(
    db: sa.Connection,
    owner: str,
    since: datetime,
    until: datetime,
    *,
    state: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """What somebody has planned for a period, in its order; ``until`` is exclusive."""
    planned = ACTIVITY.c.planned_at
    where = [planned >= stamp(micros(since)), planned < stamp(micros(until))]
    return _planned(db, {"owner": owner, "status": state}, where, after, limit)


def overdue(
    db: sa.Connection,
    now: datetime,
    *,
    owner: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """What was planned for a time before ``now`` and has not been begun, the oldest first."""
    planned = ACTIVITY.c.planned_at
    where = [planned > "", planned < stamp(micros(now))]
    return _planned(db, {"owner": owner, "status": "planned"}, where, after, limit)


def _planned(
    db: sa.Connection,
    equal: dict[str, Any],
    where: list[sa.ColumnElement[bool]],
    after: str | None,
    limit: int,
) -> Page:
    by = ACTIVITY.c.planned_at
    return page(
        db, ACTIVITY, by, equal=equal, where=where, is_rising=True, after=after, limit=limit
    )
