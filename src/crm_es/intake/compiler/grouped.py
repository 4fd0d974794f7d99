"""Rows that belong together, or in another order: numbered as units, then put together.

The rows of the units are worked out one by one into *parts*, their first rows into *heads*; both
lie sorted by unit, so that a span of units is read and joined within bounded memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from crm_es.intake.compiler.program import Program, Selection
from crm_es.intake.compiler.steps import Gathered

GROUP_MAX = 10_000
"""Rows; a larger group is no transaction but a mapping with the wrong key."""

_SPAN = "_unit between $low and $high"
_PLACE = {"_unit": "_unit", "_line": "_line"}

Over = Callable[[str], str]
"""A pass over rows, once it is known which columns all passes need."""
Fields = list[tuple[str, Gathered]]
"""The fields of one command that its rows make together, each with the column of its pieces."""


def grouped(selection: Selection) -> Program:
    heads = _heads(selection)
    parts, fields = _parts(selection)
    rows = f"select u._unit, r.* from ({selection.kept()}) r join units u on"
    same = " and ".join(f"r.{key} = u.{key}" for key in selection.keys) or "r._line = u._first"
    fits = f"u.n <= {GROUP_MAX}"
    first_rows, all_rows = f"{rows} r._line = u._first where {fits}", f"{rows} {same} where {fits}"
    too_large = f"select _line, null, 'group.too_large' from ({rows} {same} where not {fits})"
    refused = f"{selection.keyless()} union all {too_large}" if selection.keys else too_large
    return Program(
        commands=selection.commands,
        checks=tuple(selection.slots),
        prepare=(
            *selection.columns.tables(),
            f"create or replace temp table units as {_units(selection)}",
            f"create or replace temp table heads as {heads(first_rows)} order by _unit",
            f"create or replace temp table parts as {parts(all_rows)} order by _unit, _line",
        ),
        skipped=selection.skipped(),
        repeated=None,
        refused=f"{refused} order by _line",
        spans="select min(_unit), max(_unit) from units group by span order by 1",
        units=_joined(fields),
        claimed=selection.claimed(),
        absent=tuple(selection.columns.absent),
    )


def _units(selection: Selection) -> str:
    """SELECT the units by number, each with its first line, its keys and how many rows it has."""
    keys = "".join(f", {key}" for key in selection.keys)
    groups = f"select min(_line) as _first, count(*) as n{keys} from ({selection.kept()})"
    groups += f" group by {keys[2:]}" if keys else " group by _line"
    steps = selection.steps()
    by = {f"by{n}": steps.sortable(form) for n, form in enumerate(selection.rows.order)}
    if by:
        ranked = steps.layers.over(selection.kept(), {"_first": "_line", **by})
        groups = f"select * from ({groups}) join ({ranked}) using (_first)"
    order = ", ".join([*by, "_first"])
    return (
        f"select *, sum(n) over (order by _unit) // {selection.span_rows} as span from "
        f"(select *, row_number() over (order by {order}) as _unit from ({groups})) order by _unit"
    )


def _heads(selection: Selection) -> Over:
    """Of each command: whether it applies, the members of its body, and what is wrong with them."""
    steps, results = selection.steps(), dict(_PLACE)
    for n, do in enumerate(selection.commands):
        applies = steps.condition(do.when)
        members = ", ".join(steps.members(do)) or "null"
        results[f"applies{n}"] = applies
        results[f"members{n}"] = f"nullif(concat_ws(',', {members}), '')"
        results[f"faults{n}"] = f"case when {applies} then {steps.faults()} end"
    return partial(steps.layers.over, results=results)


def _parts(selection: Selection) -> tuple[Over, list[Fields]]:
    """Of each row: its pieces of the commands' fields, and what is wrong with them."""
    steps, results, fields = selection.steps(), dict(_PLACE), []
    steps.rejections(selection.rows.reject)
    results["faults"] = steps.faults()
    for n, do in enumerate(selection.commands):
        fields.append([(f"piece{n}_{m}", one) for m, one in enumerate(steps.gathered(do))])
        results |= {name: one.piece for name, one in fields[n]}
        results[f"faults{n}"] = steps.faults()
    return partial(steps.layers.over, results=results), fields


def _joined(fields: list[Fields]) -> str:
    together = ["list(_line order by _line) as lines", f"{_told('faults')} as faults"]
    bodies, faults = [], ["p.faults"]
    for n, of_command in enumerate(fields):
        together.append(f"{_told(f'faults{n}')} as faults{n}")
        together += [f"{one.of_all(name)} as {name}" for name, one in of_command]
        members = ", ".join([f"h.members{n}", *(f"p.{name}" for name, _ in of_command)])
        bodies.append(f"case when h.applies{n} then '{{' || concat_ws(',', {members}) || '}}' end")
        faults += [f"h._line || ':' || h.faults{n}", f"case when h.applies{n} then p.faults{n} end"]
    parts = f"select _unit, {', '.join(together)} from parts where {_SPAN} group by _unit"
    return (
        f"select h._line, p.lines, nullif(concat_ws('|', {', '.join(faults)}), ''), "
        f"{', '.join(bodies)} from (select * from heads where {_SPAN}) h join ({parts}) p "
        "using (_unit) order by _unit"
    )


def _told(faults: str) -> str:
    """The faults of a group's rows, each with its line."""
    told = f"_line || ':' || {faults}"
    return f"string_agg({told}, '|' order by _line) filter ({faults} is not null)"
