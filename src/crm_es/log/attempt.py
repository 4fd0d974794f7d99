"""Appending with an answer for every command, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from crm_es.errors import Refused
from crm_es.log.envelope import Submission
from crm_es.log.failures import Failed, verdict

Unit = Sequence[Submission]
"""Commands that are recorded together or not at all."""
Answer = bytes | Refused | Failed
"""A receipt as JSON, or why not."""


class Staged(Protocol):
    """Units that are decided and inserted (application.under_way.UnderWay)."""

    def commit(self) -> Sequence[Sequence[Answer]]:
        """Durable when it returns; when it raises, nothing was recorded."""


Stage = Callable[[Sequence[Unit]], Staged]
"""application.Crm.stage."""


class Outcome(NamedTuple):
    answers: list[list[Answer]]
    is_fatal: bool
    """The writer must end: going on could acknowledge what is not kept."""


def attempt(stage: Stage, units: Sequence[Unit]) -> Outcome:
    """Append, with an answer for every command whatever happens."""
    try:
        staged = stage(units)
    except Exception as error:  # noqa: BLE001 - whatever it is, those who wait get an answer
        return not_staged(stage, units, error)
    return committed(staged, units)


def not_staged(stage: Stage, units: Sequence[Unit], error: Exception) -> Outcome:
    """When one decision breaks on a bug the batch is tried again in halves: only its unit fails."""
    found = verdict(error)
    if isinstance(found.answer, Failed) and len(units) > 1:
        middle = len(units) // 2
        first, rest = attempt(stage, units[:middle]), attempt(stage, units[middle:])
        return Outcome(first.answers + rest.answers, first.is_fatal or rest.is_fatal)
    return Outcome(same(found.answer, units), found.is_fatal)


def committed(staged: Staged, units: Sequence[Unit]) -> Outcome:
    """What came of units that were staged."""
    try:
        return Outcome([list(some) for some in staged.commit()], is_fatal=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, those who wait get an answer
        found = verdict(error)
        return Outcome(same(found.answer, units), found.is_fatal)


def same(answer: Answer, units: Sequence[Unit]) -> list[list[Answer]]:
    """One answer for everybody."""
    return [[answer] * len(unit) for unit in units]
