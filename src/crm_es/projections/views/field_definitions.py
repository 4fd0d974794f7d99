"""The custom attributes that are defined, by the kind of thing they belong to."""

from __future__ import annotations

import sqlalchemy as sa

from crm_es.projections.views.base import Key, View, table
from crm_es.projections.views.folds import begins, changes
from crm_es.projections.views.paging import LIMIT, Page, page

FIELD_DEFINITION = table(
    "field_definition",
    sa.Column("kind", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    indexes=(("kind", "name"), ("name",)),
)

VIEW = View(
    name="field_definitions",
    version=1,
    key=Key.STREAM,
    folds={
        "field_definition.defined": begins(
            "kind", "name", "type", "is_sealed", "description", is_deprecated=False
        ),
        "field_definition.deprecated": changes(is_deprecated=True),
    },
    table=FIELD_DEFINITION,
    pick=lambda s: (s["kind"], s["name"]),
)


def field_definitions(
    db: sa.Connection, *, kind: str | None = None, after: str | None = None, limit: int = LIMIT
) -> Page:
    """Definitions by name."""
    by = FIELD_DEFINITION.c.name
    return page(
        db, FIELD_DEFINITION, by, equal={"kind": kind}, is_rising=True, after=after, limit=limit
    )
