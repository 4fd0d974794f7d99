"""Run in a copy of the package that knows webinar attendances: prints what comes of them."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from typer.testing import CliRunner

from crm_es.intake.mapping import read_mapping
from crm_es.interfaces.cli.main import app
from crm_es.log.envelope import new_id
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.timeline.reading import timeline_of_subject
from crm_es.projections.views.customer_360 import document
from fact_store import facts_of
from http_server import Server
from scenario import NOON
from view_builds import built, reading
from world import World

ANN = "0198c0de-0000-7000-8000-000000000001"
SQL = """
select contacts, employee, seconds from fact_interaction where kind = 'webinar' order by position
"""


def told(log: Path, customer: str) -> list[str]:
    """The lines of a customer's timeline."""
    lines = [
        item["line"]
        for item in timeline_of_subject(SQLiteLog(log, is_reader=True), UUID(customer)).items
    ]
    return [str(line) for line in lines]


def lived(folder: Path) -> dict[str, Any]:
    """Two attendances, one of them taken back: replayed, seen by views and facts."""
    world, ann = World(folder), new_id()
    attendances = [new_id(), new_id()]
    world.do("RegisterCustomer", customer_id=ann, kind="person", name="Ann Example")
    for id in attendances:
        world.do(
            "RecordWebinarAttendance", attendance_id=id, customer_id=ann, webinar="Heat pumps",
            host="bob", seconds=1800, question="How loud is it?",
        )  # fmt: skip
    gone = {"attendance_id": attendances[0], "reason": "a test"}
    world.do("RetractWebinarAttendance", **gone)
    world.close()
    again = World(folder).do("RetractWebinarAttendance", **gone)
    log = SQLiteLog(folder / "log.sqlite", is_reader=True)
    with reading(built(folder / "views", log)) as db:
        figures = (document(db, ann, NOON) or {})["figures"]
    with facts_of(folder) as facts:
        rows = facts.asked(SQL)
    return {
        "recorded_again": again.events,
        "is_sealed": all(b"loud" not in record.data for record in log.read(0, 10)),
        "timeline": told(folder / "log.sqlite", str(ann)),
        "contacts": figures["interactions"],
        "facts": rows,
    }


def served(folder: Path) -> dict[str, Any]:
    """The commands over HTTP, and what is promised of them."""
    server = Server(folder)
    asks: list[dict[str, Any]] = [{"webinar": "Heat pumps", "question": "How loud?"}, {}]
    answers = [
        server.post("RecordWebinarAttendance", attendance_id=str(new_id()), **body).status_code
        for body in asks
    ]
    paths = server.client.get("/openapi.json").json()["paths"]
    server.close()
    return {
        "answers": answers,
        "is_promised": "/v1/commands/RecordWebinarAttendance" in paths,
    }


def mapped(text: str) -> list[str]:
    """The commands of a mapping that is right."""
    return [do.command for rows in read_mapping(text).rows for do in rows.do]


def typed(folder: Path, console: str) -> list[str]:
    """The timeline of whoever is registered by some lines of a console."""
    runner, data = CliRunner(), {"CRM_ES_DATA": str(folder)}
    for line in console.splitlines():
        crm, *words = shlex.split(line.removeprefix("$ "))
        assert crm == "crm-es"
        done = runner.invoke(app, words, env=data, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return told(next(folder.rglob("log.sqlite")), ANN)


if __name__ == "__main__":
    folder, console, mapping = Path(sys.argv[1]), *sys.argv[2:]
    for name in ("lived", "served"):
        (folder / name).mkdir()
    found = {
        "lived": lived(folder / "lived"),
        "served": served(folder / "served"),
        "typed": typed(folder / "typed", console),
        "mapped": mapped(mapping),
    }
    sys.stdout.buffer.write(orjson.dumps(found, str))
