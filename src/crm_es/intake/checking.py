"""Units as the classes of commands take them: checked by whichever process has the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from crm_es.application import digest
from crm_es.commands import REGISTRY
from crm_es.commands.base import Command
from crm_es.intake.shortcomings import rejects_of
from crm_es.intake.units import Planned, Reject, Unit


class Shaped(NamedTuple):
    """One command of a unit, of the right shape."""

    place: int
    name: str
    command: Command
    digest: bytes


class Checked(NamedTuple):
    """A unit and its commands; or what is wrong with it, line by line."""

    unit: Unit
    commands: Sequence[Shaped]
    rejects: Sequence[Reject] = ()


def check(unit: Unit, commands: Sequence[Planned]) -> Checked:
    """Make some commands of a unit, by the classes that HTTP uses."""
    shaped = []
    for planned in commands:
        place, name, body = planned
        try:
            command = REGISTRY[name].model_validate_json(body)
        except ValidationError as error:
            return Checked(unit, (), rejects_of(unit, planned, error))
        shaped.append(Shaped(place, name, command, digest(command, body)))
    return Checked(unit, shaped)
