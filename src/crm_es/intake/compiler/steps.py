"""Commands as SQL: when each applies, the pieces of its body, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from crm_es.intake.compiler.checks import Check
from crm_es.intake.compiler.columns import Columns
from crm_es.intake.compiler.conditions import holds
from crm_es.intake.compiler.layers import Layers
from crm_es.intake.compiler.values import Values
from crm_es.intake.mapping.conditions import Test
from crm_es.intake.mapping.fields import Cell, Each, FieldForm, ListOf, Number, RowForm, Sum, Time
from crm_es.intake.mapping.rules import Do, Rejection
from crm_es.intake.sql import literal

OCCURRENCE, PRECISION = "at", "at_precision"
"""When it happened, which is never left to be the time of the import, and how exactly."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A field that all rows of a group make together: SQL for one row, and how it is put together.

    ``how`` holds ``{}`` where the rows' pieces go, as a sum or joined by commas.
    """

    name: str
    piece: str
    how: str
    is_sum: bool = False
    is_distinct: bool = False

    def alone(self) -> str:
        """The field of a single row."""
        return f"{literal(json.dumps(self.name) + ':')} || {self.how.format(self.piece)}"

    def of_all(self, piece: str) -> str:
        """The field of a group, whose rows have ``piece``, with ``_line`` for their order."""
        if self.is_sum:
            together = f"sum({piece})"
        elif self.is_distinct:
            seen = "lambda one, n: list_position(pieces, one) = n"
            together = (
                f"list_transform([list({piece} order by _line) filter ({piece} is not null)], "
                f"lambda pieces: array_to_string(list_filter(pieces, {seen}), ','))[1]"
            )
        else:
            together = f"string_agg({piece}, ',' order by _line)"
        return f"{literal(json.dumps(self.name) + ':')} || {self.how.format(together)}"


class Steps:
    """What one pass over the rows works out; its checks are numbered among all passes'."""

    def __init__(self, columns: Columns, values: Values, slots: list[Check]) -> None:
        self._columns, self._values, self._slots = columns, values, slots

    @property
    def layers(self) -> Layers:
        return self._values.layers

    def condition(self, when: Sequence[dict[str, Test]] | None) -> str:
        return "true" if when is None else self.layers.name(holds(when, self._columns.column))

    def members(self, do: Do) -> list[str]:
        """``"name":value`` of every field one row makes; null where it is left out."""
        found = []
        for name, form in do.fields.items():
            if isinstance(form, (Each, ListOf, Sum)):
                continue
            is_needed = name == OCCURRENCE and isinstance(form, Cell) and form.default is None
            whole = form.model_copy(update={"required": True}) if is_needed else form
            found.append(self._values.member(name, whole))
            companion = f"{name}_precision"
            if name == OCCURRENCE and isinstance(form, Time) and companion not in do.fields:
                precision = self._values.precision(form)
                found += [f"{literal(json.dumps(companion) + ':')} || {precision}"] * bool(
                    precision
                )
        return found

    def sortable(self, form: RowForm) -> str:
        """What rows are sorted by: times and numbers as such, anything else as text."""
        if isinstance(form, Time):
            return self._values.moment(form)
        if isinstance(form, Number):
            return f"try_cast({self._values.number(form)} as decimal(38, 18))"
        return self._values.text(form) if isinstance(form, Cell) else self._values.value(form)

    def gathered(self, do: Do) -> list[Gathered]:
        forms = do.fields.items()
        found = [self._gathered(name, form) for name, form in forms]
        return [one for one in found if one is not None]

    def _gathered(self, name: str, form: FieldForm) -> Gathered | None:
        if isinstance(form, Each):
            members = ", ".join(self._values.member(*one) for one in form.each.items())
            one = f"'{{' || concat_ws(',', {members}) || '}}'"
            applies = self.condition(form.when)
            return Gathered(name, f"case when {applies} then {one} end", "'[' || {} || ']'")
        if isinstance(form, ListOf):
            value = self._values.value(form.list)
            return Gathered(name, value, "'[' || {} || ']'", is_distinct=form.distinct)
        if isinstance(form, Sum):
            number = self.layers.name(f"summand({self._values.number(form.sum)})")
            self._values.checks.append(Check(number, form.sum.column, "a number that can be added"))
            quote = "" if form.sum.number == "int" else "'\"'"
            how = " || ".join(filter(None, [quote, "total({})", quote]))
            return Gathered(name, f"try_cast({number} as decimal(20, 6))", how, is_sum=True)
        return None

    def rejections(self, rules: Sequence[Rejection]) -> None:
        """Checks that a rule refuses a row by."""
        for rule in rules:
            wrong = f"case when {holds(rule.when, self._columns.column)} then '!{rule.code}' end"
            name = self.layers.name(wrong)
            self._values.checks.append(Check(name, rule.column, "refused by a rule of the mapping"))

    def faults(self) -> str:
        """The codes of all that was checked since last asked: ``slot!code;...``; null if well."""
        terms = []
        for check in dict.fromkeys(self._values.checks):
            if check not in self._slots:
                self._slots.append(check)
            slot = self._slots.index(check)
            name = check.name
            terms.append(f"case when starts_with({name}, '!') then '{slot}' || {name} end")
        self._values.checks.clear()
        return f"nullif(concat_ws(';', {', '.join(terms)}), '')" if terms else "null"
