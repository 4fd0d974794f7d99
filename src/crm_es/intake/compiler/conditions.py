"""A condition as SQL that is true or false, never null."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from crm_es.intake.compiler.numbers import number_text
from crm_es.intake.mapping.conditions import Test
from crm_es.intake.sql import literal

_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def holds(condition: Sequence[Mapping[str, Test]], column: Callable[[str], str]) -> str:
    """``column`` gives the SQL name of a column of the file."""
    tables = [
        " and ".join(_passes(column(name), test) for name, test in tests.items())
        for tests in condition
    ]
    return " or ".join(f"({table})" for table in tables)


def _passes(cell: str, test: Test) -> str:
    tests = []
    if test.among is not None:
        tests.append(f"coalesce({cell} in {_texts(test.among)}, false)")
    if test.excluded is not None:
        tests.append(f"coalesce({cell} not in {_texts(test.excluded)}, true)")
    if test.matches is not None:
        tests.append(f"coalesce(regexp_full_match({cell}, {literal(test.matches)}), false)")
    if test.present is not None:
        tests.append(f"{cell} is {'not ' if test.present else ''}null")
    for name, sign in _SIGNS.items():
        bound = getattr(test, name)
        if bound is not None:
            tests.append(f"coalesce({_compared(cell, sign, bound)}, false)")
    return " and ".join(tests)


def _compared(cell: str, sign: str, bound: Decimal | str) -> str:
    """A cell that is no number is neither above nor below one."""
    if isinstance(bound, str):
        return f"{cell} {sign} {literal(bound)}"
    number = number_text(cell, None)
    return f"try_cast({number} as decimal(38, 18)) {sign} {bound:f}::decimal(38, 18)"


def _texts(values: Sequence[str]) -> str:
    return f"({', '.join(literal(value) for value in values)})"
