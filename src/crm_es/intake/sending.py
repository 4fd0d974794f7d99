"""Units on their way to the writer: sent in order, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import sleep
from typing import NamedTuple
from uuid import UUID

from crm_es.errors import Refused, Unavailable
from crm_es.intake.checking import Checked, check
from crm_es.intake.ids import CommandIds
from crm_es.intake.milestones import Halted
from crm_es.intake.shortcomings import refused
from crm_es.intake.units import Reject, Unit
from crm_es.log.attempt import Answer
from crm_es.log.envelope import Circumstances, Submission
from crm_es.log.failures import Failed
from crm_es.log.queue import Submitter

PAUSES_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Between attempts while the writer cannot answer; then the import stops."""


class Sendable(NamedTuple):
    """A unit with commands of the right shape."""

    unit: Unit
    names: Sequence[str]
    """Of its commands."""
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


class Sender:
    """Speaks to the writer for one import."""

    def __init__(self, submitter: Submitter, import_id: UUID, actor: str) -> None:
        self._submitter, self._ids = submitter, CommandIds(import_id)
        self._whence = Circumstances(actor, import_id=import_id)

    def sendable(self, checked: Checked) -> Sendable:
        """A unit with nothing wrong, under the ids of this import's commands."""
        unit, commands, _ = checked
        return Sendable(
            unit,
            [one.name for one in commands],
            [
                Submission(self._ids.of(unit.ordinal, place), command, self._whence, digest=digest)
                for place, _, command, digest in commands
            ],
        )

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
            checked = check(unit, unit.updates)
            if checked.rejects:
                outcomes[n] = Outcome(outcome.sent, rejects=checked.rejects, is_update=True)
            else:
                updates[n] = self.sendable(checked)
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
