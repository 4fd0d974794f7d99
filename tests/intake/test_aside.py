"""A plan made in another process is the plan, its failures are raised here, and it ends with us."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import Any

import duckdb
import pytest

from crm_es.errors import Invalid
from crm_es.intake.aside import PlanAside
from crm_es.intake.checking import Checked, check
from crm_es.intake.files import files_in
from crm_es.intake.pieces import Piece
from crm_es.intake.plan import Plan
from crm_es.intake.units import Unit
from rows_in import mapping, written

CALLS = """
[files.calls]
match = "calls.csv"
[[setup]]
command = "DefineField"
kind = "call"
name = "line"
[[rows]]
from = "calls"
known = "update"
skip = [{ when = { id = "0" }, because = "nought" }]
[[rows.do]]
command = "RecordCall"
call_id = { id = ["call", "{id}"], required = true }
direction = { const = "inbound" }
seconds = { column = "seconds", number = "int" }
[[rows.update]]
command = "ReattributeCall"
call_id = { id = ["call", "{id}"] }
customer_id = { id = ["customer", "{id}"] }
"""
TEXT = "id,seconds\n" + "".join(f"{n},{'x' if n % 7 == 3 else n}\n" for n in range(5_000)) + "1\n"


def laid_out(folder: Path, toml: str = CALLS, text: str = TEXT) -> dict[str, Any]:
    whole = mapping(toml)
    written(folder, {"calls.csv": text})
    (folder / "imports").mkdir(exist_ok=True)
    return {"mapping": whole, "files": files_in(folder, whole), "folder": folder / "imports"}


def checked(piece: Piece) -> Piece:
    """The same, checked, and without what was checked."""
    done = check(piece, piece.commands) if isinstance(piece, Unit) else piece
    if not isinstance(done, Checked):
        return done
    return Checked(done.unit._replace(commands=()), done.commands, [*done.rejects])


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_the_steps_are_those_of_the_plan_whoever_checks_them(tmp_path: Path, pause: float) -> None:
    given = laid_out(tmp_path)
    with Plan(**given) as plan, PlanAside(**given) as aside:
        assert aside.profiles == plan.profiles
        assert aside.import_id == plan.import_id
        pieces = []
        for chunk in aside.chunks():
            sleep(pause)
            pieces += chunk
        assert any(isinstance(piece, Checked) for piece in pieces) or not pause
        assert [*map(checked, pieces)] == [*map(checked, plan)]
        assert aside.lines("calls") == plan.lines("calls")
        assert len(plan.lines("calls")) == 5_001


def test_what_cannot_be_read_is_refused_here(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refusal, PlanAside(**laid_out(tmp_path, text="id\n1\n")):
        pass
    assert refusal.value.code == "file.header_column"
    assert [*(tmp_path / "imports").iterdir()] == []


def test_a_failure_of_the_planning_is_raised_here(tmp_path: Path) -> None:
    given = laid_out(tmp_path)
    with PlanAside(**given) as aside:
        assert sum(map(len, aside.chunks())) > 5_000
        with pytest.raises(duckdb.Error):
            aside.lines("other")


def test_nothing_is_left_of_a_plan_that_is_broken_off(tmp_path: Path) -> None:
    given = laid_out(tmp_path)
    with PlanAside(**given) as aside:
        assert next(aside.chunks())
        assert [*(tmp_path / "imports").iterdir()]
    assert [*(tmp_path / "imports").iterdir()] == []
