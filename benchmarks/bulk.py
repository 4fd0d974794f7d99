"""Logs of millions of events, put there in bulk: the shapes are those of real commands' events."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from benchmarks.workload import Bench, opening, submission
from crm_es.log.envelope import COLUMNS, Receipt, Rows, event_id, new_id
from crm_es.log.sqlite import SQLiteLog

CHUNK = 50_000
STAGES = ("new", "qualified", "proposal", "negotiation", "verbal")
START = 1_700_000_000_000_000
STEP = 50_000
"""Microseconds from one event to the next."""
HOT = UUID("018bcfe5-6800-7000-8000-00000000beef")
"""The customer with a history longer than all others'."""
_DATA, _TOPIC = COLUMNS.index("data"), COLUMNS.index("topic")


class Story(NamedTuple):
    """One event to be: which stream and version, about whom, and its fields."""

    stream: bytes
    version: int
    topic: str
    customer: bytes
    data: bytes


def make_log(folder: Path, events: int, *, hot: int = 0, seed: int = 7) -> Path:
    """A folder with ``log.sqlite`` of so many events, ``hot`` of them about the customer HOT.

    Written without waiting for the disk; a customer has some twenty events, half of all are calls.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    log.db.execute("pragma synchronous=off")
    told = _told(Random(seed), _templates(), events, hot)
    position = 0
    while some := list(islice(told, CHUNK)):
        rows = Rows()
        for story in some:
            position += 1
            _add(rows, position, story)
        rows.subjects.sort()
        with log.begin() as transaction:
            transaction.add(rows)
    log.db.execute("pragma wal_checkpoint(truncate)")
    log.close()
    return folder


def _add(rows: Rows, position: int, story: Story) -> None:
    at = START + position * STEP
    command = _id(at, position)
    receipt = Receipt(UUID(bytes=command), UUID(bytes=story.stream), story.version, position, 1)
    rows.events.append(
        (
            position, event_id(command, 1), story.stream, story.version, story.topic, 1, at - 1000,
            4, at, None, "bench", None, command, command, None, 0, story.customer, story.data,
        )
    )  # fmt: skip
    rows.subjects.append((story.customer, position))
    rows.receipts.append((command, bytes(16), receipt.to_bytes()))


def _told(
    random: Random, templates: dict[str, dict[str, Any]], events: int, hot: int
) -> Iterator[Story]:
    hots = set(random.sample(range(events), hot)) if hot else set()
    customers = [HOT.bytes] if hot else []
    deals: list[list[Any]] = []
    if hot:
        yield _story(templates, "customer.registered", HOT.bytes, 1, HOT.bytes)
    for n in range(len(customers), events):
        chance, at = random.random(), START + n * STEP
        id = _id(at, random.getrandbits(60))
        if n in hots:
            yield _story(templates, "call.recorded", id, 1, HOT.bytes, seconds=n % 900)
        elif chance < 0.05 or len(customers) < 10:
            customers.append(id)
            yield _story(templates, "customer.registered", id, 1, id)
        elif chance < 0.5:
            who = random.choice(customers)
            yield _story(templates, "call.recorded", id, 1, who, seconds=n % 900)
        elif chance < 0.6:
            yield _story(templates, "order.placed", id, 1, random.choice(customers))
        elif chance < 0.7 or not deals:
            deals.append([id, random.choice(customers), 1])
            yield _story(templates, "opportunity.opened", id, 1, deals[-1][1])
        else:
            yield _advanced(random, templates, deals)


def _advanced(
    random: Random, templates: dict[str, dict[str, Any]], deals: list[list[Any]]
) -> Story:
    k = random.randrange(len(deals))
    deal = deals[k]
    stream, who, version = deal
    deal[2] = version + 1
    if deal[2] == len(STAGES):
        deals[k] = deals[-1]
        deals.pop()
    return _story(
        templates, "opportunity.stage_advanced", stream, version + 1, who,
        from_stage=STAGES[version - 1], to_stage=STAGES[version],
    )  # fmt: skip


def _story(
    templates: dict[str, dict[str, Any]],
    topic: str,
    stream: bytes,
    version: int,
    customer: bytes,
    **fields: Any,
) -> Story:
    data = templates[topic]
    if "customer_id" in data:
        data["customer_id"] = UUID(bytes=customer)
    data.update(fields)
    return Story(stream, version, topic, customer, orjson.dumps(data))


def _id(at: int, low: int) -> bytes:
    """A UUIDv7 of a moment in microseconds."""
    value = (at // 1000) << 80 | 0x7 << 76 | low & ~(0x3 << 62) & (1 << 76) - 1 | 0x2 << 62
    return value.to_bytes(16, "big")


def _templates() -> dict[str, dict[str, Any]]:
    """What real commands wrote, by topic."""
    random = Random(1)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        first, customers, deals = opening(random)
        bench.run(first, 500)
        line = {"sku": "HP-40", "quantity": "1", "unit_price": "4200"}
        bench.run(
            [
                submission("MoveOpportunity", opportunity_id=deals[0], stage="qualified"),
                submission(
                    "RecordCall", call_id=new_id(), customer_id=customers[0], direction="inbound",
                    seconds=60, agent="b.svensson", summary="asked about the delivery",
                ),
                submission(
                    "PlaceOrder", order_id=new_id(), customer_id=customers[0], currency="EUR",
                    lines=[line, {**line, "sku": "SE-1", "quantity": "3", "unit_price": "38.5"}],
                ),
            ],
            8,
        )  # fmt: skip
        rows = bench.log.rows(0, 10_000)
        bench.close()
    return {row[_TOPIC]: orjson.loads(row[_DATA]) for row in rows}
