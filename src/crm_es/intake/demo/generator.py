"""The whole demo, step by step in the order of time, ready to be submitted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from crm_es.application import digest
from crm_es.commands import REGISTRY
from crm_es.intake.demo import campaigns, caring, people, selling, stories
from crm_es.intake.demo.company import EMPLOYEES
from crm_es.intake.demo.script import Script, Step
from crm_es.log.envelope import Circumstances, Submission

CUSTOMERS = 2_400
SEED = 7
WHENCE = Circumstances("demo")
LEAD_IN = timedelta(days=2)
"""How long before the first customer the company is set up."""


def steps(until: datetime, *, customers: int = CUSTOMERS, seed: int = SEED) -> list[Step]:
    """Two years up to a moment, by time: the same for the same arguments."""
    script = Script(until, seed)
    _staff(script)
    pipeline = selling.set_up(script)
    everyone = people.tell(script, customers)
    for person in everyone:
        selling.tell(script, person, pipeline)
        caring.tell(script, person)
    campaigns.tell(script, everyone)
    stories.tell(script, everyone, pipeline)
    return script.in_order()


def _staff(script: Script) -> None:
    at = script.start - LEAD_IN
    for employee in EMPLOYEES:
        script.add(
            at, "RegisterEmployee", employee_id=script.id(at, "employee", employee.handle),
            handle=employee.handle, name=employee.name, team=employee.team,
            manager=employee.manager,
        )  # fmt: skip
    script.add(at, "DefineField", kind="customer", name="segment", type="text")


def submissions(told: list[Step], seed: int = SEED) -> Iterator[Submission]:
    """The steps as commands, each under its own id."""
    for n, step in enumerate(told):
        body = {name: value for name, value in step.body.items() if value is not None}
        body["at"] = step.at.isoformat()
        command = REGISTRY[step.name].model_validate_json(orjson.dumps(body))
        yield Submission(command_id(step, n, seed), command, WHENCE, None, digest(command))


def command_id(step: Step, n: int, seed: int = SEED) -> UUID:
    """The id of the n-th step's command: the same in every run."""
    return Script(step.at, seed).id(step.at, "command", n)


def last_midnight(now: datetime) -> datetime:
    """Where the demo ends when nobody says otherwise."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
