"""P1, P2: whatever is killed whenever, no acknowledged event is lost and none is half there.

The control runs damage a log behind its writer's back to show that the tests can see a loss.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from random import Random
from time import sleep
from uuid import UUID

import pytest

from crm_es.log.keys import KeyStore
from crm_es.log.sealing import Sealer
from crm_es.log.sqlite import SQLiteLog

ROUNDS = int(os.environ.get("CRM_ES_CRASH_ROUNDS", "12"))
HERE = Path(__file__).parent
SOURCE = Path(__file__).parents[2] / "src"


def run_and_kill(folder: Path, seed: int, after: float) -> list[tuple[UUID, int]]:
    """Let a writer run, kill it, and return the commands it acknowledged with their positions."""
    acked = folder / f"acked.{seed}"
    with acked.open("w") as out:
        writer = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(HERE / "writer_under_test.py"), str(folder), str(seed)],
            stdout=out,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        while not acked.stat().st_size and writer.poll() is None:
            sleep(0.005)
        sleep(after)
        writer.kill()
        writer.wait()
    whole = acked.read_text().rpartition("\n")[0].splitlines()
    return [(UUID(line.split()[0]), int(line.split()[1])) for line in whole]


def losses(folder: Path, acked: list[tuple[UUID, int]]) -> list[str]:
    """What is wrong with the log, given what was acknowledged; nothing if all is well."""
    log = SQLiteLog(folder / "log.sqlite")
    wrong = [
        f"{id} was acknowledged at {position} and is lost"
        for id, position in acked
        if log.receipt(id) is None or log.head().position < position
    ]
    if log.db.execute("pragma integrity_check").fetchone()[0] != "ok":
        wrong.append("the database is damaged")
    records = log.read(0, 10**9)  # raises Gap when a position is missing
    receipts = log.db.execute("select count(*) from receipt").fetchone()[0]
    if receipts != len(records):
        wrong.append(f"{receipts} receipts for {len(records)} events")
    for stream, events in groupby(sorted(records, key=lambda r: r[2:4]), key=lambda r: r[2]):
        if [event.version for event in events] != [1, 2, 3]:
            wrong.append(f"{UUID(bytes=stream)} is not whole")
    claims = log.db.execute("select count(*) from claim").fetchone()[0]
    if 3 * claims != len(records):
        wrong.append(f"{claims} claims for {len(records)} events")
    log.close()
    return wrong


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    random = Random(1)
    acked: list[tuple[UUID, int]] = []
    for seed in range(ROUNDS):
        acked += run_and_kill(tmp_path, seed, random.random() * 0.2)
        assert not losses(tmp_path, acked)
    assert len(acked) >= 3 * ROUNDS


def test_every_name_of_a_killed_writer_can_still_be_read(tmp_path: Path) -> None:
    """A key is durable before the event that needs it."""
    run_and_kill(tmp_path, 1, 0.1)
    log = SQLiteLog(tmp_path / "log.sqlite")
    sealer = Sealer(KeyStore(tmp_path / "keys.sqlite", bytes(32)))
    tokens = [
        record.data.partition(b'"name":"')[2].partition(b'"')[0].decode()
        for record in log.read(0, 10**6)
        if record.topic == "customer.renamed"
    ]
    assert {sealer.open(token) for token in tokens} == {"Anna"}
    log.close()


@pytest.mark.parametrize(
    "damage",
    [
        "delete from event where position = (select max(position) from event)",
        "delete from receipt where command_id = (select min(command_id) from receipt)",
        "delete from claim",
    ],
)
def test_these_tests_see_a_loss(tmp_path: Path, damage: str) -> None:
    acked = run_and_kill(tmp_path, 1, 0.05)
    assert not losses(tmp_path, acked)
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.db.execute(damage)
    log.close()
    assert losses(tmp_path, acked)
