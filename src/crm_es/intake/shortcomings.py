"""What is wrong with a command's body, told by the line and the column it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from crm_es.commands.shortcomings import told
from crm_es.intake.mapping.fields import Cell, Each, Id, ListOf, Object, Sum
from crm_es.intake.units import Planned, Reject, Unit, group_rejected

Location = Sequence[Any]


def rejects_of(unit: Unit, planned: Planned, error: ValidationError) -> list[Reject]:
    """Every line of the unit, the bad ones with what is wrong with them."""
    do = unit.do(planned)
    fields = do.fields if do else {}
    found: dict[tuple[int, str | None, str], Reject] = {}
    for one in error.errors(include_url=False, include_input=False):
        code, detail = told(one)
        name, *rest = one["loc"] or ("",)
        form = fields.get(str(name))
        line, column = _line(unit, form, rest), _column(form, rest)
        if column is None:
            detail = f"{planned.name}.{name}: {detail}"
        found.setdefault((line, column, code), Reject(unit.role, line, column, code, detail))
    return group_rejected(unit.role, unit.lines, list(found.values()))


def refused(unit: Unit, code: str, detail: str) -> list[Reject]:
    """Every line of a unit that the writer turned down."""
    return [Reject(unit.role, line, None, code, detail) for line in unit.lines]


def _line(unit: Unit, form: Any, rest: Location) -> int:
    """Which line an element of a list is from, where each line of the group yields one."""
    is_by_line = isinstance(form, Each) and form.when is None
    if is_by_line and rest and isinstance(rest[0], int) and rest[0] < len(unit.lines):
        return unit.lines[rest[0]]
    return unit.lines[0]


def _column(form: Any, rest: Location) -> str | None:
    """The column a place in a field is filled from, if one can be named."""
    inner = _inside(form, rest)
    return next(iter(inner.columns), None) if isinstance(inner, (Cell, Id)) else None


def _inside(form: Any, rest: Location) -> Any:
    """The form at a place in what another one makes."""
    if isinstance(form, Sum):
        return form.sum
    if isinstance(form, ListOf):
        return _inside(form.list, rest[1:])
    if isinstance(form, Each) and len(rest) > 1:
        return _inside(form.each.get(str(rest[1])), rest[2:])
    if isinstance(form, Object) and rest:
        return _inside(form.object.get(str(rest[0])), rest[1:])
    return form
