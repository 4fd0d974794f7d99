"""The append queue: groups, what a fault takes along, and when the writer must end."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from crm_es.commands import REGISTRY
from crm_es.errors import Unavailable
from crm_es.log.attempt import Answer, Staged, Unit, attempt
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.failures import Failed
from crm_es.log.queue import AppendQueue, DirectSubmitter, Stopped
from crm_es.log.recorder import ClockBehind
from world import World


def register(id: UUID | None = None) -> Submission:
    body: dict[str, Any] = {"customer_id": id or new_id()}
    return Submission(new_id(), REGISTRY["RegisterCustomer"](**body), Circumstances("ann"))


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("something about the disk")
    error.sqlite_errorcode = code
    return error


class Done(NamedTuple):
    answers: list[list[Answer]]
    may_end: threading.Event

    def commit(self) -> list[list[Answer]]:
        assert self.may_end.wait(10)
        return self.answers


class Appending:
    """An append that a test holds up, or makes fail for some units."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.go_on, self.may_end = threading.Event(), threading.Event()
        self.go_on.set()
        self.may_end.set()
        self.fault: Callable[[Sequence[Unit]], Exception | None] = lambda _: None

    def __call__(self, units: Sequence[Unit]) -> Done:
        assert self.go_on.wait(10)
        fault = self.fault(units)
        if fault is not None:
            raise fault
        self.groups.append(len(units))
        return Done([[b"{}"] * len(unit) for unit in units], self.may_end)


def test_what_waits_goes_in_together() -> None:
    appending = Appending()
    appending.go_on.clear()

    async def scene() -> None:
        queue = AppendQueue(appending)
        first = asyncio.create_task(queue.submit([[register()]]))
        await asyncio.sleep(0.05)  # the thread has it, and is held up
        others = [asyncio.create_task(queue.submit([[register()]])) for _ in range(40)]
        await asyncio.sleep(0.05)
        assert (await queue.figures())["waiting"] == 41
        appending.go_on.set()
        assert await first == [[b"{}"]]
        assert await asyncio.gather(*others) == [[[b"{}"]]] * 40
        assert (await queue.figures())["waiting"] == 0
        await queue.close()

    asyncio.run(scene())
    assert appending.groups == [1, 40]


@pytest.mark.parametrize(("slow", "decided"), [(60.0, [1]), (0.0, [1, 1])])
def test_the_next_is_decided_while_a_commit_waits_for_a_slow_disk(
    slow: float, decided: list[int]
) -> None:
    appending = Appending()

    async def scene() -> list[int]:
        queue = AppendQueue(appending, slow_seconds=slow)
        await queue.submit([[register()]])  # shows how fast the disk is
        appending.groups.clear()
        appending.may_end.clear()
        appending.go_on.clear()
        tasks = [asyncio.create_task(queue.submit([[register()]]))]
        await asyncio.sleep(0.05)  # the thread has it, and is held up
        tasks.append(asyncio.create_task(queue.submit([[register()]])))
        await asyncio.sleep(0.05)
        appending.go_on.set()
        await asyncio.sleep(0.1)
        found = list(appending.groups)
        assert not any(task.done() for task in tasks)
        appending.may_end.set()
        assert await asyncio.gather(*tasks) == [[[b"{}"]]] * 2
        await queue.close()
        return found

    assert asyncio.run(scene()) == decided


def test_a_group_stays_below_its_limit_and_units_stay_whole() -> None:
    appending = Appending()

    async def scene() -> None:
        queue = AppendQueue(appending)
        unit = [register() for _ in range(300)]
        await asyncio.gather(*(queue.submit([unit]) for _ in range(3)), queue.submit([unit * 3]))
        await queue.close()

    asyncio.run(scene())
    assert appending.groups == [1, 1, 1, 1]


def test_too_many_waiting_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_es.log.queue.WAITING_MAX", 2)
    appending = Appending()
    appending.go_on.clear()

    async def scene() -> list[Any]:
        queue = AppendQueue(appending)
        tasks = [asyncio.create_task(queue.submit([[register()]])) for _ in range(3)]
        await asyncio.sleep(0.05)
        appending.go_on.set()
        answers = await asyncio.gather(*tasks)
        await queue.close()
        return answers

    *taken, ((refused,),) = asyncio.run(scene())
    assert taken == [[[b"{}"]]] * 2
    assert isinstance(refused, Unavailable)
    assert refused.code == "queue.full"


def test_closing_lets_all_end_though_the_last_has_given_up() -> None:
    appending = Appending()
    appending.go_on.clear()

    async def scene() -> list[Any]:
        queue = AppendQueue(appending)
        tasks = [asyncio.create_task(queue.submit([[register()]]))]
        await asyncio.sleep(0.05)  # the thread has it, and is held up
        tasks += [asyncio.create_task(queue.submit([[register()]])) for _ in range(2)]
        await asyncio.sleep(0)
        tasks[-1].cancel()
        closing = asyncio.create_task(queue.close())
        await asyncio.sleep(0.05)
        appending.go_on.set()
        await closing
        return await asyncio.wait_for(asyncio.gather(*tasks[:2]), 1)

    assert asyncio.run(scene()) == [[[b"{}"]]] * 2
    assert appending.groups == [1, 2]


def test_a_bug_in_one_decision_fails_only_its_unit(world: World) -> None:
    units = [[register()] for _ in range(7)]
    units[4] = [register(), register()]
    poison = units[4][1].command

    def stage(some: Sequence[Unit]) -> Staged:
        for unit in some:
            for submission in unit:
                if submission.command is poison:
                    raise ZeroDivisionError
        return world.crm.stage(some)

    answers = attempt(stage, units)
    assert not answers.is_fatal
    assert [len(some) for some in answers.answers] == [1, 1, 1, 1, 2, 1, 1]
    assert all(isinstance(answer, Failed) for answer in answers.answers[4])
    assert all(isinstance(some[0], bytes) for n, some in enumerate(answers.answers) if n != 4)
    assert len(world.topics()) == 6


FATAL = [
    (sqlite_error(sqlite3.SQLITE_IOERR | 4 << 8), "log.unavailable"),  # of an fsync
    (sqlite_error(sqlite3.SQLITE_CORRUPT), "log.unavailable"),
    (sqlite3.ProgrammingError("closed"), "log.unavailable"),
    (ClockBehind("far"), "clock.behind"),
]


@pytest.mark.parametrize(("error", "code"), FATAL, ids=str)
def test_an_error_one_cannot_go_on_from_answers_all_and_stops(error: Exception, code: str) -> None:
    appending, stops = Appending(), []
    appending.fault = lambda _: error

    async def scene() -> list[Any]:
        queue = AppendQueue(appending, on_stop=lambda: stops.append(1))
        answers = await asyncio.gather(*(queue.submit([[register()]]) for _ in range(3)))
        appending.fault = lambda _: None
        later = await queue.submit([[register()]])
        await queue.close()
        return [*answers, later]

    *answers, later = [answer for ((answer,),) in asyncio.run(scene())]
    assert all(isinstance(answer, Unavailable) and answer.code == code for answer in answers)
    assert isinstance(later, Unavailable)
    assert (stops, appending.groups) == ([1], [])


def test_nothing_that_waits_is_recorded_after_such_an_error() -> None:
    appending = Appending()
    appending.go_on.clear()

    async def scene() -> list[Any]:
        queue = AppendQueue(appending)
        first = asyncio.create_task(queue.submit([[register()]]))
        await asyncio.sleep(0.05)  # the thread has it, and is held up
        second = asyncio.create_task(queue.submit([[register()]]))
        await asyncio.sleep(0.05)
        faults = iter([sqlite_error(sqlite3.SQLITE_IOERR)])
        appending.fault = lambda _: next(faults, None)
        appending.go_on.set()
        answers = await asyncio.gather(first, second)
        await queue.close()
        return [*answers]

    answers = [answer for ((answer,),) in asyncio.run(scene())]
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert appending.groups == []


PASSING = [
    (sqlite3.SQLITE_FULL, "storage.full"),
    (sqlite3.SQLITE_BUSY, "log.busy"),
]


@pytest.mark.parametrize(("number", "code"), PASSING)
def test_a_full_disk_acknowledges_nothing_and_is_survived(number: int, code: str) -> None:
    appending = Appending()
    submitter = DirectSubmitter(appending, close=lambda: None)
    appending.fault = lambda _: sqlite_error(number)
    ((refused,),) = submitter.submit([[register()]])
    assert isinstance(refused, Unavailable)
    assert refused.code == code
    appending.fault = lambda _: None
    assert submitter.submit([[register()]]) == [[b"{}"]]


def test_a_writer_of_its_own_does_not_go_on_either() -> None:
    appending = Appending()
    submitter = DirectSubmitter(appending, close=lambda: None)
    appending.fault = lambda _: sqlite_error(sqlite3.SQLITE_IOERR)
    submitter.submit([[register()]])
    appending.fault = lambda _: None
    with pytest.raises(Stopped):
        submitter.submit([[register()]])
