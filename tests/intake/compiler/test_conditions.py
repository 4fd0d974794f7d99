"""Conditions: what a test says of a cell, and that a missing cell never passes by accident."""

from __future__ import annotations

import pytest

from rows_in import Planned, table

CELLS = ["", "a", "b", "A", "1", "2", "10", "1.5", "€ 3,50", "x y", "2024-03-01", "-1", "a'b"]


def passing(test: str) -> list[str]:
    """The cells that pass a test."""
    toml = f"""
        [files.t]
        match = "t.csv"
        [[rows]]
        from = "t"
        skip = {{ when = {{ x = {test} }}, because = "passes" }}
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = {{ id = ["{{n}}"] }}
    """
    rows = [[str(n), cell] for n, cell in enumerate(CELLS)]
    planned = Planned(toml, {"t.csv": table(["n", "x"], rows)})
    skipped = {line for skip in planned.skips for line in skip.lines}
    return [cell for line, cell in enumerate(CELLS, start=2) if line in skipped]


@pytest.mark.parametrize(
    ("test", "cells"),
    [
        ('"a"', ["a"]), ("1", ["1"]), ('["a", "b"]', ["a", "b"]), ("[1, 2]", ["1", "2"]),
        ('{ in = ["a", "A"] }', ["a", "A"]), ('{ in = "a\'b" }', ["a'b"]),
        ('{ not = "a" }', [c for c in CELLS if c != "a"]),
        ('{ not = ["a", "b"] }', [c for c in CELLS if c not in ("a", "b")]),
        ("{ present = true }", CELLS[1:]), ("{ present = false }", [""]),
        ('{ matches = "[0-9]+" }', ["1", "2", "10"]),
        ('{ matches = "a.*" }', ["a", "a'b"]),
        ("{ gt = 1 }", ["2", "10", "1.5", "€ 3,50"]),
        ("{ ge = 1.5 }", ["2", "10", "1.5", "€ 3,50"]),
        ("{ lt = 2, ge = 1 }", ["1", "1.5"]), ("{ le = -1 }", ["-1"]),
        ('{ ge = "2024-01-01" }', ["a", "b", "A", "€ 3,50", "x y", "2024-03-01", "a'b"]),
        ('{ present = true, not = ["a"], matches = "[a-z]" }', ["b"]),
    ],
)  # fmt: skip
def test_a_test_lets_these_cells_pass(test: str, cells: list[str]) -> None:
    assert passing(test) == cells


def test_all_columns_of_a_table_must_pass_or_all_of_another() -> None:
    toml = """
        [files.t]
        match = "t.csv"
        [[rows]]
        from = "t"
        skip = { when = [{ a = "1", b = "1" }, { c = "9" }], because = "either" }
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{a}{b}{c}"] }
    """
    planned = Planned(toml, {"t.csv": "a,b,c\n1,1,0\n1,2,0\n2,1,9\n,,\n0,0,\n"})
    assert [skip.lines for skip in planned.skips] == [[2], [4]]
    assert planned.rows == 5, "a line of separators is a row of missing cells"


def test_a_condition_on_a_command_leaves_it_out() -> None:
    toml = """
        [files.t]
        match = "t.csv"
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{n}"] }
        [[rows.do]]
        command = "ChangeCustomerTier"
        when = { tier = { present = true } }
        customer_id = { id = ["{n}"] }
        tier = "tier"
    """
    planned = Planned(toml, {"t.csv": "n,tier\n1,gold\n2,\n"})
    assert [[one.name for one in unit.commands] for unit in planned.units] == [
        ["RegisterCustomer", "ChangeCustomerTier"], ["RegisterCustomer"],
    ]  # fmt: skip
