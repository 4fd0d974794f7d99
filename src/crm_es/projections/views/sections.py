"""The lists of a customer's document: which rows each shows, in which order, and how many.

Each is declared once by columns of its view, so that live it is one index seek, and as of another
moment the same choice among folded rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from crm_es.projections.views import (
    activities,
    affiliations,
    calls,
    campaign_members,
    cases,
    customer_figures,
    customers,
    interactions,
    leads,
    opportunities,
    orders,
    visits,
    web_sessions,
)
from crm_es.projections.views.base import State, View
from crm_es.projections.views.folding import Row

SHOWN = 20
"""So many of a list are shown; the figures say how many there are."""


class Section(NamedTuple):
    name: str
    view: View
    equal: Mapping[str, Any] = {}
    by: str = "at"
    is_rising: bool = False
    limit: int = SHOWN
    whose: str = "customer_id"
    """The column that holds the customer."""
    is_ahead: bool = False
    """Only what lies at or behind the moment of asking."""


class Shown(NamedTuple):
    """A row that a section shows."""

    key: bytes
    version: int
    state: State


SECTIONS = (
    Section("profile", customers.VIEW, whose="key", limit=1),
    Section("figures", customer_figures.VIEW, by="last_at", whose="key", limit=1),
    Section("employers", affiliations.VIEW, {"has_ended": False}, whose="person_id"),
    Section("former_employers", affiliations.VIEW, {"has_ended": True}, whose="person_id"),
    Section("contacts", affiliations.VIEW, {"has_ended": False}, whose="organisation_id"),
    Section("former_contacts", affiliations.VIEW, {"has_ended": True}, whose="organisation_id"),
    Section("leads", leads.VIEW),
    Section("open_opportunities", opportunities.VIEW, {"is_open": True}),
    Section("past_opportunities", opportunities.VIEW, {"is_open": False}),
    Section("orders", orders.VIEW),
    Section("open_cases", cases.VIEW, {"is_open": True}),
    Section("past_cases", cases.VIEW, {"is_open": False}),
    Section("calls", calls.VIEW),
    Section("last_call", calls.VIEW, by="contact_at", limit=1),
    Section("visits", visits.VIEW),
    Section("last_visit", visits.VIEW, by="contact_at", limit=1),
    Section(
        "next_visit", visits.VIEW, {"status": "planned"}, "planned_at", is_rising=True, limit=1,
        is_ahead=True,
    ),
    Section("interactions", interactions.VIEW),
    Section("sessions", web_sessions.VIEW),
    Section("campaigns", campaign_members.VIEW),
    Section(
        "planned_activities", activities.VIEW, {"status": "planned"}, "planned_at", is_rising=True
    ),
    Section("activities", activities.VIEW),
    Section(
        "next_activity", activities.VIEW, {"status": "planned"}, "planned_at", is_rising=True,
        limit=1, is_ahead=True,
    ),
)  # fmt: skip
VIEWS = tuple({section.view.name: section.view for section in SECTIONS}.values())


def live(db: sa.Connection, customer: bytes, now: str) -> dict[str, list[Shown]]:
    """The rows of each section, all by one statement of as many index seeks."""
    found: dict[str, list[Shown]] = {section.name: [] for section in SECTIONS}
    for n, key, version, state in db.execute(_LIVE, {"customer": customer, "now": now}):
        found[SECTIONS[n].name].append(Shown(key, version, orjson.loads(state)))
    return found


def _seek(n: int, section: Section) -> sa.Select[Any]:
    rows = section.view.table.c
    by = rows[section.by]
    where = [rows[section.whose] == sa.bindparam("customer"), by.is_not(None)]
    where += [rows[name] == value for name, value in section.equal.items()]
    if section.is_ahead:
        where.append(by >= sa.bindparam("now"))
    order = (by.asc(), rows.key.asc()) if section.is_rising else (by.desc(), rows.key.desc())
    rows_of = sa.select(sa.literal_column(str(n)).label("n"), rows.key, rows.version, rows.state)
    found = rows_of.where(*where).order_by(*order).limit(section.limit).subquery()
    return sa.select(found)


_LIVE = sa.union_all(*(_seek(n, section) for n, section in enumerate(SECTIONS)))


def chosen(rows: Mapping[str, Sequence[Row]], customer: bytes, now: str) -> dict[str, list[Shown]]:
    """As ``live``, of rows that were folded: by view, everything that names the customer."""
    columned = {
        view.name: [_columns(view, row) for row in rows[view.name] if row.state is not None]
        for view in VIEWS
    }
    return {s.name: _choice(s, columned[s.view.name], customer, now) for s in SECTIONS}


Columned = tuple[dict[str, Any], Row]


def _columns(view: View, row: Row) -> Columned:
    picked = view.pick(row.state or {})
    names = [column.name for column in view.table.columns][4:]
    return {"key": row.key, **dict(zip(names, picked, strict=True))}, row


def _choice(section: Section, rows: Iterable[Columned], customer: bytes, now: str) -> list[Shown]:
    wanted = {section.whose: customer, **section.equal}
    fitting = [
        (columns[section.by], row)
        for columns, row in rows
        if columns[section.by] is not None
        and all(columns[name] == value for name, value in wanted.items())
        and not (section.is_ahead and columns[section.by] < now)
    ]
    fitting.sort(key=lambda one: (one[0], one[1].key), reverse=not section.is_rising)
    return [Shown(row.key, row.version, row.state or {}) for _, row in fitting[: section.limit]]
