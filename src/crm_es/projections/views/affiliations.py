"""Affiliations: who belongs to which organisation, as what, and for how long."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import PRECISIONS, alters, begins, changes, gone, when
from crm_es.projections.views.paging import LIMIT, Page, page

_EXACT = 4

AFFILIATION = table(
    "affiliation",
    sa.Column("person_id", sa.LargeBinary(16), nullable=False),
    sa.Column("organisation_id", sa.LargeBinary(16), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("has_ended", sa.Boolean, nullable=False),
    indexes=(("person_id", "has_ended", "at"), ("organisation_id", "has_ended", "at"), ("at",)),
)


def _started(state: State | None, event: Event) -> State | None:
    row = _begins(state, event)
    if row is not None:
        row["ended_at"] = event.data["until"]
        _note_precision(row, event.data["until_precision"])
    return row


_begins = begins(
    "person_id", "organisation_id", "title", "role", "is_primary", "source", "source_id",
    reason=None,
)  # fmt: skip


def _ended(state: State, event: Event) -> None:
    state["ended_at"], state["reason"] = when(event), event.data["reason"]
    _note_precision(state, event.precision)


def _note_precision(state: State, precision: int) -> None:
    state.pop("ended_precision", None)
    if state["ended_at"] is not None and precision != _EXACT:
        state["ended_precision"] = PRECISIONS[precision]


VIEW = View(
    name="affiliations",
    version=1,
    key=Key.STREAM,
    folds={
        "affiliation.started": _started,
        "affiliation.title_changed": changes("title", "role"),
        "affiliation.primary_changed": changes("is_primary"),
        "affiliation.ended": alters(_ended),
        "affiliation.retracted": gone,
    },
    table=AFFILIATION,
    pick=lambda s: (
        id_bytes(s["person_id"]), id_bytes(s["organisation_id"]), s["at"],
        s["ended_at"] is not None,
    ),
)  # fmt: skip


def affiliations(
    db: sa.Connection,
    *,
    person: UUID | None = None,
    organisation: UUID | None = None,
    has_ended: bool | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Affiliations, the latest begun first. One with an end that is still to come has ended."""
    equal = {"person_id": person, "organisation_id": organisation, "has_ended": has_ended}
    return page(db, AFFILIATION, AFFILIATION.c.at, equal=equal, after=after, limit=limit)
