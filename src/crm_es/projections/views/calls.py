"""Calls: the log of them, and the missed ones that wait to be called back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, changes, gone
from crm_es.projections.views.paging import LIMIT, Page, during, page

CASES_MAX = 50
"""So many cases a call shows; a call about more is no call."""

CALL = table(
    "call",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("agent", sa.Text),
    sa.Column("direction", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("callback", sa.Text),
    sa.Column("campaign_id", sa.LargeBinary(16)),
    sa.Column("case_id", sa.LargeBinary(16)),
    sa.Column("further_cases", sa.Text),
    indexes=(("customer_id", "at"), ("customer_id", "result", "at"), ("at",)),
    sparse=(
        ("agent", "at"), ("callback", "at"), ("outcome", "at"), ("case_id", "at"),
        ("further_cases",),
    ),
)  # fmt: skip
"""``case_id`` is the first of its cases."""


def _began(state: str) -> Fold:
    def fold(_: State | None, event: Event) -> State:
        data = event.data
        call = begun(
            event, "customer_id", "agent", "direction", "result", "type", "outcome", "seconds",
            "wait_seconds", "hold_seconds", "line", "campaign_id", "phone", "summary", "source",
            "source_id", "attributes", "sealed_attributes", state=state,
            attempts=data.get("attempts", 1), cases=[],
            callback="required" if data.get("needs_callback") else None,
        )  # fmt: skip
        if data.get("case_id") is not None:
            call["cases"].append(data["case_id"])
        return call

    return fold


def _ended(state: State, event: Event) -> None:
    data = event.data
    state["state"] = "ended"
    for name in ("result", "seconds", "wait_seconds", "hold_seconds", "summary"):
        state[name] = data[name]
    if data["needs_callback"]:
        state["callback"] = "required"


def _linked(state: State, event: Event) -> None:
    cases, id = state["cases"], event.data["case_id"]
    if id not in cases and len(cases) < CASES_MAX:
        cases.append(id)


def _unlinked(state: State, event: Event) -> None:
    if event.data["case_id"] in state["cases"]:
        state["cases"].remove(event.data["case_id"])


VIEW = View(
    name="calls",
    version=1,
    key=Key.STREAM,
    folds={
        "call.recorded": _began("ended"),
        "call.started": _began("ringing"),
        "call.answered": changes("agent", "wait_seconds", state="in_progress"),
        "call.held": changes(state="on_hold"),
        "call.resumed": changes(state="in_progress"),
        "call.transferred": changes(to={"agent": "to_agent"}),
        "call.ended": alters(_ended),
        "call.dispositioned": changes(to={"outcome": "to_outcome"}),
        "call.callback_done": changes(to={"called_back_by": "by_call_id"}, callback="done"),
        "call.callback_waived": changes(to={"waived_for": "reason"}, callback="waived"),
        "call.linked_to_case": alters(_linked),
        "call.unlinked_from_case": alters(_unlinked),
        "call.reattributed": changes("customer_id"),
        "call.retracted": gone,
    },
    table=CALL,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["agent"], s["direction"], s["result"], s["outcome"],
        s["state"], s["callback"], id_bytes(s["campaign_id"]),
        id_bytes(s["cases"][0]) if s["cases"] else None, " ".join(s["cases"][1:]) or None,
    ),
)  # fmt: skip


def calls(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    agent: str | None = None,
    direction: str | None = None,
    result: str | None = None,
    outcome: str | None = None,
    state: str | None = None,
    campaign: UUID | None = None,
    case: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """The log of calls, the latest first. ``since`` and ``until`` (exclusive) bound their time."""
    call = CALL.c
    equal = {
        "customer_id": customer, "agent": agent, "direction": direction, "result": result,
        "outcome": outcome, "status": state, "campaign_id": campaign,
    }  # fmt: skip
    where = during(call.at, since, until)
    if case is not None:
        among_further = sa.and_(call.further_cases >= "", call.further_cases.contains(str(case)))
        where.append(sa.or_(call.case_id == case.bytes, among_further))
    return page(db, CALL, call.at, equal=equal, where=where, after=after, limit=limit)


def missed_calls(
    db: sa.Connection,
    *,
    agent: str | None = None,
    customer: UUID | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Missed calls that nobody has called back yet, the longest waiting first."""
    equal: dict[str, Any] = {"callback": "required", "agent": agent, "customer_id": customer}
    return page(db, CALL, CALL.c.at, equal=equal, is_rising=True, after=after, limit=limit)
