"""What there is to be read: the facts and the views over them, their columns, what each is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from crm_es.projections.facts.plan import Plan

_IS_VIEW = re.compile(r"\bcreate\s+or\s+replace\s+view\b", re.IGNORECASE)
_COLUMNS = """
select table_name, column_name, data_type from duckdb_columns()
where database_name = current_database() and schema_name = 'main'
order by table_name, column_index
"""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A fact or a view that can be read whole."""

    name: str
    is_fact: bool
    about: str
    """The head of its text: what it is, its grain, its units."""
    facts: tuple[str, ...]
    """The facts it is made of: itself, or those behind a view."""
    columns: tuple[Column, ...]


def catalogue(db: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, Relation]:
    """By name. Macros are no relations."""
    columns: dict[str, list[Column]] = {}
    for table, name, kind in db.execute(_COLUMNS).fetchall():
        columns.setdefault(table, []).append(Column(name, kind))
    behind = _behind(plan)
    texts = {**plan.facts, **plan.views}
    return {
        name: Relation(
            name,
            name in plan.facts,
            about(text),
            tuple(one for one in behind[name] if one in plan.facts),
            tuple(columns.get(name, ())),
        )
        for name, text in texts.items()
        if name in plan.facts or is_view(text)
    }


def is_view(text: str) -> bool:
    return _IS_VIEW.search(text) is not None


def about(text: str) -> str:
    """The comment a text begins with."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines)


def facts_read(plan: Plan, text: str) -> list[str]:
    """The facts some SQL is about, itself or through views."""
    return [name for name in _read(text, _behind(plan)) if name in plan.facts]


def views_read(plan: Plan, text: str) -> list[str]:
    """The views some SQL is about, itself or through others; macros are none."""
    return [
        name
        for name in _read(text, _behind(plan))
        if name in plan.views and is_view(plan.views[name])
    ]


def _behind(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """By name of a fact, a view or a macro: itself and all it is made of."""
    behind: dict[str, tuple[str, ...]] = {name: (name,) for name in plan.facts}
    for name, text in plan.views.items():  # they stand after those they read: one pass is enough
        behind[name] = (*_read(text, behind), name)
    return behind


def _read(text: str, behind: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    named = [name for name in behind if re.search(rf"\b{name}\b", text)]
    return tuple(dict.fromkeys(one for name in named for one in behind[name]))
