"""What a read of a customer costs on a log of two million events, and one event more about one."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

from benchmarks.bulk import HOT, START, STEP, make_log
from benchmarks.figure import Figure, quantile, scaled
from crm_es.followers.projector import Projector
from crm_es.followers.rebuild import rebuild
from crm_es.log.envelope import COLUMNS, Rows, event_id, new_id
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views import VIEWS
from crm_es.projections.views.catalogue import Build, Catalogue
from crm_es.projections.views.customer_360 import document, document_as_of
from crm_es.projections.views.folding import Moment
from crm_es.projections.views.kept import KeptStates
from crm_es.projections.views.store import ViewReader

EVENTS, HOT_EVENTS = scaled(2_000_000), scaled(100_000)
ASKED, ROUNDS = 400, 60
SUBJECT, POSITION = COLUMNS.index("subjects"), COLUMNS.index("position")


def figures(folder: Path) -> list[Figure]:
    make_log(folder, EVENTS, hot=HOT_EVENTS)
    log, views = SQLiteLog(folder / "log.sqlite"), folder / "views"
    views.mkdir()
    build = rebuild(views, log, VIEWS)
    with closing(Catalogue(views)) as catalogue:
        catalogue.switch(build)
    some = _customers(log)
    mapped = SQLiteLog(log.path, is_reader=True, is_mapped=True)  # as HTTP reads it
    then = START + EVENTS * STEP // 2
    moment, at = Moment(as_of=then), datetime.fromtimestamp(then / 1e6, UTC)
    with closing(ViewReader(views, VIEWS)) as reader:
        live = [_ms(partial(document, reader.db, id, at)) for id in some]
        hot_live = _ms(lambda: document(reader.db, HOT, at))
    as_of = [_ms(partial(document_as_of, mapped, id, moment, at)) for id in some]
    with closing(ViewReader(views, VIEWS)) as reader:
        kept = KeptStates(reader.db)
        hot = min(_ms(lambda: document_as_of(mapped, HOT, moment, at, kept)) for _ in range(3))
    unkept = min(_ms(lambda: document_as_of(mapped, HOT, moment, at)) for _ in range(3))
    mapped.close()
    more = _one_more(log, build, some[0])
    log.close()
    shutil.rmtree(folder)
    return [
        Figure(
            "customer_360 at 2 million events, p95", "-", 5, quantile(live, 0.95), "ms",
            is_most=True, detail=f"of the customer with 100,000 events {hot_live:.1f} ms",
        ),
        Figure(
            "the same as of a past moment, p95", "-", 20, quantile(as_of, 0.95), "ms", is_most=True
        ),
        Figure(
            "as of a past moment, a customer with 100,000 events", "-", 0.5, hot / 1000, "s",
            is_most=True,
        ),
        Figure(
            "the same where kept states do not help (no order of time)", "-", 0.5, unkept / 1000,
            "s", is_most=True,
        ),
        Figure(
            "projecting one more event about a customer with 100,000", "about one who has twenty",
            1.5, more, is_most=True,
        ),
    ]  # fmt: skip


def _ms(work: Callable[[], Any]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


def _customers(log: SQLiteLog) -> list[UUID]:
    """Some customers at random, but for the one with the long history."""
    random = Random(5)
    found: list[UUID] = []
    while len(found) < ASKED:
        row = log.rows(random.randrange(EVENTS - 1), 1)[0]
        id = UUID(bytes=row[SUBJECT][:16])
        if id != HOT:
            found.append(id)
    return found


def _one_more(log: SQLiteLog, build: Build, other: UUID) -> float:
    """Median time to project a call with the one customer, over that with the other."""
    call = next(
        row for row in log.rows(0, 10_000) if row[COLUMNS.index("topic")] == "call.recorded"
    )
    took: dict[UUID, list[float]] = {HOT: [], other: []}
    with closing(Projector(build, log, VIEWS)) as projector:
        for _ in range(ROUNDS):
            for customer, times in took.items():
                _append(log, call, customer)
                times.append(_ms(projector.step))
    return statistics.median(took[HOT]) / statistics.median(took[other])


def _append(log: SQLiteLog, like: tuple[Any, ...], customer: UUID) -> None:
    command, stream = new_id().bytes, new_id().bytes
    old = str(UUID(bytes=like[SUBJECT][:16])).encode()
    row = dict(zip(COLUMNS, like, strict=True))
    row |= {
        "position": log.head().position + 1, "event_id": event_id(command, 1), "stream_id": stream,
        "command_id": command, "correlation_id": command, "subjects": customer.bytes,
        "data": row["data"].replace(old, str(customer).encode()),
    }  # fmt: skip
    with log.begin() as transaction:
        transaction.add(
            Rows(events=[tuple(row.values())], subjects=[(customer.bytes, row["position"])])
        )
