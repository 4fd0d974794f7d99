"""Cases: the queue of complaints, incidents and requests, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from crm_es.aggregates.service.case_state import BLOCKERS_MAX, SETTLED
from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, gone, when
from crm_es.projections.views.paging import LIMIT, Page, during, matching, page

LINKS_MAX = 50

CASE = table(
    "service_case",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("priority", sa.Text),
    sa.Column("assignee", sa.Text),
    sa.Column("group", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    indexes=(
        ("customer_id", "is_open", "at"), ("status", "at"), ("assignee", "is_open", "at"),
        ("group", "is_open", "at"), ("priority", "is_open", "at"), ("is_open", "at"),
        ("is_open", "last_at"), ("at",),
    ),
    sparse=(("number",),),
)  # fmt: skip

_COUNTED_BY = (
    "customer_id",
    "kind",
    "channel",
    "category",
    "product",
    "priority",
    "group",
    "assignee",
)
"""What every event of a case tells as it stands after it."""


def _opened(_: State | None, event: Event) -> State:
    data = event.data
    case = begun(
        event, *_COUNTED_BY, "number", "subcategory", "region", "subject", "description", "source",
        "source_id", "attributes", "sealed_attributes", state=data["to_state"], resolved_at=None,
        responded_at=None, pending_on=None, resolution=None, level=0, reassignments=0, reopenings=0,
        source_state=None, is_in_sla=None, disputed=None, timely=None, reason=None,
        duplicate_of=None, escalated_to=None, links=[], blockers=[],
    )  # fmt: skip
    for kind in ("call", "order"):
        if data.get(f"{kind}_id") is not None:
            case["links"].append([kind, data[f"{kind}_id"]])
    return case


def _told(change: Callable[[State, dict[str, Any]], None] | None = None) -> Fold:
    """A fold of what every event of a case tells, and of what this one tells beside it."""

    def fold(state: State, event: Event) -> None:
        data = event.data
        for name in _COUNTED_BY:
            state[name] = data[name]
        state["state"], state["resolved_at"] = data["to_state"], data["resolved_at"]
        if data["is_first_response"]:
            state["responded_at"] = when(event)
        if change is not None:
            change(state, data)

    return alters(fold)


def _takes(*names: str, **fixed: Any) -> Fold:
    def change(state: State, data: dict[str, Any]) -> None:
        for name in names:
            state[name] = data[name]
        state.update(fixed)

    return _told(change)


def _updated(state: State, data: dict[str, Any]) -> None:
    """What a source does not say stays as it was."""
    state["pending_on"], state["resolution"] = data["pending_on"], data["resolution"]
    for name in _REPORTED:
        if data[name] is not None:
            state[name] = data[name]


_REPORTED = (
    "source_state", "reassignments", "reopenings", "is_in_sla", "disputed", "timely",
)  # fmt: skip


def _duplicate(state: State, data: dict[str, Any]) -> None:
    state["duplicate_of"] = data["of_case_id"]


def _escalated(state: State, data: dict[str, Any]) -> None:
    state["level"], state["escalated_to"] = data["to_level"], data["to"]


def _linked(state: State, data: dict[str, Any]) -> None:
    if len(state["links"]) < LINKS_MAX:
        state["links"].append([data["link"], data["linked_id"]])


def _unlinked(state: State, data: dict[str, Any]) -> None:
    pair = [data["link"], data["linked_id"]]
    if pair in state["links"]:
        state["links"].remove(pair)


def _blocked(state: State, data: dict[str, Any]) -> None:
    if len(state["blockers"]) < BLOCKERS_MAX and data["by_case_id"] not in state["blockers"]:
        state["blockers"].append(data["by_case_id"])


def _unblocked(state: State, data: dict[str, Any]) -> None:
    if data["by_case_id"] in state["blockers"]:
        state["blockers"].remove(data["by_case_id"])


VIEW = View(
    name="cases",
    version=1,
    key=Key.STREAM,
    folds={
        "case.opened": _opened,
        "case.routed": _told(),
        "case.assigned": _takes("reassignments"),
        "case.acknowledged": _told(),
        "case.started": _told(),
        "case.pended": _takes("pending_on"),
        "case.resumed": _takes(pending_on=None),
        "case.resolved": _takes("resolution", pending_on=None),
        "case.reopened": _takes("reopenings", resolution=None),
        "case.closed": _takes("resolution"),
        "case.escalated": _told(_escalated),
        "case.reclassified": _told(),
        "case.marked_duplicate": _told(_duplicate),
        "case.rejected": _takes("reason"),
        "case.linked": _told(_linked),
        "case.unlinked": _told(_unlinked),
        "case.blocked": _told(_blocked),
        "case.unblocked": _told(_unblocked),
        "case.updated": _told(_updated),
        "case.reattributed": _told(),
        "case.retracted": gone,
    },
    table=CASE,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["state"] not in SETTLED, s["state"], s["kind"],
        s["category"], s["priority"], s["assignee"], s["group"], s["number"], s["level"],
        s["last_at"],
    ),
)  # fmt: skip


def cases(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    state: str | None = None,
    kind: str | None = None,
    category: str | None = None,
    priority: str | None = None,
    assignee: str | None = None,
    group: str | None = None,
    number: str | None = None,
    level: int | None = None,
    is_open: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    by: Literal["newest", "age", "silence"] = "newest",
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Cases: the newest first, the oldest first, or those of which nothing was heard longest.

    ``since`` and ``until`` (exclusive) bound when they were opened.
    """
    case = CASE.c
    equal = {
        "customer_id": customer, "status": state, "kind": kind, "category": category,
        "priority": priority, "assignee": assignee, "group": group, "number": number,
        "level": level, "is_open": is_open,
    }  # fmt: skip
    return page(
        db, CASE, case.last_at if by == "silence" else case.at, equal=equal,
        where=during(case.at, since, until), is_rising=by != "newest", after=after, limit=limit,
    )  # fmt: skip


def case_counts(
    db: sa.Connection, *, assignee: str | None = None, group: str | None = None
) -> dict[str, int]:
    """How many cases stand in each state."""
    state = CASE.c.status
    query = (
        sa.select(state, sa.func.count())
        .where(*matching(CASE, {"assignee": assignee, "group": group}))
        .group_by(state)
        .order_by(state)
    )
    return {name: count for name, count in db.execute(query)}  # noqa: C416 - rows are no pairs
