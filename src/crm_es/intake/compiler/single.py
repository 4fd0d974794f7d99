"""Rows that stand for themselves: one pass, in the order of the file."""

from __future__ import annotations

from crm_es.intake.compiler.program import Program, Selection

_SPAN = "_line between $low and $high"


def single(selection: Selection) -> Program:
    steps = selection.steps()
    steps.rejections(selection.rows.reject)
    faults, bodies = [steps.faults()], {}
    for n, do in enumerate(selection.commands):
        applies = steps.condition(do.when)
        members = steps.members(do) + [gathered.alone() for gathered in steps.gathered(do)]
        body = f"'{{' || concat_ws(',', {', '.join(members)}) || '}}'"
        bodies[f"body{n}"] = f"case when {applies} then {body} end"
        faults.append(f"case when {applies} then {steps.faults()} end")
    told = f"_line || ':' || nullif(concat_ws(';', {', '.join(faults)}), '')"
    results = {"_line": "_line", "lines": "null", "faults": told, **bodies}
    kept = selection.kept(_SPAN)
    if selection.rows.once:
        first = f"select _line from firsts where {_SPAN}"
        kept = f"select * from ({kept}) semi join ({first}) using (_line)"
    return Program(
        commands=selection.commands,
        checks=tuple(selection.slots),
        prepare=(*selection.columns.tables(), *_firsts(selection)),
        skipped=selection.skipped(),
        repeated=_repeated(selection),
        refused=f"{selection.keyless()} order by _line" if selection.keys else None,
        spans=None,
        units=f"{steps.layers.over(kept, results)} order by _line",
        claimed=selection.claimed(),
        absent=tuple(selection.columns.absent),
    )


def _firsts(selection: Selection) -> list[str]:
    if not selection.rows.once:
        return []
    keys = ", ".join(selection.keys)
    first = f"select min(_line) as _line from ({selection.kept()}) group by {keys}"
    return [f"create or replace temp table firsts as {first} order by _line"]


def _repeated(selection: Selection) -> str | None:
    if selection.rows.repeats == "ignore":
        return None
    return f"select _line from ({selection.kept()}) anti join firsts using (_line) order by _line"
