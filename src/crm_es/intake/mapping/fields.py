"""What a field of a command may be made of. A plain text is the name of a column."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from crm_es.intake.mapping.conditions import Condition
from crm_es.intake.mapping.layout import DecimalMark, Zone
from crm_es.intake.mapping.part import PARTS_MAX, Part, Scalar, Text, Texts, as_list, wrong
from crm_es.intake.mapping.patterns import Pattern
from crm_es.intake.mapping.time_formats import PrecisionName, TimeFormat, time_format

KEEP, REJECT, OMIT = "keep", "reject", "omit"
Other = Scalar
"""A value no rule knows is kept, rejects its row, is left out, or becomes what is given here."""

_IN_BRACES = re.compile(r"\{([^{}]+)\}")


def columns_in(template: str) -> list[str]:
    """The columns a text with ``{columns}`` in it names."""
    return _IN_BRACES.findall(template)


def pieces_of(template: str) -> list[tuple[str, str | None]]:
    """A template as (text before, column or None for the end)."""
    parts: list[str] = _IN_BRACES.split(template)
    return list(zip(parts[::2], [*parts[1::2], None], strict=True))


class Lookup(Part):
    """A value from the first line of another file whose ``key`` is this row's ``by``."""

    file: Text
    key: Text
    column: Text
    by: Text | None = None
    """The column of this row; named as ``key`` if left out."""


class Cell(Part):
    """One text of a row. Blanks around it are never part of it, and it may be missing."""

    column: Text | None = None
    lookup: Lookup | None = None
    text: Text | None = None
    """Text with ``{columns}`` in it; missing ones are empty, and it is missing if all are."""
    const: Text | None = None
    strip: Pattern | None = None
    """A pattern (RE2) whose matches are taken out: units, prefixes."""
    upper: bool = False
    lower: bool = False
    cut: Annotated[int, Field(gt=0)] | None = None
    """Keep so many characters from the start."""
    default: Scalar | None = None
    """What stands in for a missing value, as it is to appear in the command."""
    required: bool = False
    """Whether a missing value rejects the row."""

    @property
    def columns(self) -> list[str]:
        """The columns it is made of, the one to be named in front."""
        if self.lookup is not None:
            return [self.lookup.column]
        return columns_in(self.text or "") if self.column is None else [self.column]

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        given = [self.column, self.lookup, self.text, self.const]
        if sum(one is not None for one in given) != 1:
            raise wrong("a value comes from exactly one of column, lookup, text and const")
        if self.required and self.default is not None:
            raise wrong("what has a default cannot be missing")
        if self.upper and self.lower:
            raise wrong("upper or lower, not both")
        return self


class Number(Cell):
    """A number in any notation, exact: ``€ 3.500,00``, ``1'234.50``, ``(12.00)``, ``12-``."""

    number: Literal["int", "decimal"]
    decimal: DecimalMark | None = None
    """The decimal mark, where a cell such as ``1.234`` could be read in two ways."""
    round: Annotated[int, Field(ge=0, le=6)] | None = None
    """Digits after the point, halves away from nought; without it nothing is ever rounded."""
    shift: Annotated[int, Field(ge=-6, le=6)] = 0
    """Places the point moves to the right: -2 makes euros of cents, or a rate of a percentage."""


def _formats(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [time_format(one) for one in value]
    return value


Formats = Annotated[
    list[TimeFormat],
    BeforeValidator(_formats),
    BeforeValidator(as_list),
    Field(min_length=1, max_length=20),
]


class Time(Cell):
    """A moment. A local time the clock skipped or showed twice is read with the offset before."""

    time: Formats
    zone: Zone | None = None
    precision: PrecisionName | None = None
    """In place of what the format says."""
    minus_months: Text | None = None
    """A column with the number of months to go back."""


class Date(Cell):
    """A calendar day, without a zone."""

    date: Formats


class Duration(Cell):
    """Whole seconds out of ``4 days, 21:19:46`` (clock), ``PT90M`` (iso) or a number of a unit."""

    duration: Literal["clock", "iso", "minutes", "hours", "days"]


def _pair(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Mapped(Cell):
    map: Annotated[dict[Text, Scalar], Field(min_length=1, max_length=PARTS_MAX)]
    other: Other = REJECT


class Matched(Cell):
    """The value of the first pattern (RE2) that matches the whole cell."""

    match: Annotated[
        list[Annotated[tuple[Pattern, Scalar], BeforeValidator(_pair)]],
        Field(min_length=1, max_length=PARTS_MAX),
    ]
    other: Other = REJECT


class Flag(Cell):
    """True for the values given, false for any other."""

    flag: Annotated[Texts, Field(min_length=1)]
    false: Texts | None = None
    """The only values that mean false; without it all others do."""


class Split(Cell):
    """A list of texts out of one cell."""

    split: Annotated[Text, Field(min_length=1)]


class Const(Part):
    const: Any
    """Any value, the same in every row."""


class Id(Part):
    """Our id of what the source knows under these parts: a uuid5, missing if a part is."""

    id: Annotated[list[Text | IdPart], Field(min_length=1, max_length=20)]
    """Texts with ``{columns}`` in them, or cells. Where nothing is a key: ``{_hash}`` and
    ``{_occurrence}``, the contents of the row and how often it came before."""
    required: bool = False

    @property
    def columns(self) -> list[str]:
        parts = (columns_in(p) if isinstance(p, str) else p.columns for p in self.id)
        return [name for columns in parts for name in columns]


class IdPart(Cell):
    """A cell cleaned of what does not tell things apart."""


class Object(Part):
    object: dict[Text, RowForm]
    """Left out when all its members are missing."""


class Each(Part):
    """A list with one object for each row of the group."""

    each: dict[Text, RowForm]
    when: Condition | None = None
    """Which rows of the group; all if left out."""


class ListOf(Part):
    """A list with one value for each row of the group, missing ones left out."""

    list: RowForm
    distinct: bool = False


class Sum(Part):
    """The sum of a number over the rows of the group."""

    sum: Number


_KEYS = (
    "id", "object", "each", "list", "sum", "number", "time", "date", "duration", "map", "match",
    "flag", "split",
)  # fmt: skip


def _as_cell(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _form(value: Any) -> str:
    given = value if isinstance(value, dict) else {}
    for key in _KEYS:
        if key in given:
            return f"<{key}>"
    return "<const>" if set(given) == {"const"} else "<cell>"


_RowForms = (
    Annotated[Cell, Tag("<cell>")]
    | Annotated[Const, Tag("<const>")]
    | Annotated[Id, Tag("<id>")]
    | Annotated[Object, Tag("<object>")]
    | Annotated[Number, Tag("<number>")]
    | Annotated[Time, Tag("<time>")]
    | Annotated[Date, Tag("<date>")]
    | Annotated[Duration, Tag("<duration>")]
    | Annotated[Mapped, Tag("<map>")]
    | Annotated[Matched, Tag("<match>")]
    | Annotated[Flag, Tag("<flag>")]
    | Annotated[Split, Tag("<split>")]
)
_GroupForms = (
    Annotated[Each, Tag("<each>")] | Annotated[ListOf, Tag("<list>")] | Annotated[Sum, Tag("<sum>")]
)
RowForm = Annotated[_RowForms, Discriminator(_form), BeforeValidator(_as_cell)]
"""What one row yields."""
FieldForm = Annotated[_RowForms | _GroupForms, Discriminator(_form), BeforeValidator(_as_cell)]
"""What a row yields, or the rows of a group together."""
