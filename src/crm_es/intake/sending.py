"""Units on their way to the writer: made into commands, sent in order, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import sleep
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from crm_es.application import digest
from crm_es.commands import REGISTRY
from crm_es.errors import Refused, Unavailable
from crm_es.intake.ids import CommandIds
from crm_es.intake.milestones import Halted
from crm_es.intake.shortcomings import refused, rejects_of
from crm_es.intake.units import Planned, Reject, Unit
from crm_es.log.envelope import Circumstances, Submission
from crm_es.log.queue import Answer, Failed, Submitter

PAUSES_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Between attempts while the writer cannot answer; then the import stops."""


class Sendable(NamedTuple):
    """A unit with commands of the right shape."""

    unit: Unit
    commands: Sequence[Planned]
    submissions: Sequence[Submission]


class Outcome(NamedTuple):
    """What became of a unit that was sent."""

    sent: Sendable
    refusal: Refused | None = None
    rejects: Sequence[Reject] = ()
    is_update: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it was refused because what it registers is there."""
        return self.refusal is not None and self.refusal.code.endswith(".exists")


class Checker:
    """Makes the commands of one import, by the classes that HTTP uses."""

    def __init__(self, import_id: UUID, actor: str) -> None:
        self._ids, self._whence = CommandIds(import_id), Circumstances(actor, import_id=import_id)

    def checked(self, unit: Unit, commands: Sequence[Planned]) -> Sendable | list[Reject]:
        """Some commands of a unit; or what is wrong with it, line by line."""
        submissions = []
        for planned in commands:
            place, name, body = planned
            try:
                command = REGISTRY[name].model_validate_json(body)
            except ValidationError as error:
                return rejects_of(unit, planned, error)
            id, mark = self._ids.of(unit.ordinal, place), digest(command, body)
            submissions.append(Submission(id, command, self._whence, None, mark))
        return Sendable(unit, commands, submissions)


class Sender:
    """Speaks to the writer for one import."""

    def __init__(self, submitter: Submitter, checker: Checker) -> None:
        self._submitter, self._checker = submitter, checker

    def send(self, units: Sequence[Sendable]) -> list[Outcome]:
        """Record units in their order, and after them what updates those of them that are known.

        Raises Halted when the writer cannot answer, or when a decision broke on a fault of ours.
        """
        outcomes = self._outcomes(units)
        updates: dict[int, Sendable] = {}
        for n, outcome in enumerate(outcomes):
            unit = outcome.sent.unit
            if not (outcome.is_known and unit.known == "update"):
                continue
            made = self._checker.checked(unit, unit.updates)
            if isinstance(made, Sendable):
                updates[n] = made
            else:
                outcomes[n] = Outcome(outcome.sent, rejects=made, is_update=True)
        for n, outcome in zip(updates, self._outcomes(list(updates.values())), strict=True):
            outcomes[n] = outcome._replace(is_update=True)
        return outcomes

    def _outcomes(self, units: Sequence[Sendable]) -> list[Outcome]:
        answers = self._answers([one.submissions for one in units if one.submissions])
        outcomes = []
        for one in units:
            answer = next(answers)[0] if one.submissions else None
            if isinstance(answer, Refused):
                rejects = refused(one.unit, answer.code, str(answer))
                outcomes.append(Outcome(one, answer, rejects))
            else:
                outcomes.append(Outcome(one))
        return outcomes

    def _answers(self, units: list[Sequence[Submission]]) -> Iterator[list[Answer]]:
        """What a first attempt has recorded is only answered again in the next."""
        for pause in (*PAUSES_SECONDS, None):
            answers = self._submitter.submit(units) if units else []
            silent = next((a for some in answers for a in some if _is_no_answer(a)), None)
            if silent is None:
                break
            if pause is None or isinstance(silent, Failed):
                raise Halted(str(silent))
            sleep(pause)
        return iter(answers)


def _is_no_answer(answer: Answer) -> bool:
    return isinstance(answer, (Unavailable, Failed))
