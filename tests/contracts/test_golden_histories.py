"""Golden histories: what a released version wrote is read by every later one.

    UPDATE_CONTRACTS=1 python -m pytest tests/contracts/test_golden_histories.py

writes the history of the version that is being made anew; those of released ones stay as they are.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from crm_es.aggregates import EVENTS
from crm_es.aggregates.fields import Precision
from crm_es.followers.facts import FactsFollower
from crm_es.followers.rebuild import rebuild
from crm_es.log.envelope import Record, Rows
from crm_es.log.export import lines
from crm_es.log.mapper import EventMapper, replay
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.store import FactStore
from crm_es.projections.views import VIEWS
from histories import History
from world import World

FOLDER = Path(__file__).parent / "golden"
CURRENT = FOLDER / "0.1.0.jsonl"
COMMANDS, ROUNDS, SEED = 2_000, 12, 11


def _kept() -> list[Path]:
    return sorted(FOLDER.glob("*.jsonl"))


def _records(path: Path) -> list[Record]:
    return [_record(orjson.loads(line)) for line in path.read_bytes().splitlines()]


def _record(told: dict[str, Any]) -> Record:
    """An exported line as the log stores it."""
    return Record(
        told["position"], _id(told["event_id"]), _id(told["stream_id"]), told["version"],
        told["topic"], told["schema_version"], _micros(told["occurred_at"]),
        int(Precision[told["precision"].upper()]), _micros(told["recorded_at"]),
        ",".join(told["findings"]) or None, told["actor"], told["on_behalf_of"],
        _id(told["command_id"]), _id(told["correlation_id"]),
        _id(told["causation_id"]) if told["causation_id"] else None, told["depth"],
        b"".join(map(_id, told["subjects"])), orjson.dumps(told["data"]),
    )  # fmt: skip


def _id(text: str) -> bytes:
    return UUID(text).bytes


def _micros(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int(at.timestamp()) * 1_000_000 + at.microsecond


@pytest.fixture(params=_kept(), ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder whose log is one of the histories."""
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    rows = Rows()
    for record in _records(request.param):
        rows.events.append(tuple(record))
        packed = record.subjects
        rows.subjects += [
            (packed[at : at + 16], record.position) for at in range(0, len(packed), 16)
        ]
    with log.begin() as transaction:
        transaction.add(rows)
    log.close()
    return tmp_path


@pytest.mark.skipif("UPDATE_CONTRACTS" not in os.environ, reason="UPDATE_CONTRACTS is not set")
def test_the_history_of_this_version_is_written_anew(world: World) -> None:
    history = History(world, SEED)
    for _ in range(ROUNDS):
        history.run(COMMANDS)
        if {kind.TOPIC for kind in EVENTS} <= set(world.topics()):
            break
    FOLDER.mkdir(exist_ok=True)
    CURRENT.write_bytes(b"".join(lines(_one_of_each_topic(world.log))))


def _one_of_each_topic(log: SQLiteLog) -> list[Record]:
    """The streams in which each topic is met first, up to there, at positions without gaps."""
    everything = log.read(0, 1_000_000)
    upto: dict[bytes, int] = {}
    met: set[str] = set()
    for record in everything:
        if record.topic not in met:
            met.add(record.topic)
            upto[record.stream_id] = record.version
    some = [r for r in everything if r.version <= upto.get(r.stream_id, 0)]
    return [record._replace(position=n) for n, record in enumerate(some, start=1)]


def test_there_is_a_history_and_it_holds_nearly_every_topic() -> None:
    """A few come from no random command; those are pinned by their shape."""
    told = {record.topic for record in _records(CURRENT)}
    missing = {kind.TOPIC for kind in EVENTS} - told
    assert len(missing) <= len(EVENTS) // 20, missing


def test_its_aggregates_fold(golden: Path) -> None:
    mapper = EventMapper()
    with closing(SQLiteLog(golden / "log.sqlite", is_reader=True)) as log:
        streams: dict[bytes, list[Any]] = {}
        for r in log.read(0, 1_000_000):
            event = mapper.decode(
                UUID(bytes=r.stream_id), r.version, r.topic, r.schema_version, r.occurred_at, r.data
            )
            streams.setdefault(r.stream_id, []).append(event)
    for events in streams.values():
        assert replay(None, events).version == len(events)


def test_its_views_park_nothing(golden: Path) -> None:
    views = golden / "views"
    views.mkdir()
    with closing(SQLiteLog(golden / "log.sqlite", is_reader=True)) as log:
        build = rebuild(views, log, VIEWS)
    with closing(sqlite3.connect(build.path)) as db:
        assert db.execute("select view, error from parked").fetchall() == []


def test_its_facts_reject_nothing(golden: Path) -> None:
    with closing(FactStore(golden, Plan(), memory_limit_mib=256)) as store:
        path = golden / "log.sqlite"
        with closing(FactsFollower(store, lambda: SQLiteLog(path, is_reader=True))) as follower:
            follower.catch_up()
        assert store.cursor().execute("select * from rejected").fetchall() == []
        assert not store.tables.parked
