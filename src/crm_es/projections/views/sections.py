"""The lists of a customer's document: which rows each shows, in which order, and how many.

Each is declared once by columns of its view, so that live it is one index seek, and as of another
moment the same choice among folded rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
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
    Section("last_call", calls.VIEW, {"result": "answered"}, limit=1),
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
    for n, key, version, state in db.execute(LIVE, {"customer": customer, "now": now}):
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


LIVE = sa.union_all(*(_seek(n, section) for n, section in enumerate(SECTIONS)))


def chosen(section: Section, rows: Iterable[Row], customer: bytes, now: str) -> list[Shown]:
    """As ``live``, of one section, from rows that may be the customer's.

    A section by ``at`` is given them newest first, and takes no more of them than it shows.
    """
    fitting = _fitting(section, rows, customer, now)
    if section.by == "at":
        return [shown for _, shown in islice(fitting, section.limit)]
    in_order = sorted(fitting, key=lambda one: (one[0], one[1].key), reverse=not section.is_rising)
    return [shown for _, shown in in_order[: section.limit]]


def _fitting(
    section: Section, rows: Iterable[Row], customer: bytes, now: str
) -> Iterator[tuple[Any, Shown]]:
    names = [column.name for column in section.view.table.columns][4:]
    wanted = {section.whose: customer, **section.equal}.items()
    for row in rows:
        if row.state is None:
            continue
        columns = dict(zip(names, section.view.pick(row.state), strict=True))
        columns["key"] = row.key
        by = columns[section.by]
        is_past = section.is_ahead and by < now
        if by is not None and not is_past and all(columns[n] == value for n, value in wanted):
            yield by, Shown(row.key, row.version, row.state)
