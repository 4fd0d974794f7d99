"""What there is in facts, and how our own questions are answered."""

from __future__ import annotations

from typing import Any, Literal

from crm_es.interfaces.http.shapes.pages import Shape


class FactColumn(Shape):
    name: str
    type: str
    """As DuckDB names it."""


class FactTable(Shape):
    name: str
    kind: Literal["fact", "view"]
    about: str
    columns: list[FactColumn]


class FactTables(Shape):
    position: int
    facts: list[FactTable]


class Question(Shape):
    name: str
    about: str
    """What is asked, the grain of its rows, their units."""
    parameters: dict[str, str]
    """By name, what each is: `date`, `timestamptz`."""


class Questions(Shape):
    items: list[Question]


class Answered(Shape):
    """Rows of values in the order of the columns."""

    position: int
    columns: list[str]
    rows: list[list[Any]]
