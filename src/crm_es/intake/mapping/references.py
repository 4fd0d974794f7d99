"""Whether what a mapping names within itself is there: files, lookups, groups for lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crm_es.intake.mapping.fields import Cell, Each, Id, ListOf, Object, Sum
from crm_es.intake.mapping.rules import Mapping, Rows

Wrong = tuple[tuple[Any, ...], str]
"""(place in the TOML, what is wrong there)"""


def missing_references(mapping: Mapping) -> list[Wrong]:
    wrongs: list[Wrong] = []
    for n, rows in enumerate(mapping.rows):
        if rows.main not in mapping.files:
            key = "from" if rows.file is not None else "counts"
            wrongs.append((("rows", n, key), f"no file {rows.main!r} is declared"))
        for place, form in forms_of(rows):
            if isinstance(form, Cell) and form.lookup and form.lookup.file not in mapping.files:
                where = ("rows", n, *place, "lookup", "file")
                wrongs.append((where, f"no file {form.lookup.file!r} is declared"))
    used = {rows.main for rows in mapping.rows} | {"*" for rows in mapping.rows if rows.sql}
    for name, layout in mapping.files.items():
        if name not in used and not layout.lookup and "*" not in used:
            wrongs.append((("files", name), "no rows use it; is it lookup = true?"))
    return wrongs


def forms_of(rows: Rows) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every form under some rows, with those inside it, each with its place."""
    for kind, steps in (("do", rows.do), ("update", rows.update)):
        for n, do in enumerate(steps):
            for name, form in do.fields.items():
                yield from _inside((kind, n, name), form)
    for n, form in enumerate(rows.order):
        yield from _inside(("order", n), form)


def _inside(place: tuple[Any, ...], form: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield place, form
    if isinstance(form, (Object, Each)):
        members = form.object if isinstance(form, Object) else form.each
        for name, member in members.items():
            yield from _inside((*place, name), member)
    elif isinstance(form, ListOf):
        yield from _inside((*place, "list"), form.list)
    elif isinstance(form, Sum):
        yield from _inside((*place, "sum"), form.sum)
    elif isinstance(form, Id):
        for n, part in enumerate(form.id):
            if isinstance(part, Cell):
                yield (*place, "id", n), part
