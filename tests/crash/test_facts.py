"""P6: killed whenever, the facts have every event of the log exactly once.

The control forgets its checkpoint at every start, to show that the test can see an event that is
taken twice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest

import samples
from crm_es.aggregates import EVENTS
from crm_es.log.sqlite import SQLiteLog
from fact_store import SMALL, facts_of

ROUNDS = int(os.environ.get("CRM_ES_CRASH_ROUNDS", "8"))
EVENTS_A_ROUND = 400
HERE = Path(__file__).parent
SOURCE = Path(__file__).parents[2] / "src"


def follow_and_kill(folder: Path, log: SQLiteLog, rows: list[Any], chance: Random) -> None:
    """Let a follower run while the log grows under it, and kill it somewhere."""
    follower = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "facts_under_test.py"), str(folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (SOURCE, HERE.parent)))},
    )
    assert follower.stdout is not None
    is_early = chance.random() < 0.25  # now and then before it has come to where the log was
    if not is_early:
        assert follower.stdout.readline() == b"follows\n"
    while rows:
        size = chance.randint(1, 60)
        samples.append(log, rows[:size])
        del rows[:size]
        sleep(chance.uniform(0, 0.02))
    sleep(chance.uniform(0, 0.3))
    assert follower.poll() is None
    follower.kill()
    follower.wait()


def followed_through(folder: Path, rounds: int, seed: int) -> dict[str, str]:
    """Digests of the facts after so many kills, once they have come to the log's end."""
    chance = Random(seed)
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    for n in range(rounds):
        after = n * EVENTS_A_ROUND
        rows = list(samples.rows(list(EVENTS), EVENTS_A_ROUND, chance, after))
        follow_and_kill(folder, log, rows, chance)
    log.close()
    with facts_of(folder, SMALL) as facts:
        assert facts.follower.position == rounds * EVENTS_A_ROUND
        total = facts.asked("select count(*), count(distinct position) from mirror.event")
        assert total == [(rounds * EVENTS_A_ROUND, rounds * EVENTS_A_ROUND)]
        return facts.digest()


def built_at_once(folder: Path, beside: Path) -> dict[str, str]:
    with facts_of(beside, SMALL, log=folder / "log.sqlite") as facts:
        return facts.digest()


def test_killed_again_and_again_the_facts_have_every_event_once(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    live = followed_through(tmp_path, ROUNDS, seed=1)
    assert live == built_at_once(tmp_path, beside)
    assert all(not digest.startswith("0-") for digest in live.values())


def test_this_test_sees_events_that_are_taken_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.setenv("CONTROL", "1")
    assert followed_through(tmp_path, 3, seed=2) != built_at_once(tmp_path, beside)
