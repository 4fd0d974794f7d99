"""The analytical side in DuckDB: a mirror of the log, facts of single events, views over them."""

from __future__ import annotations

from pathlib import Path

FACTS: tuple[str, ...] = ()
"""Tables, each of ``<name>.sql``: insert-only, every row a function of one event."""

VIEWS: tuple[str, ...] = ("dim_date",)
"""Views over facts, each of ``<name>.sql``, after those it reads; tables in snapshots."""


def text(name: str) -> str:
    """The SQL of a fact or a view."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
