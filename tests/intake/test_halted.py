"""An import that is stopped on its way: it goes on where it stopped, and what was refused stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_es.errors import Unavailable
from crm_es.intake.milestones import Halted
from crm_es.log.failures import Failed
from importing import PEOPLE, Impatient, Importing, rejects_in, told
from world import World


def many(n: int) -> str:
    rows = "".join(f"{i},N{i},kim,01.02.2024\n" for i in range(n))
    return f"id,name,owner,since\n{rows}"


@pytest.mark.parametrize("answer", [Unavailable("writer.silent", "no answer"), Failed("Bug")])
def test_an_import_that_is_halted_goes_on_where_it_stopped(
    imports: Importing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr("crm_es.intake.sending.PAUSES_SECONDS", (0.0,))
    writer = imports.submitter
    imports.submitter = Impatient(writer, answer, takes=3)
    with pytest.raises(Halted):
        imports.run(PEOPLE, {"people.csv": many(2_000)})
    imports.submitter = writer
    so_far = len(imports.topics())
    assert 0 < so_far < 2_000
    report = imports.run(PEOPLE, {"people.csv": many(2_000)})
    assert len(imports.topics()) == report.figures["used"] == 2_000


def test_a_writer_that_is_busy_for_a_while_is_asked_again(
    imports: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_es.intake.sending.PAUSES_SECONDS", (0.0,) * 3)

    class Busy(Impatient):
        def submit(self, units: Any) -> Any:
            answers = super().submit(units)
            if self.takes == -3:
                self.takes = 2
            return answers

    imports.submitter = Busy(imports.submitter, Unavailable("queue.full", "busy"), takes=2)
    report = imports.run(PEOPLE, {"people.csv": many(3_000)})
    assert report.figures["used"] == 3_000
    assert len(imports.topics()) == 3_000


FORWARD = (
    PEOPLE
    + """
[[rows]]
from = "people"
where = { owner = "kim" }
[[rows.do]]
command = "RenameCustomer"
customer_id = { id = ["customer", "{name}"] }
name = "name"
at = { column = "since", time = "%d.%m.%Y" }
"""
)


def test_what_was_refused_stays_refused_though_a_later_row_made_it_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first rule renames who the second registers: refused in one clean run, and in two."""
    rename, register = FORWARD.split("[[rows]]")[2], FORWARD.split("[[rows]]")[1]
    toml = f"{FORWARD.split('[[rows]]')[0]}[[rows]]{rename}[[rows]]{register}"
    text = "id,name,owner,since\n" + "".join(
        f"{i},{i + 700},kim,01.02.2024\n" for i in range(1_500)
    )
    monkeypatch.setattr("crm_es.intake.sending.PAUSES_SECONDS", ())
    monkeypatch.setattr("crm_es.intake.chunks.COMMANDS_MAX", 300)
    logs = []
    for takes in (1_000, 2, 5):
        (tmp_path / str(takes)).mkdir()
        world = World(tmp_path / str(takes))
        imports = Importing(world)
        writer = imports.submitter
        imports.submitter = Impatient(writer, Unavailable("x", "y"), takes=takes)
        if takes < 1_000:
            with pytest.raises(Halted):
                imports.run(toml, {"people.csv": text})
            imports.submitter = writer
        report = imports.run(toml, {"people.csv": text})
        assert report.figures["rejected"] == {"customer.not_found": 1_500}
        events = [event for event in told(world) if event[3] == "customer.registered"]
        logs.append(([event[1:] for event in events], rejects_in(report.rejects)))
        world.close()
    assert logs[0] == logs[1] == logs[2]
