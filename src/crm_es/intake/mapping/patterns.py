"""Patterns as the engine that will run them takes them: RE2, checked when a mapping is read."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import duckdb
from pydantic import AfterValidator

from crm_es.intake.mapping.part import Text, wrong


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def _compiles(pattern: str) -> str:
    try:
        _engine().cursor().execute("select regexp_full_match('', $1)", [pattern]).fetchall()
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0].partition(": ")[2]
        raise wrong(f"{pattern!r} is no pattern: {reason}") from None
    return pattern


Pattern = Annotated[Text, AfterValidator(_compiles)]
