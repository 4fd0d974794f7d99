"""A mapping: one TOML that says what the rows of a source's files mean."""

from __future__ import annotations

import hashlib
import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from crm_es.errors import Invalid, NotFound
from crm_es.intake.mapping.commands import wrong_commands
from crm_es.intake.mapping.references import missing_references
from crm_es.intake.mapping.rules import Do, Mapping, Rows
from crm_es.intake.mappings import shipped_names

__all__ = ["Do", "Mapping", "Rows", "read_mapping", "shipped", "shipped_names"]

SIZE_MAX = 1_000_000
_ERRORS_MAX = 10
_SHIPPED = files("crm_es.intake.mappings")


def read_mapping(text: str, *, allow_sql: bool = False) -> Mapping:
    """Read a mapping strictly. Raises Invalid, which names every place in the TOML that is wrong.

    ``allow_sql`` is for mappings of an operator only, never for one that came over HTTP.
    """
    if len(text) > SIZE_MAX:
        raise Invalid("mapping.too_large", f"A mapping has at most {SIZE_MAX} characters.")
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Invalid("mapping.toml", f"Not TOML: {error}.") from None
    given["digest"] = hashlib.sha256(text.encode()).hexdigest()
    given.setdefault("source", given.get("name"))
    try:
        mapping = Mapping.model_validate(given)
    except ValidationError as error:
        raise _invalid([(detail["loc"], detail["msg"]) for detail in error.errors()]) from None
    if wrongs := [*missing_references(mapping), *wrong_commands(mapping)]:
        raise _invalid(wrongs)
    for n, rows in enumerate(mapping.rows):
        if rows.sql is not None and not allow_sql:
            path = _path(("rows", n, "sql"))
            raise Invalid("mapping.sql_not_allowed", f"{path}: only an operator may use sql.")
    return mapping


def shipped(name: str) -> Mapping:
    """One of the mappings that come with the CRM. Raises NotFound."""
    if name not in shipped_names():
        raise NotFound("mapping.unknown", f"No mapping {name!r} is shipped.")
    return read_mapping(_SHIPPED.joinpath(f"{name}.toml").read_text("utf-8"), allow_sql=True)


def _invalid(wrongs: list[tuple[tuple[Any, ...], str]]) -> Invalid:
    told = [f"{_path(where)}: {what}" for where, what in wrongs[:_ERRORS_MAX]]
    if len(wrongs) > _ERRORS_MAX:
        told.append(f"and {len(wrongs) - _ERRORS_MAX} more")
    return Invalid("mapping.invalid", "; ".join(told), pointer=_path(wrongs[0][0]))


def _path(where: tuple[Any, ...]) -> str:
    """``rows[0].do[1].at.time``: a place in the TOML."""
    path = ""
    for step in where:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith("<"):
            path += f".{step}" if path else step
    return path
