"""An import into a world: files and a mapping in, and what the log holds afterwards."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from crm_es.intake.aside import PlanAside
from crm_es.intake.files import files_in
from crm_es.intake.report import Report
from crm_es.intake.reversal import Reversal, Reversed
from crm_es.intake.run import Run
from crm_es.log.attempt import Answer, Unit
from crm_es.log.envelope import Record
from crm_es.log.queue import DirectSubmitter, Submitter
from crm_es.log.sealing import MARK, Sealer
from crm_es.log.sqlite import SQLiteLog
from rows_in import mapping, written
from world import World

PEOPLE = """
[files.people]
match = "people.csv"
[[rows]]
from = "people"
[[rows.do]]
command = "RegisterCustomer"
customer_id = { id = ["customer", "{id}"], required = true }
name = "name"
source_id = "id"
owner = "owner"
at = { column = "since", time = "%d.%m.%Y" }
"""
FOUR = "id,name,owner,since\n1,Ann,kim,01.02.2024\n2,Bo,,02.02.2024\n3,,kim,31.02.2024\n4,Di,kim,\n"


class Impatient:
    """A writer that takes so many exchanges and then answers nothing; ``more`` lets it go on."""

    def __init__(self, writer: Submitter, answer: Answer, *, takes: int) -> None:
        self._writer, self._answer, self.takes = writer, answer, takes

    def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        self.takes -= 1
        if self.takes < 0:
            return [[self._answer] * len(unit) for unit in units]
        return self._writer.submit(units)

    def close(self) -> None:
        self._writer.close()


@dataclass
class Importing:
    """Runs imports in one world's folder."""

    world: World

    def __post_init__(self) -> None:
        self.submitter: Submitter = DirectSubmitter(self.world.crm.stage, close=lambda: None)
        self.folder = self.world.folder / "imports"
        self.folder.mkdir(exist_ok=True)

    def run(self, toml: str, files: dict[str, str | bytes], **more: Any) -> Report:
        whole = mapping(toml)
        incoming = self.folder / "incoming"
        incoming.mkdir(exist_ok=True)
        written(incoming, files)
        log = SQLiteLog(self.world.folder / "log.sqlite", is_reader=True)
        try:
            with PlanAside(whole, files_in(incoming, whole), folder=self.folder) as plan:
                run = Run(plan, self.submitter, log, folder=self.folder, actor="ann", **more)
                return run.carry_out()
        finally:
            log.close()

    def revert(self, import_id: UUID) -> Reversed:
        log = SQLiteLog(self.world.folder / "log.sqlite", is_reader=True)
        try:
            reversal = Reversal(import_id, self.submitter, log, folder=self.folder, actor="bob")
            return reversal.carry_out("wrong file")
        finally:
            log.close()

    def topics(self) -> list[str]:
        """Of all events, those about imports left out."""
        return [topic for topic in self.world.topics() if not topic.startswith("import.")]


def rejects_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(world: World) -> list[tuple[Any, ...]]:
    """The log, less when it was recorded and how it was sealed: equal for equal runs."""
    sealer = Sealer(world.keys)

    def opened(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: opened(one) for key, one in value.items()}
        if isinstance(value, list):
            return [opened(one) for one in value]
        is_token = isinstance(value, str) and value.startswith(MARK)
        return sealer.open(value) if is_token else value

    def line(record: Record) -> tuple[Any, ...]:
        facts = opened(orjson.loads(record.data))
        facts.pop("seconds", None) if record.topic == "import.committed" else None
        about = record.topic.startswith("import.")  # their commands have ids of their own
        ids = () if about else (record.event_id, record.command_id)
        when = () if about else (record.occurred_at,)
        return (
            record.position, record.stream_id, record.version, record.topic, record.precision,
            record.findings, record.actor, record.correlation_id, record.subjects, facts, ids, when,
        )  # fmt: skip

    return [line(record) for record in world.log.read(0, 10**9)]
