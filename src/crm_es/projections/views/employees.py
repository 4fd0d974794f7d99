"""Employees: who works here, in which team and under whom."""

from __future__ import annotations

import sqlalchemy as sa

from crm_es.projections.views.base import Key, View, table
from crm_es.projections.views.folds import begins, changes, gone
from crm_es.projections.views.paging import LIMIT, Page, page

EMPLOYEE = table(
    "employee",
    sa.Column("handle", sa.Text, nullable=False),
    sa.Column("team", sa.Text),
    sa.Column("manager", sa.Text),
    sa.Column("has_left", sa.Boolean, nullable=False),
    indexes=(("handle",), ("team", "handle"), ("manager", "handle")),
)

VIEW = View(
    name="employees",
    version=1,
    key=Key.STREAM,
    folds={
        "employee.registered": begins(
            "handle", "name", "team", "manager", "since", "source", "source_id", has_left=False
        ),
        "employee.renamed": changes("name"),
        "employee.team_changed": changes(to={"team": "to_team"}),
        "employee.manager_changed": changes(to={"manager": "to_manager"}),
        "employee.left": changes(has_left=True),
        "employee.came_back": changes(has_left=False),
        "employee.retracted": gone,
    },
    table=EMPLOYEE,
    pick=lambda s: (s["handle"], s["team"], s["manager"], s["has_left"]),
)


def employees(
    db: sa.Connection,
    *,
    handle: str | None = None,
    team: str | None = None,
    manager: str | None = None,
    has_left: bool | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Employees by handle."""
    equal = {"handle": handle, "team": team, "manager": manager, "has_left": has_left}
    return page(
        db, EMPLOYEE, EMPLOYEE.c.handle, equal=equal, is_rising=True, after=after, limit=limit
    )
