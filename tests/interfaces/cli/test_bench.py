"""``crm-es bench``: every figure has a module, and modules can be run, one by one and in small."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import benchmarks
from benchmarks.__main__ import MODULES, PAGE
from shell import crm_es


def test_every_module_that_measures_is_in_the_list() -> None:
    stems = {path.stem for path in Path(benchmarks.__file__).parent.glob("*.py")}
    found = {
        stem for stem in stems - {"__main__", "__init__"}
        if hasattr(importlib.import_module(f"benchmarks.{stem}"), "figures")
    }  # fmt: skip
    assert found == set(MODULES)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["facts", "rebuild"])
def test_a_module_is_measured_in_small_and_the_page_stays(
    module: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = PAGE.read_bytes()
    assert crm_es("bench", "--small", module).code == 0
    head, *lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("|")]
    assert head == "| what | against | bound | measured | | |"
    assert len(lines[1:]) == 2
    assert all("too small to tell" in line for line in lines[1:])
    assert PAGE.read_bytes() == before


def test_what_is_no_module_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert crm_es("bench", "nonsense").code == 2
    assert "There is no nonsense; there are commands, " in capfd.readouterr().err
