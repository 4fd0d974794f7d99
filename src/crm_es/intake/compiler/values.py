"""A field of a command as SQL: JSON text, null where it is left out, '!' and a code where wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any

from crm_es.intake.compiler import times
from crm_es.intake.compiler.checks import Check
from crm_es.intake.compiler.layers import Layers
from crm_es.intake.compiler.numbers import number_text
from crm_es.intake.ids import NAMESPACE, source_id
from crm_es.intake.mapping.fields import (
    KEEP,
    OMIT,
    REJECT,
    Cell,
    Const,
    Date,
    Duration,
    Flag,
    Id,
    IdPart,
    Lookup,
    Mapped,
    Matched,
    Number,
    Object,
    RowForm,
    Split,
    Time,
    columns_in,
    pieces_of,
)  # fmt: skip
from crm_es.intake.sql import literal

_UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}


@dataclass
class Values:
    """The values of one file's rows. ``column`` and ``lookup`` give names of base columns."""

    layers: Layers
    column: Callable[[str], str]
    lookup: Callable[[Lookup], str]
    space: str
    """The source that ids are of."""
    zone: str
    decimal: str | None
    checks: list[Check] = field(default_factory=list)
    """Of the values made since it was last emptied."""

    def member(self, name: str, form: RowForm) -> str:
        """``"name":value``, or null."""
        if isinstance(form, Const):
            return literal(f"{json.dumps(name)}:{_json(form.const)}")
        return f"{literal(json.dumps(name) + ':')} || {self.value(form)}"

    @singledispatchmethod
    def value(self, form: Any) -> str:
        raise TypeError(form)

    @value.register
    def _(self, form: Const) -> str:
        return literal(_json(form.const))

    @value.register
    def _(self, form: Object) -> str:
        members = [self.member(name, inner) for name, inner in form.object.items()]
        inside = self.layers.name(f"nullif(concat_ws(',', {', '.join(members)}), '')")
        return f"'{{' || {inside} || '}}'"

    @value.register
    def _(self, form: Id) -> str:
        parts = [self._id_part(part) for part in form.id]
        if not form.columns:
            return literal(f'"{source_id(self.space, [str(part) for part in form.id])}"')
        name = " || chr(31) || ".join([literal(self.space), *parts])
        space = "'" + "".join(f"\\x{byte:02X}" for byte in NAMESPACE.bytes) + "'::blob"
        hashed = self.layers.name(f"sha1({space} || encode({name}))")
        value = self.layers.name(f"json_uuid5({hashed})")
        if form.required:
            return self._required(value, form.columns[0])
        return value

    @value.register
    def _(self, form: Cell) -> str:
        return self._finished(form, self.layers.name(f"json_text({self.text(form)})"))

    @value.register
    def _(self, form: Split) -> str:
        cell = self.text(form)
        return self._finished(form, self.layers.name(f"json_split({cell}, {literal(form.split)})"))

    @value.register
    def _(self, form: Number) -> str:
        kind = "json_integer" if form.number == "int" else "json_decimal"
        value = self.layers.name(f"{kind}({self.number(form)})")
        return self._finished(form, value, "a number the mapping can tell")

    @value.register
    def _(self, form: Time) -> str:
        moment = self.moment(form)
        value = self.layers.name(f"json_time({self.text(form)}, {moment})")
        if form.minus_months is not None:
            months = self.column(form.minus_months)
            told = f"coalesce({months}, '')"
            wrong = f"not regexp_full_match({told}, '[0-9]{{1,4}}')"
            checked = self.layers.name(f"case when {wrong} then '!number.format' end")
            self.checks.append(Check(checked, form.minus_months, "a number of months"))
        return self._finished(form, value, _expected(form.time))

    @value.register
    def _(self, form: Date) -> str:
        cell = self.text(form)
        moment = times.local_moment(self.layers, cell, form.date)
        value = self.layers.name(f"json_date({cell}, {moment})")
        return self._finished(form, value, _expected(form.date))

    @value.register
    def _(self, form: Duration) -> str:
        cell = self.text(form)
        if form.duration in _UNITS:
            number = self.layers.name(number_text(cell, self.decimal))  # type: ignore[arg-type]
            told = f"unit_seconds({number}, {_UNITS[form.duration]})"
        else:
            told = f"{form.duration}_seconds({cell})"
        return self._finished(form, self.layers.name(told), f"a duration ({form.duration})")

    @value.register
    def _(self, form: Mapped) -> str:
        cell = self.text(form)
        cases = [f"when {literal(key)} then {_scalar(to)}" for key, to in form.map.items()]
        told = f"case {cell} {' '.join(cases)} else {_otherwise(form.other, cell)} end"
        return self._finished(form, self.layers.name(told), "a value the mapping knows")

    @value.register
    def _(self, form: Matched) -> str:
        cell = self.text(form)
        cases = [
            f"when regexp_full_match({cell}, {literal(str(pattern))}) then {_scalar(to)}"
            for pattern, to in form.match
        ]
        told = f"case {' '.join(cases)} else {_otherwise(form.other, cell)} end"
        return self._finished(form, self.layers.name(told), "a value the mapping knows")

    @value.register
    def _(self, form: Flag) -> str:
        cell = self.text(form)
        yes = f"when {cell} in {_among(form.flag)} then 'true'"
        if form.false is None:
            told = f"case {yes} when {cell} is not null then 'false' end"
        else:
            no = f"when {cell} in {_among(form.false)} then 'false'"
            told = f"case {yes} {no} when {cell} is not null then '!value.unknown' end"
        return self._finished(form, self.layers.name(told), "a value the mapping knows")

    def text(self, form: Cell) -> str:
        """The name of a cell's text, cleaned as the form says."""
        text = self._source(form)
        if form.strip is not None:
            text = f"nullif(trim(regexp_replace({text}, {literal(form.strip)}, '', 'g')), '')"
        if form.upper or form.lower:
            text = f"{'upper' if form.upper else 'lower'}({text})"
        if form.cut is not None:
            text = f"trim(left({text}, {form.cut}))"
        return text if text.isidentifier() else self.layers.name(text)

    def number(self, form: Number) -> str:
        """The name of a number's canonical decimal, or '!' and a code."""
        mark = form.decimal or self.decimal
        text = self.text(form)
        if form.round is not None:
            text = self.layers.name(f"rough({text})")
        name = self.layers.name(number_text(text, mark))  # type: ignore[arg-type]
        if form.shift:
            factor = f"{Decimal(10) ** form.shift:f}::decimal(13, 6)"
            name = self.layers.name(f"shifted({name}, {factor})")
        if form.round is not None:
            name = self.layers.name(f"rounded({name}, {form.round})")
        return name

    def moment(self, form: Time) -> str:
        """The name of a time as a timestamp in UTC."""
        moment = times.moment(self.layers, self.text(form), form.time, form.zone or self.zone)
        if form.minus_months is None:
            return moment
        months = f"try_cast({self.column(form.minus_months)} as integer)"
        back = f"case when {months} between 0 and 9999 then {moment} - to_months({months})"
        return self.layers.name(f"{back} else {moment} end")

    def precision(self, form: Time) -> str | None:
        """A time's precision as JSON text, null where it is exact; None where it always is."""
        cell = self.text(form)
        if form.precision is not None:
            told = f"case when {cell} is not null then {literal(form.precision)} end"
        else:
            told = times.precision(cell, form.time)
        if form.default is not None:
            told = f"coalesce({told}, 'unknown')"
        if form.default is None and {one.precision for one in form.time} == {"exact"}:
            return None if form.precision in (None, "exact") else self._quoted(told)
        return self._quoted(told)

    def _quoted(self, told: str) -> str:
        exactly = self.layers.name(told)
        return self.layers.name(f"'\"' || nullif({exactly}, 'exact') || '\"'")

    def _source(self, form: Cell) -> str:
        if form.column is not None:
            return self.column(form.column)
        if form.lookup is not None:
            return self.lookup(form.lookup)
        if form.const is not None:
            return literal(form.const)
        return self._template(str(form.text))

    def _template(self, template: str) -> str:
        """A text with columns in it; missing ones are empty, and all missing make it so."""
        names = [self.column(column) for column in columns_in(template)]
        if not names:
            return literal(template)
        pieces = []
        for before, column in pieces_of(template):
            pieces += [literal(before)] if before else []
            pieces += [f"coalesce({self.column(column)}, '')"] if column else []
        return (
            f"case when coalesce({', '.join(names)}) is not null "
            f"then nullif(trim({' || '.join(pieces)}), '') end"
        )

    def _id_part(self, part: str | IdPart) -> str:
        """Unlike any other text it is null when one of its columns is."""
        if isinstance(part, IdPart):
            return self.text(part)
        pieces = []
        for before, column in pieces_of(part):
            pieces += [literal(before)] if before else []
            pieces += [self.column(column)] if column else []
        return " || ".join(pieces) or "''"

    def _finished(self, form: Cell, value: str, expected: str | None = None) -> str:
        if form.default is not None:
            value = self.layers.name(f"coalesce({value}, {_scalar(form.default)})")
        column = next(iter(form.columns), None)
        if form.required:
            value = self._required(value, column, expected or "a value")
        elif expected is not None:
            self.checks.append(Check(value, column, expected))
        return value

    def _required(self, value: str, column: str | None, expected: str = "a value") -> str:
        value = self.layers.name(f"coalesce({value}, '!cell.missing')")
        self.checks.append(Check(value, column, expected))
        return value


def _otherwise(other: Any, cell: str) -> str:
    if other == KEEP:
        return f"json_text({cell})"
    if other == OMIT:
        return "null"
    told = "'!value.unknown'" if other == REJECT else _scalar(other)
    return f"case when {cell} is not null then {told} end"


def _expected(formats: Sequence[Any]) -> str:
    return f"a time such as {' or '.join(one.text for one in formats)}"


def _among(values: Sequence[str]) -> str:
    return f"({', '.join(literal(value) for value in values)})"


def _scalar(value: Any) -> str:
    return literal(_json(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
