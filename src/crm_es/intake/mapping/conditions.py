"""When a rule applies: tests of columns that all hold, or one of several tables of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from crm_es.intake.mapping.part import PARTS_MAX, Part, Text, Texts, as_list, wrong
from crm_es.intake.mapping.patterns import Pattern


def _number(value: Any) -> Any:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(value) if is_whole else value


Bound = Annotated[Decimal | Text, BeforeValidator(_number)]
"""A number compares as numbers do, a text as texts do."""


class Test(Part):
    """All that is said holds. A missing value passes ``not`` and ``present = false`` only."""

    model_config = ConfigDict(populate_by_name=True)

    among: Texts | None = Field(default=None, alias="in")
    excluded: Texts | None = Field(default=None, alias="not")
    matches: Pattern | None = None
    """A pattern (RE2) for the whole cell."""
    present: bool | None = None
    lt: Bound | None = None
    le: Bound | None = None
    gt: Bound | None = None
    ge: Bound | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("a test without anything to test")
        return self


def _test(value: Any) -> Any:
    """``"x"`` means equal to it, ``["x", "y"]`` one of them."""
    if isinstance(value, bool) or not isinstance(value, (str, int, list)):
        return value
    return {"in": [str(one) for one in (value if isinstance(value, list) else [value])]}


Tests = Annotated[
    dict[Text, Annotated[Test, BeforeValidator(_test)]], Field(min_length=1, max_length=PARTS_MAX)
]
"""By column."""
Condition = Annotated[
    list[Tests], BeforeValidator(as_list), Field(min_length=1, max_length=PARTS_MAX)
]
"""Any of these, each of which is all of its tests."""


def columns_of(condition: list[dict[str, Test]] | None) -> set[str]:
    return {column for tests in condition or [] for column in tests}
