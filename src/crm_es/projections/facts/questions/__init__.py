"""Questions of our own, each a ``.sql`` text with parameters, asked by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

QUESTIONS: tuple[str, ...] = ("pipeline_at", "revenue_by_month", "revenue_in_one_currency")
"""Each of ``<name>.sql``. A parameter is text that its text converts: ``$moment::timestamptz``."""


_PARAMETER = re.compile(r"\$([a-z_]+)::([a-z]+)")
_KINDS = {
    "timestamptz": "a moment such as 2026-01-31T12:00:00Z is expected",
    "date": "a day such as 2026-01-31 is expected",
}
"""What a parameter may be, and the words for it."""


class BadQuestion(Exception):  # noqa: N818 - reads as what it is
    """One of its parameters is missing, too much, or not what it should be."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


class Found(NamedTuple):
    columns: list[str]
    rows: list[tuple[Any, ...]]


def texts() -> dict[str, str]:
    """By name."""
    folder = Path(__file__).parent
    return {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in QUESTIONS}


def parameters_of(text: str) -> dict[str, str]:
    """What each parameter of a question is converted to, by its name."""
    return dict(_PARAMETER.findall(text))


def ask(db: duckdb.DuckDBPyConnection, text: str, given: Mapping[str, str]) -> Found:
    """Raises BadQuestion, whatever there is to be found: DuckDB itself converts what it reads."""
    kinds = parameters_of(text)
    for name in given:
        if name not in kinds:
            raise BadQuestion(name, f"The question has {', '.join(kinds)} and nothing else.")
    for name, kind in kinds.items():
        if name not in given:
            raise BadQuestion(name, f"{name} is missing: {_KINDS[kind]}.")
        if db.execute(f"select try_cast($1 as {kind})", [given[name]]).fetchall() == [(None,)]:
            raise BadQuestion(name, f"{name} is not that: {_KINDS[kind]}.")
    found = db.execute(text, dict(given))
    return Found([column[0] for column in found.description], found.fetchall())
