"""Questions of our own, each a ``.sql`` text with parameters, asked by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

QUESTIONS: tuple[str, ...] = ("pipeline_at", "revenue_by_month", "revenue_in_one_currency")
"""Each of ``<name>.sql``. A parameter is text that its text converts: ``$moment::timestamptz``."""


class BadQuestion(Exception):  # noqa: N818 - reads as what it is
    """Its parameters are missing, too many, or not what they should be."""


class Found(NamedTuple):
    columns: list[str]
    rows: list[tuple[Any, ...]]


def texts() -> dict[str, str]:
    """By name."""
    folder = Path(__file__).parent
    return {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in QUESTIONS}


def ask(db: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, str]) -> Found:
    """Raises BadQuestion."""
    try:
        found = db.execute(text, dict(parameters))
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.BinderException) as e:
        raise BadQuestion(str(e)) from e
    return Found([column[0] for column in found.description], found.fetchall())
