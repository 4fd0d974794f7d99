"""Whatever has the shape of a command is answered, or refused with a code and without a value."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bodies import KEY, Place, changed, faults, full_body, kind_of, places, required_body
from crm_es.aggregates import AGGREGATES
from crm_es.application.desk import FUTURE_MAX
from crm_es.commands import REGISTRY
from crm_es.commands.shortcomings import told
from crm_es.errors import Refused
from crm_es.log.envelope import new_id
from play import Play
from world import World, command, submission

STABLE = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
SECRET = "Zaphod Beeblebrox"
ROUNDS = 3
EMOJI = "\U0001f469\u200d\U0001f680"

TAKEN_AS = [
    ("amount", "-0", "0"), ("amount", "-0.0000", "0"), ("amount", "007.50", "7.5"),
    ("amount", "99999999999999.9999", "99999999999999.9999"), ("price", "0.000001", "0.000001"),
    ("share", "1.000000", "1"), ("share", "0", "0"),
    ("time", "2026-01-01T09:30:00+05:30", "2026-01-01T04:00:00Z"),
    ("time", "2026-01-01t09:30:00.000001z", "2026-01-01T09:30:00.000001Z"),
    ("time", "1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
    ("day", "2199-12-31", "2199-12-31"), ("day", "2024-02-29", "2024-02-29"),
    ("line", "Cafe\u0301", "Caf\u00e9"), ("line", "  Ann  ", "Ann"), ("line", "~ 5 kg", "~ 5 kg"),
    ("line", "\u674e\u660e", "\u674e\u660e"), ("line", EMOJI, EMOJI),
    ("line", "'; drop table event; --", "'; drop table event; --"),
    ("note", "one\r\ntwo\n\tthree", "one\ntwo\n\tthree"), ("note", "x" * 10_000, "x" * 10_000),
]  # fmt: skip
"""What is odd and yet has one meaning: (kind of field, as sent, as kept)."""


_STAGES = [{"name": kind, "kind": kind} for kind in ("open", "won", "lost")]
STAGE: list[tuple[str, dict[str, Any]]] = [
    *(("DefineField", {"kind": aggregate.TOPIC, "name": KEY}) for aggregate in AGGREGATES),
    ("PublishPipeline", {**required_body("PublishPipeline"), "stages": _STAGES}),
]
"""Every kind of thing has the attribute that bodies give it, and deals have a pipeline."""


def places_of(kind: str) -> list[tuple[str, Place]]:
    return [(name, place) for name in REGISTRY for place in places(name) if kind_of(place) == kind]


@pytest.mark.parametrize(("kind", "sent", "kept"), TAKEN_AS)
def test_what_is_odd_is_kept_in_one_way(kind: str, sent: str, kept: str) -> None:
    for name, place in places_of(kind):
        body = changed(full_body(name), place.path, sent)
        if kept == "0" and codes(name, body) == {"number.range"}:
            continue  # nought is not among what this field takes
        found = json.loads(REGISTRY[name].model_validate_json(json.dumps(body)).model_dump_json())
        for step in place.path:
            found = found[step]
        assert found == kept, (name, place.pointer)


def test_an_amount_below_nought_is_refused_where_it_makes_no_sense() -> None:
    said = {
        (name, place.pointer): codes(name, changed(full_body(name), place.path, "-1"))
        for name, place in places_of("amount")
    }
    assert set().union(*said.values()) == {"money.negative", "number.range"}
    assert said["RecordSpend", "/amount"] == {"money.negative"}
    assert said["PlaceOrder", "/lines/0/quantity"] == set()  # it may be a return


def codes(name: str, body: Any) -> set[str]:
    return {told(error)[0] for error in faults(name, body)}


@pytest.mark.parametrize("is_history", [False, True])
@pytest.mark.parametrize("order", range(3))
def test_every_command_is_answered_or_refused(order: int, is_history: Any) -> None:
    """All of them about the same few things, in some order, three times over."""
    play, random = _stage(is_history=is_history), Random(order)
    for _ in range(ROUNDS):
        names = list(REGISTRY) if order == 0 else random.sample(list(REGISTRY), len(REGISTRY))
        for name in names:
            for body in (required_body(name), _secret(name)):
                told = play.do(name, **body)
                assert not isinstance(told, str) or STABLE.fullmatch(told), (name, told)
                assert play.refusal is None or SECRET not in str(play.refusal)


def test_most_commands_get_past_their_first_refusal() -> None:
    """The test above says little if nothing it asks is ever done."""
    play, done = _stage(is_history=True), set()
    for name in [*REGISTRY] * ROUNDS:
        for body in (required_body(name), full_body(name)):
            if isinstance(play.do(name, **body), list):
                done.add(name)
    assert len(done) > 0.9 * len(REGISTRY), sorted(set(REGISTRY) - done)


def _secret(name: str) -> dict[str, Any]:
    """A full body whose texts are all a name no answer may repeat."""
    body = full_body(name)
    for place in places(name):
        if kind_of(place) in {"line", "note", "attribute"}:
            body = changed(body, place.path, SECRET)
    return body


def _stage(*, is_history: bool) -> Play:
    play = Play(is_history=is_history)
    for name, body in STAGE:
        play.do(name, **body)
    return play


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = World(Path(tmp_path_factory.mktemp("world")))
    yield made
    made.close()


def test_all_that_is_done_can_be_read_back(tmp_path: Path) -> None:
    """On the real write side: sealed, written, and folded again from the log for every command."""
    world, by = World(tmp_path, cache_max=0), new_id()
    bodies = [(name, made(name)) for name in REGISTRY for made in (required_body, full_body)]
    for name, body in [*STAGE, *bodies]:
        with suppress(Refused):
            world.crm.execute(submission(command(name, **body), import_id=by))
    records = list(world.log.read(0, 100_000))
    assert len({record.topic for record in records}) > 100
    assert all(world.crm.event_of(record) for record in records)
    world.close()


@pytest.mark.parametrize("name", REGISTRY)
def test_nothing_has_happened_yet_that_lies_ahead(world: World, name: str) -> None:
    now = datetime.fromtimestamp(world.now / 1e6, UTC) + FUTURE_MAX
    ahead = (now + timedelta(minutes=1)).isoformat()
    if REGISTRY[name].ALLOWS_FUTURE:
        assert _answer(world, name, ahead) != "time.future"
    else:
        assert _answer(world, name, ahead) == "time.future"
    assert _answer(world, name, now.isoformat()) != "time.future"


def _answer(world: World, name: str, at: str) -> str | None:
    ids: dict[Any, str] = {
        place.path[0]: str(new_id())
        for place in places(name)
        if kind_of(place) == "id" and len(place.path) == 1
    }
    try:
        world.do(name, **{**required_body(name), **ids, "at": at})
    except Refused as refusal:
        return refusal.code
    return None
