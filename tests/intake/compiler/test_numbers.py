"""Numbers as people write them: exact, and refused where they can be read in two ways."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rows_in import ABSENT, values

EITHER = {
    "3500": "3500", "0": "0", "-0": "0", "007": "7", "7.50": "7.5", "0.05": "0.05", ".5": "0.5",
    "-12.5": "-12.5", "+3": "3", "1234.567": "1234.567", "0.234": "0.234", "10.00": "10",
    "3,5": "3.5", "0,05": "0.05", "-1,25": "-1.25", "€ 3.500,00": "3500", "€ 11398,00": "11398",
    "€3,500.00": "3500", "1.234.567": "1234567", "1,234,567": "1234567", "1'234.50": "1234.5",
    "1\u2019234.50": "1234.5", "1 234,50": "1234.5", "1\u00a0234,50": "1234.5",
    "1\u202f234\u202f567": "1234567", "12,34,567.89": "1234567.89", "(12.00)": "-12",
    "(EUR 3.00)": "-3", "12-": "-12", "-12": "-12", "\u221212": "-12", "- 12": "-12",
    "$12.00": "12", "US$ 12.00": "12", "USD 12.00": "12", "12.00 USD": "12", "12 kr": "12",
    "Rs. 500": "500", "-$5": "-5", "$-5": "-5", "5,--": "5",
    "CHF 1'200.-": "1200", "1.200,\u2013 €": "1200",
    "1e3": "1000", "1.5E+06": "1500000", "1.5e-3": "0.0015",
    "-0.00": "0", "0.000": "0", "12345678901234567890": "12345678901234567890",
    "": ABSENT, "  ": ABSENT,
}  # fmt: skip
"""Cells that are unmistakable without a decimal mark."""

NONE = [
    "abc", "1.2.3", "1,2,3", "1..2", "--1", "1-2", "12 34", "1 2345", "12 apples", "NaN", "inf",
    "1_000", "\uff11\uff12", "\u0661", "()", "(", "-", "+", ".", ",", "€", "EUR", "(12", "12)",
    "1e", "e5", "0x1F", "1/2", "12%", "1.2345,6", "1,23,45.6", "5 EUR EUR", "1,234.567,8", ".-",
]  # fmt: skip


def test_a_number_is_read_in_every_notation_that_is_beyond_doubt() -> None:
    told = values('{ column = "x", number = "decimal" }', EITHER)
    assert dict(zip(EITHER, told, strict=True)) == EITHER


def test_what_is_no_number_is_refused_and_never_becomes_one() -> None:
    told = values('{ column = "x", number = "decimal" }', NONE)
    assert dict(zip(NONE, told, strict=True)) == dict.fromkeys(NONE, "!number.format")


@pytest.mark.parametrize(
    ("mark", "cell", "number"),
    [
        ("", "1.234", "!number.ambiguous"), ("", "1,234", "!number.ambiguous"),
        ("", "€ 1.234", "!number.ambiguous"), ("", "(1,234)", "!number.ambiguous"),
        (".", "1.234", "1.234"), (",", "1.234", "1234"), (".", "1,234", "1234"),
        (",", "1,234", "1.234"), (".", "1.234,5", "!number.format"),
        (",", "1,234.5", "!number.format"), (",", "1e3", "!number.format"), (",", "3500", "3500"),
        (",", "-0,50", "-0.5"), (".", "12.340", "12.34"), (",", "12.340", "12340"),
        ("", "12.340", "!number.ambiguous"),
    ],
)  # fmt: skip
def test_a_decimal_mark_that_is_said_decides(mark: str, cell: str, number: str) -> None:
    said = f', decimal = "{mark}"' if mark else ""
    assert values(f'{{ column = "x", number = "decimal"{said} }}', [cell]) == [number]


def test_the_files_decimal_mark_holds_where_a_field_says_none() -> None:
    form, layout = '{ column = "x", number = "decimal" }', "decimal = ','"
    assert values(form, ["1.234"], layout=layout) == ["1234"]
    own = '{ column = "x", number = "decimal", decimal = "." }'
    assert values(own, ["1.234"], layout=layout) == ["1.234"]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("round = 0", {"": ABSENT, "2.5": "3", "-2.5": "-3", "2.4999": "2", "7": "7"}),
        ("round = 2", {"1.005": "!number.ambiguous", "10.00500": "10.01", "-0.004": "0"}),
        ("round = 4", {"1.776357e-15": "0", "0.30000000000000004": "0.3", "0.12345": "0.1235"}),
        ("round = 6", {"0.3333333333333333333333333": "0.333333"}),
        ("shift = -2", {"1999": "19.99", "5": "0.05", "-1": "-0.01"}),
        ("shift = 3", {"": ABSENT, "1.5": "1500", "0.0001": "0.1"}),
        ("shift = -2, round = 2", {"12.345678": "0.12"}),
    ],
)
def test_a_number_is_rounded_and_shifted_only_when_it_is_said(
    form: str, told: dict[str, str]
) -> None:
    cells = list(told)
    assert values(f'{{ column = "x", number = "decimal", {form} }}', cells) == list(told.values())


def test_without_rounding_no_digit_is_lost() -> None:
    cells = ["0.123456789012345678", "0.1234567890123456789", "123456789012345678901", "1e40"]
    told = values('{ column = "x", number = "decimal" }', cells)
    assert told == ["0.123456789012345678", "!number.range", "!number.range", "!number.range"]


def test_a_whole_number_has_no_fraction() -> None:
    cells = ["12", "12.00", "12.5", "1.000.000", "€ 5", "-3", "x", ""]
    told = values('{ column = "x", number = "int" }', cells)
    assert told == [12, 12, "!number.fraction", 1_000_000, 5, -3, "!number.format", ABSENT]


def test_units_are_stripped_before_a_number_is_read() -> None:
    form = '{ column = "x", number = "decimal", strip = "kg|approx\\\\." }'
    assert values(form, ["12.5 kg", "approx. 3", "kg"]) == ["12.5", "3", ABSENT]


def test_a_missing_number_has_its_default_or_rejects_the_row() -> None:
    assert values('{ column = "x", number = "decimal", default = "0" }', ["", "1"]) == ["0", "1"]
    told = values('{ column = "x", number = "int", required = true }', ["", "1"])
    assert told == ["!cell.missing", 1]


DECIMALS = st.decimals(
    min_value=Decimal(-(10**14)), max_value=Decimal(10**14), allow_nan=False, places=4
)


@settings(max_examples=15, deadline=None)
@given(numbers=st.lists(DECIMALS, min_size=1, max_size=40), mark=st.sampled_from(".,"))
def test_what_a_machine_wrote_comes_back_whatever_the_mark(
    numbers: list[Decimal], mark: str
) -> None:
    cells = [f"{number:,f}" for number in numbers]
    if mark == ",":
        cells = [cell.translate({ord(","): ".", ord("."): ","}) for cell in cells]
    told = values(f'{{ column = "x", number = "decimal", decimal = "{mark}" }}', cells)
    assert [Decimal(one) for one in told] == numbers
