"""What a field form makes, as far as the mapping alone tells: JSON types, and fixed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from crm_es.intake.mapping.fields import (
    KEEP,
    OMIT,
    REJECT,
    Cell,
    Const,
    Duration,
    Each,
    Flag,
    ListOf,
    Mapped,
    Matched,
    Number,
    Object,
    Split,
    Sum,
)  # fmt: skip


def produced(form: Any) -> set[str]:
    """The JSON types of a form's values; a missing one is left out of the command."""
    if isinstance(form, Const):
        return {_kind(form.const)}
    if isinstance(form, Object):
        return {"object"}
    if isinstance(form, (Each, ListOf, Split)):
        return {"array"}
    if isinstance(form, Sum):
        return produced(form.sum)
    made = _of_cell(form)
    if isinstance(form, Cell) and form.default is not None:
        made.add(_kind(form.default))
    return made


def literals(form: Any) -> Iterator[Any]:
    """The values that stand in the mapping as they will stand in the command."""
    if isinstance(form, Const):
        yield form.const
    if isinstance(form, Mapped):
        yield from form.map.values()
    if isinstance(form, Matched):
        yield from (to for _, to in form.match)
    if isinstance(form, (Mapped, Matched)) and form.other not in (KEEP, REJECT, OMIT):
        yield form.other
    if isinstance(form, Cell) and form.default is not None:
        yield form.default


def _of_cell(form: Any) -> set[str]:
    if isinstance(form, (Mapped, Matched)):
        values = form.map.values() if isinstance(form, Mapped) else [to for _, to in form.match]
        kept: Iterable[Any] = [form.other] if form.other not in (REJECT, OMIT) else []
        return {_kind(value) for value in (*values, *kept)}
    if isinstance(form, Number):
        return {"integer"} if form.number == "int" else {"string"}
    if isinstance(form, Duration):
        return {"integer"}
    return {"boolean"} if isinstance(form, Flag) else {"string"}


def _kind(value: Any) -> str:
    """As JSON writes it; a decimal or date of the TOML becomes text."""
    kinds: dict[type, str] = {bool: "boolean", int: "integer", list: "array", dict: "object"}
    if isinstance(value, Decimal):
        return "string"
    return kinds.get(type(value), "string")
