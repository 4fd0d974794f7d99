"""What a plan comes to: units to be sent, lines that are passed over, lines that are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from crm_es.intake.mapping.rules import Do, Rows
from crm_es.intake.spool import LINE_MASK


class Planned(NamedTuple):
    """One command of a unit."""

    place: int
    """Which of its rules' commands it is: with the unit's ordinal it makes the command's id."""
    name: str
    body: bytes
    """JSON, fields without a value left out."""


class Unit(NamedTuple):
    """One row or group, or a command of the setup: what is recorded together or not at all."""

    ordinal: int
    rows: Rows | None
    """The rules it comes from; None for the setup."""
    lines: Sequence[int]
    """All of its lines, as the spool counts, the first one first; none for the setup."""
    commands: Sequence[Planned]
    updates: Sequence[Planned] = ()
    """What to send instead when what it registers is known already."""

    @property
    def role(self) -> str:
        """The name of the file its lines are in."""
        return self.rows.main if self.rows else ""

    @property
    def known(self) -> Literal["reject", "skip", "update"]:
        """What becomes of it when what it registers is known already. The setup says it again."""
        return self.rows.known if self.rows else "skip"

    def do(self, planned: Planned) -> Do | None:
        """The rule a command comes from; None for the setup."""
        if self.rows is None:
            return None
        return (*self.rows.do, *self.rows.update)[planned.place]


class Reject(NamedTuple):
    """A line that becomes nothing, and why. It never repeats what is in a cell."""

    role: str
    line: int
    """As the spool counts."""
    column: str | None
    code: str
    detail: str


class Skip(NamedTuple):
    """Lines that a rule of the mapping passes over."""

    role: str
    because: str
    lines: Sequence[int]


Step = Unit | Reject | Skip


def group_rejected(role: str, lines: Sequence[int], found: Sequence[Reject]) -> list[Reject]:
    """What is wrong with lines of a unit, in order, with all its other lines rejected along."""
    bad = {reject.line for reject in found}
    first = min(bad) & LINE_MASK
    detail = f"line {first} of its group is rejected"
    rest = [Reject(role, at, None, "group.rejected", detail) for at in lines if at not in bad]
    return sorted([*found, *rest], key=lambda reject: reject.line)
