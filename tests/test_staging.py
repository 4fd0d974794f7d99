"""A batch decided while the one before is committed: it knows that one, and falls with it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any
from uuid import UUID

import pytest

from crm_es.application import Crm, Tenant
from crm_es.application.under_way import UnderWay
from crm_es.errors import Refused
from crm_es.log.envelope import Submission
from crm_es.log.keys import KeyStore
from crm_es.log.sqlite import SQLiteLog
from crm_es.log.sqlite_append import Transaction
from world import MASTER, START, command, submission

ANN, BOB = UUID(int=1), UUID(int=2)


class SlowLog(SQLiteLog):
    """Its commits wait until they may end, and end as told."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.may_end = threading.Event()
        self.may_end.set()
        self.fault: sqlite3.Error | None = None

    def begin(self) -> Transaction:
        return _Slow(self)


class _Slow(Transaction):
    def __init__(self, log: SlowLog) -> None:
        self._log = log
        super().__init__(log.db)

    def _commit(self) -> None:
        assert self._log.may_end.wait(10)
        if self._log.fault is not None:
            raise self._log.fault
        super()._commit()


class Writer:
    """A write side whose first batch is under way until it is let go."""

    def __init__(self, folder: Path) -> None:
        self.log = SlowLog(folder / "log.sqlite")
        self.log.create_table()
        self._keys = KeyStore(folder / "keys.sqlite", MASTER)
        self._threads = ThreadPoolExecutor(2)
        self.crm = Crm(self.log, self._keys, tenant=Tenant(), clock=lambda: START)

    def both(self, first: list[Submission], then: list[Submission]) -> list[Any]:
        """The answers, or what it failed of, of a batch and of one staged while it commits."""
        self.log.may_end.clear()
        ahead = self.crm.stage([[one] for one in first])
        committing = self._threads.submit(_end, ahead.commit)
        staging = self._threads.submit(_end, self._staged, then)
        sleep(0.02)  # by now it is decided, or waits
        assert not committing.done()
        self.log.may_end.set()
        return [committing.result(10), staging.result(10)]

    def _staged(self, units: list[Submission]) -> Any:
        staged: UnderWay = self.crm.stage([[one] for one in units])
        return staged.commit()

    def topics(self) -> list[str]:
        return [record.topic for record in self.log.read(0, 100)]

    def close(self) -> None:
        self._threads.shutdown()
        self.log.close()
        self._keys.close()


def _end(commit: Callable[..., Any], *given: Any) -> Any:
    try:
        return [
            answer.code if isinstance(answer, Refused) else "recorded"
            for (answer,) in commit(*given)
        ]
    except sqlite3.Error as error:
        return error


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    writer = Writer(tmp_path)
    yield writer
    writer.close()


def of(name: str, /, **body: Any) -> Submission:
    return submission(command(name, **body))


def register(id: UUID = ANN, **more: Any) -> Submission:
    return of("RegisterCustomer", customer_id=id, name="Ann", **more)


def rename(name: str, id: UUID = ANN) -> Submission:
    return of("RenameCustomer", customer_id=id, name=name)


def employ(id: UUID) -> Submission:
    return of("RegisterEmployee", employee_id=id, handle="eve")


def test_it_is_decided_on_what_the_one_before_has_done(writer: Writer) -> None:
    then = [rename("Anna"), rename("Anna"), rename("Bob", BOB), register()]
    answers = writer.both([register()], then)
    assert answers == [
        ["recorded"], ["recorded", "recorded", "customer.not_found", "customer.exists"],
    ]  # fmt: skip
    assert writer.topics() == ["customer.registered", "customer.renamed"]
    assert [record.position for record in writer.log.read(0, 10)] == [1, 2]
    assert [record.version for record in writer.log.read(0, 10)] == [1, 2]


def test_a_value_the_one_before_claims_is_taken(writer: Writer) -> None:
    assert writer.both([employ(ANN)], [employ(BOB)]) == [["recorded"], ["employee.handle.taken"]]


def test_a_command_of_the_one_before_is_answered_by_its_receipt(writer: Writer) -> None:
    first, other = register(), register(BOB)._replace(command_id=UUID(int=9))
    again = rename("Anna")._replace(command_id=UUID(int=9))
    answers = writer.both([first, other], [first, again])
    assert answers == [["recorded"] * 2, ["recorded", "command.id_reused"]]
    assert writer.topics() == ["customer.registered"] * 2


def test_what_a_refused_unit_had_changed_is_as_the_one_before_left_it(writer: Writer) -> None:
    writer.log.may_end.clear()
    ahead = writer.crm.stage([[register()]])
    release = threading.Timer(0.05, writer.log.may_end.set)
    release.start()
    with ThreadPoolExecutor(1) as committing:
        committing.submit(ahead.commit)
        refused = [rename("Anna"), rename("Anna", BOB)]
        staged = writer.crm.stage([refused, [rename("Anne")]])
    (one, other), (kept,) = staged.commit()
    assert isinstance(one, Refused)
    assert other is one
    assert isinstance(kept, bytes)
    assert [record.version for record in writer.log.read(0, 10)] == [1, 2]
    release.join()


FULL = sqlite3.OperationalError("database or disk is full")
FULL.sqlite_errorcode = sqlite3.SQLITE_FULL
BROKEN = sqlite3.OperationalError("disk I/O error")
BROKEN.sqlite_errorcode = sqlite3.SQLITE_IOERR


def test_a_failed_commit_takes_along_what_was_decided_on_it_and_no_more(writer: Writer) -> None:
    first, then = [register()], [rename("Anna")]
    writer.log.fault = FULL
    assert writer.both(first, then) == [FULL, FULL]
    assert (writer.topics(), len(writer.crm.cache)) == ([], 0)
    writer.log.fault = None
    assert writer.both(first, then) == [["recorded"], ["recorded"]]
    assert writer.topics() == ["customer.registered", "customer.renamed"]


def test_a_failed_commit_leaves_nothing_behind_in_the_cache(writer: Writer) -> None:
    first = register()
    writer.log.fault = FULL
    with pytest.raises(sqlite3.OperationalError):
        writer.crm.execute(first)
    assert writer.log.head().position == 0
    writer.log.fault = None
    with pytest.raises(Refused) as refusal:
        writer.crm.execute(rename("Anna"))
    assert refusal.value.code == "customer.not_found"
    assert writer.crm.execute(first).position == 1


def test_after_a_commit_that_nobody_knows_the_end_of_nothing_is_decided(writer: Writer) -> None:
    writer.log.fault = BROKEN
    assert writer.both([register()], [rename("Anna")]) == [BROKEN, BROKEN]
    writer.log.fault = None
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError):
            writer.crm.execute(register())
    assert writer.topics() == []


def test_with_no_room_for_it_in_the_cache_it_is_read_from_the_log(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.crm = Crm(writer.log, writer.crm.keys, tenant=Tenant(), clock=lambda: START, cache_max=0)
    assert writer.both([register()], [rename("Anna")]) == [["recorded"], ["recorded"]]
    assert [record.version for record in writer.log.read(0, 10)] == [1, 2]
    writer.close()
