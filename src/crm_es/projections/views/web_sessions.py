"""Web sessions: how much was looked at, what was reached, and by whom once that is known."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, changes, gone
from crm_es.projections.views.paging import LIMIT, Page, during, page

WEB_SESSION = table(
    "web_session",
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("visitor", sa.Text),
    sa.Column("device", sa.Text),
    sa.Column("is_ended", sa.Boolean, nullable=False),
    indexes=(("customer_id", "at"), ("visitor", "at"), ("is_ended", "at"), ("at",)),
)

_REACHED = {"search": "searched", "message": "messaged", "booking": "booked"}


def _began(*, is_ended: bool) -> Fold:
    def fold(_: State | None, event: Event) -> State:
        return begun(
            event, "customer_id", "visitor", "device", "campaign_id", "pages", "searched",
            "messaged", "booked", "entry_path", "referrer", "ended_at", "seconds", "source",
            "source_id", "attributes", "sealed_attributes", is_ended=is_ended, last_path=None,
        )  # fmt: skip

    return fold


def _viewed(state: State, event: Event) -> None:
    data = event.data
    state["pages"], state["last_path"] = data["number"], data["path"]
    if data["kind"] in _REACHED:
        state[_REACHED[data["kind"]]] = True


VIEW = View(
    name="web_sessions",
    version=1,
    key=Key.STREAM,
    folds={
        "web_session.recorded": _began(is_ended=True),
        "web_session.started": _began(is_ended=False),
        "web_session.page_viewed": alters(_viewed),
        "web_session.identified": changes("customer_id"),
        "web_session.ended": changes("pages", "ended_at", "seconds", is_ended=True),
        "web_session.reattributed": changes("customer_id"),
        "web_session.retracted": gone,
    },
    table=WEB_SESSION,
    pick=lambda s: (
        id_bytes(s["customer_id"]), s["at"], s["visitor"], s["device"], s["is_ended"],
    ),
)  # fmt: skip


def web_sessions(
    db: sa.Connection,
    *,
    customer: UUID | None = None,
    visitor: str | None = None,
    device: str | None = None,
    is_ended: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Sessions, the latest first. ``since`` and ``until`` (exclusive) bound when they began."""
    session = WEB_SESSION.c
    equal = {"customer_id": customer, "visitor": visitor, "device": device, "is_ended": is_ended}
    where = during(session.at, since, until)
    return page(db, WEB_SESSION, session.at, equal=equal, where=where, after=after, limit=limit)
