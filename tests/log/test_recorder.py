"""Our SQLite recorder passes the library's own recorder tests, and keeps our promises besides."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from unittest import TestCase
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import AggregateRecorder, StoredEvent
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from crm_es.log.recorder import Gap, NotDurable
from crm_es.log.sqlite import SQLiteLog


class _OnAFile(TestCase):
    INITIAL_VERSION = 1

    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.threads = set(threading.enumerate())

    def new_originator_id(self) -> UUID:
        return uuid4()

    def create_recorder(self) -> SQLiteLog:
        recorder = SQLiteLog(Path(self.folder.name) / "log.sqlite")
        recorder.create_table()
        self.addCleanup(recorder.close)
        self.addCleanup(self._await_readers)  # called before close
        return recorder

    def _await_readers(self) -> None:
        """The library's tests tell their reading threads to stop and do not wait for them."""
        for thread in set(threading.enumerate()) - self.threads:
            thread.join(10)

    def close_db_connection(self, *args: object) -> None:
        """Nothing is kept per thread."""


class TestApplicationRecorder(_OnAFile, ApplicationRecorderTestCase[SQLiteLog]):
    """The library's contract of an application recorder."""


class TestNonInterleaving(_OnAFile, NonInterleavingNotificationIDsBaseCase):
    """Positions of one transaction stand together."""


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase, _OnAFile


@pytest.fixture
def log(tmp_path: Path) -> SQLiteLog:
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    return log


def _stored(version: int, stream: UUID) -> StoredEvent:
    return StoredEvent(stream, version, "thing.happened", b"{}")


def test_it_is_a_recorder_of_the_library(log: SQLiteLog) -> None:
    assert isinstance(log, AggregateRecorder)


def test_a_missing_row_is_a_gap(log: SQLiteLog) -> None:
    stream = uuid4()
    log.insert_events([_stored(n, stream) for n in range(1, 6)])
    assert [r.position for r in log.read(2, 10)] == [3, 4, 5]
    log.db.execute("delete from event where position = 3")
    with pytest.raises(Gap):
        log.read(2, 10)
    with pytest.raises(Gap):
        log.read(1, 10)


def test_a_database_that_could_lose_an_acknowledged_event_is_refused(log: SQLiteLog) -> None:
    log.check_durability()
    log.db.execute("pragma synchronous=normal")
    with pytest.raises(NotDurable):
        log.check_durability()


def test_a_new_generation_is_told_from_the_old(log: SQLiteLog) -> None:
    first = log.generation()
    log.create_table()
    assert log.generation() == first
    assert log.begin_generation("restored").number == first.number + 1
    assert log.generation() != first


def test_a_time_finds_the_last_position_recorded_by_then(log: SQLiteLog) -> None:
    for _ in range(9):
        log.insert_events([_stored(1, uuid4())])
    times = [record.recorded_at for record in log.read(0, 10)]
    assert log.position_at(times[0] - 1) == 0
    for position, recorded_at in enumerate(times, start=1):
        last = max(n for n, other in enumerate(times, start=1) if other <= recorded_at)
        assert log.position_at(recorded_at) == last >= position
    assert log.position_at(times[-1] + 10**9) == 9
