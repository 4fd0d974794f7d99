"""Plays the demo into a log, in groups of commands; broken off, it can be played again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from crm_es.application import settle_memory
from crm_es.errors import Refused, Unavailable
from crm_es.intake.demo.generator import CUSTOMERS, LEAD_IN, WHENCE, command_id, steps, submissions
from crm_es.intake.demo.script import DAYS
from crm_es.log.queue import Submitter
from crm_es.log.recorder import LogRecorder

GROUP_SIZE = 512

Progress = Callable[[int, int], None]
"""(commands done, commands in all)"""


class Played(NamedTuple):
    """What became of the demo. ``refused`` counts codes: none, unless rules have changed."""

    commands: int
    refused: Counter[str]


def play(
    submitter: Submitter,
    until: datetime,
    on_progress: Progress | None = None,
    *,
    customers: int = CUSTOMERS,
) -> Played:
    """Two years up to a moment. Raises Unavailable when the writer cannot take more now."""
    told, refused, done = steps(until, customers=customers), Counter[str](), 0
    settle_memory()
    coming = submissions(told)
    while group := [[one] for one in islice(coming, GROUP_SIZE)]:
        for step, (answer,) in zip(told[done:], submitter.submit(group), strict=False):
            if isinstance(answer, Unavailable):
                raise answer
            if not isinstance(answer, bytes):
                code = answer.code if isinstance(answer, Refused) else str(answer)
                refused[f"{step.name}: {code}"] += 1
        done += len(group)
        if on_progress is not None:
            on_progress(done, len(told))
    return Played(done, refused)


def begun(log: LogRecorder) -> datetime | None:
    """Where the demo in a log ends; None if the log did not begin with it."""
    first = log.read(0, 1)
    if not first or first[0].actor != WHENCE.actor:
        return None
    at = datetime.fromtimestamp(first[0].occurred_at / 1e6, UTC)
    return at + LEAD_IN + timedelta(days=DAYS)


def is_whole(log: LogRecorder, until: datetime, *, customers: int = CUSTOMERS) -> bool:
    """Whether the last of the demo's commands is in the log."""
    told = steps(until, customers=customers)
    return log.receipt(command_id(told[-1], len(told) - 1)) is not None
