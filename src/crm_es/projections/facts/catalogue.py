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
    behind = _facts_behind(plan)
    texts = {**plan.facts, **plan.views}
    return {
        name: Relation(
            name, name in plan.facts, about(text), behind[name], tuple(columns.get(name, ()))
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


def _facts_behind(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Views stand after those they read, so one pass is enough."""
    behind: dict[str, tuple[str, ...]] = {name: (name,) for name in plan.facts}
    for name, text in plan.views.items():
        read = [other for other in behind if re.search(rf"\b{other}\b", text)]
        behind[name] = tuple(dict.fromkeys(fact for other in read for fact in behind[other]))
    return behind
