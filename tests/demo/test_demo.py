"""The demo company: no rule turns it down, every run tells the same, and its stories are there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from crm_es.aggregates import AGGREGATES
from crm_es.commands import REGISTRY
from crm_es.intake.demo import generator, loader
from crm_es.intake.demo.script import Step
from crm_es.intake.demo.stories import KEY_ACCOUNT
from crm_es.log.queue import DirectSubmitter
from crm_es.log.sealing import is_token
from world import World

UNTIL = datetime(2025, 11, 3, tzinfo=UTC)
CUSTOMERS = 240
UNTOLD = {"import"}
"""What no company does by itself."""

Steps = list[Step]


@pytest.fixture(scope="module")
def told() -> Steps:
    return generator.steps(UNTIL)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("demo"))
    submitter = DirectSubmitter(world.crm.stage, close=world.close)
    outcome = loader.play(submitter, UNTIL, customers=CUSTOMERS)
    assert not outcome.refused, outcome.refused
    yield world
    submitter.close()


def test_every_kind_of_thing_happens_in_it(played: World) -> None:
    happened = {topic.partition(".")[0] for topic in played.topics()}
    assert happened == {kind.TOPIC for kind in AGGREGATES} - UNTOLD


def test_it_is_no_history(played: World) -> None:
    records = played.log.read(0, 100_000)
    assert not any(record.findings for record in records)
    assert all(record.occurred_at < UNTIL.timestamp() * 1e6 for record in records)


def test_played_again_it_records_nothing(played: World) -> None:
    before = played.log.head()
    submitter = DirectSubmitter(played.crm.stage, close=lambda: None)
    assert not loader.play(submitter, UNTIL, customers=CUSTOMERS).refused
    assert played.log.head() == before


def test_one_that_was_broken_off_is_known_and_played_to_its_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    coming = generator.submissions(generator.steps(UNTIL, customers=20))
    world.crm.append([[one] for one in islice(coming, 50)])
    until = loader.begun(world.log)
    assert until == UNTIL
    assert not loader.is_whole(world.log, until, customers=20)
    submitter = DirectSubmitter(world.crm.stage, close=world.close)
    assert not loader.play(submitter, until, customers=20).refused
    assert loader.is_whole(world.log, until, customers=20)
    submitter.close()


def test_a_log_of_something_else_has_no_demo(world: World) -> None:
    assert loader.begun(world.log) is None
    world.do("RegisterCustomer", customer_id="0198c0de-0000-7000-8000-000000000001")
    assert loader.begun(world.log) is None


PROGRAM = """
import hashlib, sys
from datetime import datetime
from crm_es.intake.demo import generator
until = datetime.fromisoformat(sys.argv[1])
made = hashlib.sha256()
for one in generator.submissions(generator.steps(until, customers=60)):
    made.update(one.command_id.bytes + one.digest)
print(made.hexdigest())
"""


def test_it_is_the_same_in_every_process() -> None:
    def digest(seed: str) -> str:
        ran = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", PROGRAM, UNTIL.isoformat()], check=True, capture_output=True,
            text=True, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}"},
        )  # fmt: skip
        return ran.stdout

    assert digest("1") == digest("2")


def test_ids_rise_with_time(told: Steps) -> None:
    ids = [generator.command_id(step, n) for n, step in enumerate(told)]
    assert len(set(ids)) == len(ids)
    assert [id.bytes[:6] for id in ids] == sorted(id.bytes[:6] for id in ids)


def test_a_few_thousand_customers_and_two_years(told: Steps) -> None:
    count = sum(step.name == "RegisterCustomer" for step in told)
    assert 2_000 < count < 5_000
    assert timedelta(days=725) < told[-1].at - told[0].at < timedelta(days=735)


def bodies(told: Steps, name: str) -> list[tuple[datetime, dict[str, Any]]]:
    assert name in REGISTRY
    return [(step.at, step.body) for step in told if step.name == name]


def test_the_key_account_ordered_every_month_complained_and_left(told: Steps) -> None:
    ((_, account),) = [
        found for found in bodies(told, "RegisterCustomer") if found[1].get("name") == KEY_ACCOUNT
    ]
    id = account["customer_id"]
    orders = [at for at, body in bodies(told, "PlaceOrder") if body["customer_id"] == id]
    ((complained, case),) = [f for f in bodies(told, "OpenCase") if f[1]["customer_id"] == id]
    assert len(orders) > 15
    assert orders[-1] < complained < UNTIL - timedelta(days=120)
    assert not any(
        step.body.get("case_id") == case["case_id"] for step in told if step.name != "OpenCase"
    )


def test_one_campaign_works_and_for_one_segment_only(told: Steps) -> None:
    campaign = next(
        body["campaign_id"]
        for _, body in bodies(told, "PlanCampaign")
        if body["name"] == "Second building"
    )
    segments = {
        body["customer_id"]: (body.get("attributes") or {}).get("segment")
        for _, body in bodies(told, "RegisterCustomer")
    }
    answered = {
        body["customer_id"]
        for _, body in bodies(told, "RecordResponse")
        if body["campaign_id"] == campaign
    }
    counts: dict[tuple[str, bool], Counter[bool]] = defaultdict(Counter)
    for _, body in bodies(told, "TargetMember"):
        if body["campaign_id"] == campaign:
            segment = segments[body["customer_id"]]
            counts[segment or "", body["is_control"]][body["customer_id"] in answered] += 1

    def rate(segment: str, *, is_control: bool) -> float:
        found = counts[segment, is_control]
        return found[True] / found.total()

    assert rate("small business", is_control=False) > 0.15
    assert rate("small business", is_control=False) > 2 * rate("home", is_control=False)
    assert rate("home", is_control=False) < 0.08


def test_leaking_seals_make_a_wave_of_complaints(told: Steps) -> None:
    weeks = Counter(
        (UNTIL - at).days // 7
        for at, body in bodies(told, "OpenCase")
        if body["category"] == "leak"
    )
    assert 8 <= weeks.most_common(1)[0][0] <= 13
    returned = [body for _, body in bodies(told, "ReturnOrderLines") if body["reason"] == "leaks"]
    assert len(returned) > 20


def test_nothing_personal_stands_in_its_log_in_the_clear(played: World) -> None:
    for record in played.log.read(0, 100_000):
        data = orjson.loads(record.data)
        if record.topic == "customer.registered" and data["name"] is not None:
            assert is_token(data["name"])
