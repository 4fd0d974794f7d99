"""Commands as they come in a day's work, made beforehand, and logs of any size to put them into."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from random import Random
from time import time_ns
from typing import Any
from uuid import UUID

import orjson

from benchmarks.figure import seconds
from crm_es.aggregates import EVENTS
from crm_es.application import Crm, Tenant, digest
from crm_es.commands import REGISTRY
from crm_es.log import sqlite_append
from crm_es.log.attempt import Answer, Staged
from crm_es.log.envelope import Circumstances, Rows, Submission, new_id
from crm_es.log.keys import KeyStore
from crm_es.log.sqlite import SQLiteLog

CUSTOMERS = 500
DEALS = 2_000
STAGES = ("new", "qualified", "proposal", "negotiation", "verbal")
WHENCE = Circumstances("bench")
assert EVENTS


def submission(name: str, /, **body: Any) -> Submission:
    command = REGISTRY[name].model_validate_json(orjson.dumps(body, str))
    return Submission(new_id(), command, WHENCE, None, digest(command))


class Bench:
    """A write side on a fresh folder; ``kept`` collects the rows of every transaction."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = SQLiteLog(folder / "log.sqlite")
        self.log.create_table()
        self.keys = KeyStore(folder / "keys.sqlite", bytes(32))
        self.crm = Crm(self.log, self.keys, tenant=Tenant(), clock=lambda: time_ns() // 1000)

    def run(self, submissions: Sequence[Submission], at_once: int) -> None:
        """As the append queue does it for so many clients, each of whom waits for its answer.

        Half of them are decided while the commands of the others are made durable.
        """
        half = at_once // 2
        under_way: SimpleQueue[Staged | None] = SimpleQueue()
        answers: list[Answer] = []

        def commit() -> None:
            while (staged := under_way.get()) is not None:
                answers.extend(answer for (answer,) in staged.commit())

        committing = threading.Thread(target=commit)
        committing.start()
        for start in range(0, len(submissions), half):
            units = [[one] for one in submissions[start : start + half]]
            under_way.put(self.crm.stage(units))
        under_way.put(None)
        committing.join()
        assert len(answers) == len(submissions)
        assert all(isinstance(answer, bytes) for answer in answers)

    def close(self) -> None:
        self.log.close()
        self.keys.close()


def opening(random: Random) -> tuple[list[Submission], list[UUID], list[UUID]]:
    """What must be there first: customers, a pipeline, deals. (submissions, customers, deals)."""
    customers = [new_id() for _ in range(CUSTOMERS)]
    deals = [new_id() for _ in range(DEALS)]
    pipeline = new_id()
    stages = [
        {"name": name, "probability": str(n / 10), "kind": "open"} for n, name in enumerate(STAGES)
    ]
    stages += [
        {"name": "won", "probability": "1", "kind": "won"},
        {"name": "lost", "probability": "0", "kind": "lost"},
    ]
    first = [submission("PublishPipeline", pipeline_id=pipeline, name="bench", stages=stages)]
    first += [submission("RegisterCustomer", customer_id=id, name="Ann Smith") for id in customers]
    first += [
        submission(
            "OpenOpportunity", opportunity_id=deal, pipeline_id=pipeline, title="a deal",
            customer_id=random.choice(customers), amount="12.50", currency="EUR",
        )
        for deal in deals
    ]  # fmt: skip
    return first, customers, deals


def day(random: Random, customers: list[UUID], deals: list[UUID], n: int) -> Iterator[Submission]:
    """So many commands over shared streams: half of them move a deal, half record a call."""
    for k in range(n):
        if k % 2:
            yield submission(
                "MoveOpportunity", opportunity_id=random.choice(deals), stage=random.choice(STAGES)
            )
        else:
            yield submission(
                "RecordCall", call_id=new_id(), customer_id=random.choice(customers),
                direction="inbound", seconds=60, summary="asked about the delivery",
            )  # fmt: skip


class Keeping:
    """While it is entered, every row that reaches the log is kept, transaction by transaction."""

    def __init__(self) -> None:
        self.kept: list[Rows] = []

    def __enter__(self) -> list[Rows]:
        self._add = sqlite_append.Transaction.add
        kept, add = self.kept, self._add

        def keeping(transaction: Any, rows: Rows) -> None:
            kept.append(rows)
            add(transaction, rows)

        sqlite_append.Transaction.add = keeping  # type: ignore[assignment, method-assign]
        return kept

    def __exit__(self, *_: object) -> None:
        sqlite_append.Transaction.add = self._add  # type: ignore[method-assign]


def insert_bare(path: Path, kept: list[Rows], behind: Sequence[Rows] = ()) -> float:
    """Seconds for the same bytes in transactions of the same size, and nothing else: the floor.

    The rows of ``behind`` are put in first, untimed, for they were there when ours began.
    """
    log = SQLiteLog(path)
    log.create_table()
    _insert(log, behind)
    took = seconds(lambda: _insert(log, kept))
    log.close()
    return took


def _insert(log: SQLiteLog, kept: Iterable[Rows]) -> None:
    for rows in kept:
        with log.begin() as transaction:
            transaction.add(rows)
