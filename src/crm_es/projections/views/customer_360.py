"""Everything about one customer in one document: as it is, or as it was at any moment.

Live it is put together from rows, each list by an index seek; as of another moment from the same
rows folded from the log. Both are worded by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import UUID

import orjson
import sqlalchemy as sa

from crm_es.log.recorder import LogRecorder
from crm_es.projections.views import campaigns, customers
from crm_es.projections.views.base import State, View
from crm_es.projections.views.customer_figures import figures
from crm_es.projections.views.folding import Kept, Moment, row_as_of
from crm_es.projections.views.items import Item, item, micros, stamp
from crm_es.projections.views.retrospect import retrospect
from crm_es.projections.views.sections import Shown, live

Names = Callable[[View, Collection[bytes]], dict[bytes, State]]
"""The states of some rows of a view, by key, of those that are there."""


def document(db: sa.Connection, customer: UUID, now: datetime) -> Item | None:
    """Everything about a customer as it stands; None if nothing was ever heard of that id.

    ``now`` parts what is planned from what is overdue.
    """
    found = live(db, customer.bytes, stamp(micros(now)))

    def names(view: View, keys: Collection[bytes]) -> dict[bytes, State]:
        rows = view.table.c
        query = sa.select(rows.key, rows.state).where(rows.key.in_(keys))
        return {key: orjson.loads(state) for key, state in db.execute(query)} if keys else {}

    return _worded(customer, found, names)


def document_as_of(
    log: LogRecorder, customer: UUID, moment: Moment, now: datetime, kept: Kept | None = None
) -> Item | None:
    """As ``document``, from what had happened and what was known at a moment.

    ``now`` is the moment's own business time where it has one; ``kept`` spares the folding of a
    long history from its beginning.
    """
    found = retrospect(log, customer, moment, stamp(micros(now)), kept)

    def names(view: View, keys: Collection[bytes]) -> dict[bytes, State]:
        rows = (row_as_of(log, view, UUID(bytes=key), moment) for key in keys)
        return {row.key: row.state for row in rows if row is not None and row.state is not None}

    return _worded(customer, found, names)


def _worded(customer: UUID, found: Mapping[str, list[Shown]], names: Names) -> Item | None:
    if not found["figures"] and not found["profile"]:
        return None
    lists = {name: [item(*row) for row in rows] for name, rows in found.items()}
    profile = _profile(next(iter(lists["profile"]), None))
    _name_parties(lists, profile, names)
    _name_campaigns(lists["campaigns"], names)
    return {
        "id": str(customer),
        "is_registered": profile is not None,
        "profile": profile,
        "figures": figures(found["figures"][0].state if found["figures"] else None),
        "last_contact": _last_contact(lists),
        "next_contact": _next_contact(lists),
        **{name: lists[name] for name in _LISTS},
    }


_LISTS = (
    "employers", "former_employers", "contacts", "former_contacts", "leads", "open_opportunities",
    "past_opportunities", "orders", "open_cases", "past_cases", "calls", "visits", "interactions",
    "sessions", "campaigns", "planned_activities", "activities",
)  # fmt: skip
_PARTIES = {
    "employers": "organisation_id", "former_employers": "organisation_id",
    "contacts": "person_id", "former_contacts": "person_id",
}  # fmt: skip


def _profile(row: Item | None) -> Item | None:
    if row is None:
        return None
    points = sorted(row.pop("contact_points").items())
    return {**row, "contact_points": [{"id": id, **point} for id, point in points]}


def _name_parties(lists: dict[str, list[Item]], profile: Item | None, names: Names) -> None:
    """Say how those are called whom affiliations and the profile refer to, if they have a name."""
    refers = [(row, row[field]) for name, field in _PARTIES.items() for row in lists[name]]
    if profile is not None and profile["parent_id"] is not None:
        refers.append((profile, profile["parent_id"]))
    known = names(customers.VIEW, {_key(id) for _, id in refers})
    for row, id in refers:
        state = known.get(_key(id))
        row["parent_name" if row is profile else "name"] = None if state is None else state["name"]


def _name_campaigns(rows: list[Item], names: Names) -> None:
    known = names(campaigns.VIEW, {_key(row["campaign_id"]) for row in rows})
    for row in rows:
        state = known.get(_key(row["campaign_id"]))
        row["campaign"] = None if state is None else state["name"]


def _key(id: str) -> bytes:
    return bytes.fromhex(id.replace("-", ""))


def _last_contact(lists: Mapping[str, list[Item]]) -> Item | None:
    """The last time somebody was talked to, visited or written to."""
    found = [
        *(_contact("call", row, "at") for row in lists["last_call"]),
        *(_contact("visit", row, "checked_in_at") for row in lists["last_visit"]),
        *(_contact(row["kind"], row, "at") for row in lists["interactions"][:1]),
    ]
    return max(found, key=lambda contact: (contact["at"], contact["id"]), default=None)


def _next_contact(lists: Mapping[str, list[Item]]) -> Item | None:
    """The next visit or activity that is planned for a time still to come."""
    found = [
        *(_contact("visit", row, "planned_at") for row in lists["next_visit"]),
        *(_contact(row["kind"], row, "planned_at") for row in lists["next_activity"]),
    ]
    return min(found, key=lambda contact: (contact["at"], contact["id"]), default=None)


def _contact(kind: str, row: Item, time: str) -> Item:
    return {"kind": kind, "id": row["id"], "at": row[time]}
