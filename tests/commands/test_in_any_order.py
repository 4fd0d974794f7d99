"""Whatever is asked of the write side, by anyone, in any order: what then still holds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from crm_es.application import receipt_from
from crm_es.commands import REGISTRY
from crm_es.errors import Refused
from crm_es.log.envelope import COLUMNS, Submission
from crm_es.log.mapper import replay
from random_body import Bodies
from trade import STAGES
from world import IMPORT, World, command, submission

UNSEALED = [column for column in COLUMNS if column != "data"]
BATCHES, UNITS, COMMANDS_MAX = 25, 16, 3


def _ids(kind: int) -> list[str]:
    """Two things of a kind, the first of which is asked of more often."""
    one, other = (f"00000000-0000-0000-0000-00000000{kind:02}0{n}" for n in (1, 2))
    return [one, one, other]


def _stages(**rated: str) -> list[dict[str, str]]:
    return [
        {"name": s.name, "kind": s.kind, "probability": rated.get(s.name, str(s.probability))}
        for s in STAGES
    ]


_targets = sorted({kind.TARGET for kind in REGISTRY.values() if hasattr(kind, "TARGET")})
_by_target = {name: _ids(n) for n, name in enumerate(_targets, start=1)}
PEOPLE, (FUNNEL, *_) = _by_target["customer_id"], _by_target["pipeline_id"]
COMPANY = "00000000-0000-0000-0000-000000009901"
CHOICES: dict[str, Any] = {
    **_by_target,
    "person_id": PEOPLE, "contact_id": PEOPLE, "organisation_id": [COMPANY],
    "parent_id": [COMPANY, PEOPLE[0]], "opportunity_id": _by_target["opportunity_id"],
    "linked_id": _by_target["call_id"], "of_case_id": _by_target["case_id"],
    "by_case_id": _by_target["case_id"], "returns_order_id": _by_target["order_id"],
    "attributes": [{}, {"size": "7"}, {"size": "8"}],
    "kind": ["customer", "call", "person", "complaint", "email"],
    "name": ["size", "bob"], "handle": ["bob", "eve"], "manager": ["bob", "eve"],
    "quantity": ["1", "1", "2", "0", "-1"], "line": [1, 1, 2], "currency": ["EUR", "EUR", "SEK"],
    "stage": ["contacted", "proposal", "proposal", "won", "active", "dormant"],
    "stages": [_stages(), _stages(), _stages(contacted="0.2")], "amount": ["5", "5", "-5"],
}  # fmt: skip
SET_UP = [
    command("RegisterCustomer", customer_id=COMPANY, kind="organisation"),
    command("RegisterCustomer", customer_id=PEOPLE[0], kind="person"),
    command("PublishPipeline", pipeline_id=FUNNEL, name="sales", stages=_stages()),
    *(command("DefineField", kind=kind, name="size") for kind in ("customer", "product", "order")),
]


def _of(department: str) -> list[str]:
    """The commands of a department, those that take something back less often than others."""
    names = [n for n in sorted(REGISTRY) if REGISTRY[n].__module__.split(".")[2] == department]
    return names + 3 * [name for name in names if not name.startswith("Retract")]


DEPARTMENTS = sorted({kind.__module__.split(".")[2] for kind in REGISTRY.values()})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("department", DEPARTMENTS)
def test_any_command_is_recorded_whole_or_refused_and_streams_fold_to_what_they_are(
    world: World, department: str, seed: int
) -> None:
    random = Random(f"{department} {seed}")
    bodies, names = Bodies(random, CHOICES, PEOPLE), _of(department)
    for one in SET_UP:
        world.crm.execute(submission(one))
    for _ in range(BATCHES):
        _append(world, [_unit(bodies, names, random) for _ in range(UNITS)])
    _check(world)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_decided_while_the_batch_before_is_committed_the_answers_are_the_same(
    tmp_path: Path, department: str
) -> None:
    random = Random(department)
    bodies, names = Bodies(random, CHOICES, PEOPLE), _of(department)
    batches = [[_unit(bodies, names, random) for _ in range(UNITS)] for _ in range(BATCHES)]
    batches[:0] = [[[submission(one)]] for one in SET_UP]
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one, other = World(tmp_path / "one"), World(tmp_path / "other", cache_max=8)
    with ThreadPoolExecutor(1) as committing:
        ahead = [committing.submit(other.crm.stage(batch).commit) for batch in batches]
    for batch, later in zip(batches, ahead, strict=True):
        assert list(map(_told, one.crm.append(batch))) == list(map(_told, later.result()))
    assert one.log.rows(0, 100_000, UNSEALED) == other.log.rows(0, 100_000, UNSEALED)
    one.close()
    other.close()


def _told(answers: Sequence[bytes | Refused]) -> list[bytes | str]:
    return [answer.code if isinstance(answer, Refused) else answer for answer in answers]


def _unit(bodies: Bodies, names: list[str], random: Random) -> list[Submission]:
    """Commands of a unit, live or history; those that get past their shape."""
    unit = []
    import_id = random.choice((None, IMPORT))
    for _ in range(random.randint(1, COMMANDS_MAX)):
        name = random.choice(names)
        with suppress(ValidationError):
            unit.append(submission(command(name, **bodies.body(name)), import_id=import_id))
    return unit


def _append(world: World, batch: list[list[Submission]]) -> None:
    before, recorded = world.log.head().position, 0
    for unit, answers in zip(batch, world.crm.append(batch), strict=True):
        refused = [answer for answer in answers if isinstance(answer, Refused)]
        assert len(answers) == len(unit)
        assert len(refused) in {0, len(unit)}
        told = (receipt_from(answer) for answer in answers if isinstance(answer, bytes))
        recorded += sum(receipt.events for receipt in told)
    assert world.log.head().position == before + recorded


def _check(world: World) -> None:
    records = world.log.read(0, 100_000)
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    by_stream = sorted(records, key=lambda record: (record.stream_id, record.version))
    for stream, some in groupby(by_stream, key=lambda record: record.stream_id):
        own = list(some)
        assert [record.version for record in own] == list(range(1, len(own) + 1))
        folded = replay(None, map(world.crm.event_of, own))
        assert vars(world.crm.cache[int.from_bytes(stream, "big")]) == vars(folded)
    live = [record for record in records if record.correlation_id != IMPORT.bytes]
    assert not [record.topic for record in live if record.findings]
