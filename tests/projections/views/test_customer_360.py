"""The document of a customer: live, as of now, and as of any moment, it is the same fold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from crm_es.aggregates import BEGINNINGS
from crm_es.log.envelope import Record, Rows
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views.base import Key
from crm_es.projections.views.customer_360 import document, document_as_of
from crm_es.projections.views.folding import Moment
from crm_es.projections.views.items import Item, micros
from crm_es.projections.views.sections import LIVE, SECTIONS
from histories import History
from scene import ANN, NOON, Scene, day, nth
from view_builds import built, reading
from world import START, World

LATER = datetime.fromtimestamp(START / 1e6, UTC) + timedelta(days=300)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    history = History(World(tmp_path_factory.mktemp("log")), seed=3)
    history.run(6_000)
    return history


@pytest.fixture(scope="module")
def db(history: History, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    with reading(built(tmp_path_factory.mktemp("views"), history.world.log)) as db:
        yield db


def text(document: Item | None) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def test_the_document_as_of_now_is_the_live_one(history: History, db: sa.Connection) -> None:
    filled = 0
    for customer in history.customers:
        live = document(db, customer, LATER)
        assert text(live) == text(document_as_of(history.world.log, customer, Moment(), LATER))
        filled += live is not None
    assert filled > 10


def events_of(log: SQLiteLog) -> list[Record]:
    return log.read(0, 1_000_000)


def when(record: Record) -> int:
    return record.occurred_at if record.precision else record.recorded_at


def other_log(folder: Path, records: list[Record]) -> SQLiteLog:
    """A log that never heard of anything else, with positions of its own."""
    rows = Rows()
    for position, record in enumerate(records, start=1):
        rows.events.append(tuple(record._replace(position=position)))
        subjects = record.subjects
        rows.subjects += [(subjects[n : n + 16], position) for n in range(0, len(subjects), 16)]
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    with log.begin() as transaction:
        transaction.add(rows)
    return log


@pytest.mark.parametrize("seed", range(4))
def test_the_document_as_of_a_moment_is_that_of_a_log_which_ends_there(
    history: History, tmp_path: Path, seed: int
) -> None:
    log, random = history.world.log, Random(seed)
    known = events_of(log)
    then = when(random.choice(known))
    upto = random.choice((None, random.choice(known).position))
    moment = Moment(as_of=then, upto=upto)
    at = datetime.fromtimestamp(then // 1_000_000, UTC).replace(microsecond=then % 1_000_000)
    assert micros(at) == then
    known = [r for r in known if r.position <= moment.last]
    had = [r for r in known if when(r) <= then]
    begun = {r.stream_id: r.position for r in known if r.topic in BEGINNINGS}
    lasting = [r for r in had if r.position >= begun[r.stream_id]]
    filled = 0
    (tmp_path / "all").mkdir()
    with (
        reading(built(tmp_path / "views", other_log(tmp_path, lasting))) as db,
        reading(built(tmp_path / "all" / "views", other_log(tmp_path / "all", had))) as whole,
    ):
        for customer in history.customers:
            there, summed = document(db, customer, at), document(whole, customer, at)
            shown = document_as_of(log, customer, moment, at)
            if summed is not None and shown is not None:  # sums are of all that had happened
                there = {**(there or shown), "figures": summed["figures"]}
            assert text(there) == text(shown)
            filled += there is not None
    assert filled


def test_a_row_is_dated_by_the_event_that_began_its_stream(
    history: History, db: sa.Connection
) -> None:
    """As of a moment, the latest rows are told by that event alone."""
    for view in {s.view.name: s.view for s in SECTIONS if s.view.key is Key.STREAM}.values():
        rows = view.table.c
        for key, at in db.execute(sa.select(rows.key, rows.at).limit(100)):
            records = history.world.log.stream(UUID(bytes=key), limit=1_000)
            assert at == when([r for r in records if r.topic in BEGINNINGS][-1])


def test_each_list_is_one_index_seek(db: sa.Connection) -> None:
    compiled = LIVE.params(customer=b"", now="").compile(db.engine)
    values = tuple(compiled.params[name] for name in compiled.positiontup or ())
    plan = [row[3] for row in db.exec_driver_sql(f"explain query plan {compiled}", values)]
    assert len([step for step in plan if step.startswith("SEARCH")]) == len(SECTIONS)
    assert not [step for step in plan if "TEMP B-TREE" in step]


def test_every_section_has_the_same_rows_in_the_same_order_as_of_now(scene: Scene) -> None:
    for n in range(30):
        kind, later = {"customer_id": ANN, "at": day(-(n % 7) - 3)}, day(n % 7 + 1)
        scene.do("ScheduleActivity", activity_id=nth(n), kind="task", planned_at=later, **kind)
        scene.do("PlanVisit", visit_id=nth(100 + n), planned_at=later, **kind)
        scene.do("OpenCase", case_id=nth(200 + n), kind="complaint", **kind)
        scene.do("RecordCall", call_id=nth(300 + n), direction="inbound", seconds=n, **kind)
    for n in range(0, 30, 3):
        scene.do("CompleteActivity", activity_id=nth(n), outcome="done")
        scene.do("RejectCase", case_id=nth(200 + n), reason="not ours")
        scene.do("CheckInVisit", visit_id=nth(100 + n))
    with scene.views() as db:
        live = document(db, ANN, NOON)
    assert text(live) == text(document_as_of(scene.world.log, ANN, Moment(), NOON))
    assert live is not None
    planned = [task["planned_at"] for task in live["planned_activities"]]
    assert (len(planned), planned) == (20, sorted(planned))
    assert len(live["open_cases"]) == 20
    assert (len(live["past_cases"]), live["figures"]["cases"]) == (10, 30)
    assert [call["at"] for call in live["calls"]] == sorted(
        (call["at"] for call in live["calls"]), reverse=True
    )


def test_what_cannot_be_counted_hides_nothing_that_came_after(scene: Scene) -> None:
    for n in range(3):
        scene.do("RecordCall", call_id=nth(n), customer_id=ANN, direction="inbound", seconds=n)
    sql = (
        "update event set data = cast(json_remove(data, '$.seconds') as blob)"
        " where position = (select min(position) from event where topic = 'call.recorded')"
    )
    scene.world.log.db.execute(sql)
    shown = document_as_of(scene.world.log, ANN, Moment(), NOON)
    assert shown is not None
    assert shown["figures"]["calls"] == 0
    assert len(shown["calls"]) == 3
