"""docs/add_an_interaction_type.md, carried out on a copy of the package: it does what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from doc_page import Block, blocks, carry_out

ROOT = Path(__file__).parents[2]
PAGE = list(blocks((ROOT / "docs" / "add_an_interaction_type.md").read_text()))


def of(language: str) -> list[Block]:
    return [block for block in PAGE if block.language == language]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its tests with all that the page writes and changes."""
    folder = tmp_path_factory.mktemp("copy")
    for part in ("src", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for block in PAGE:
        carry_out(block, folder)
    return folder


def run(copy: Path, *command: str, **environment: str) -> str:
    paths = os.pathsep.join(str(copy / part) for part in ("src", "tests"))
    done = subprocess.run(  # noqa: S603 - commands of this page and this file
        [sys.executable, *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def found(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What comes of the new type in that copy."""
    (console,), (mapping,) = of("console"), of("toml")
    folder = tmp_path_factory.mktemp("data")
    script = "tests/docs/added_type.py"
    return orjson.loads(run(copy, script, str(folder), console.text, mapping.text))


def test_it_takes_two_new_files_and_a_handful_of_lines() -> None:
    new = [block.path for block in of("python") if str(block.path).startswith("src")]
    assert len(new) == 2
    needed = [block for block in of("diff") if "customer_figures" not in str(block.path)]
    lines = [line for block in needed for line in block.text.splitlines()]
    assert sum(line.startswith("+") for line in lines) <= 6
    assert not any(line.startswith("-") for line in lines)


def test_what_the_page_writes_is_in_the_house_style(copy: Path) -> None:
    files = [str(block.path) for block in of("python")]
    run(copy, "-m", "ruff", "check", *files)
    run(copy, "-m", "ruff", "format", "--check", *files)


def test_the_pages_own_test_passes(copy: Path) -> None:
    (test,) = (str(block.path) for block in of("python") if str(block.path).startswith("tests"))
    assert "4 passed" in run(copy, "-m", "pytest", "-v", test)


def test_the_commands_of_the_page_give_the_timeline_of_the_page(found: Any) -> None:
    (timeline,) = of("text")
    assert found["typed"] == timeline.text.splitlines()


def test_the_log_replays_it_and_views_and_facts_count_it(found: Any) -> None:
    listened = "Listened to Heat pumps with bob for 30 min"
    lived = found["lived"]
    assert lived["timeline"][:3] == [
        "Attendance at Heat pumps taken back: a test", listened, listened
    ]  # fmt: skip
    assert (lived["recorded_again"], lived["is_sealed"], lived["contacts"]) == (0, True, 1)
    assert lived["facts"] == [[1, "bob", 1800], [1, "bob", 1800], [-1, "bob", -1800]]


def test_it_is_at_the_interface_and_in_what_is_promised_of_it(found: Any) -> None:
    assert found["served"] == {"answers": [201, 422], "is_promised": True}


def test_rows_of_a_file_become_it(found: Any) -> None:
    assert found["mapped"] == ["RecordWebinarAttendance"]
