"""A row is the same, however it came about: followed live, rebuilt, or folded as of now."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import orjson
import pytest

from crm_es.aggregates import BEGINNINGS, EVENTS
from crm_es.projections.views import VIEWS
from crm_es.projections.views.base import Key
from crm_es.projections.views.catalogue import Build
from crm_es.projections.views.folding import row_as_of
from histories import History
from view_builds import all_rows, built, follow
from world import World

TOPICS = {kind.TOPIC for kind in EVENTS}


class Lived(NamedTuple):
    world: World
    young: Build
    """Made before anything happened."""
    history: History


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("lived")
    world = World(folder)
    young = built(folder / "young", world.log)
    history = History(world, seed=7)
    for _ in range(15):
        history.run(2_000)
        if set(world.topics()) >= TOPICS and not history.never_recorded:
            break
    return Lived(world, young, history)


def test_every_command_and_every_kind_of_event_occurs_in_a_random_history(lived: Lived) -> None:
    assert lived.history.never_recorded == []
    assert TOPICS - set(lived.world.topics()) == set()


def test_what_was_taken_back_begins_anew_in_a_random_history(lived: Lived) -> None:
    records = lived.world.log.read(0, 100_000)
    anew = {r.topic for r in records if r.topic in BEGINNINGS and r.version > 1}
    assert len(anew) > len(BEGINNINGS) // 2


def test_every_topic_is_folded_by_the_view_of_its_stream() -> None:
    folded = {
        topic
        for view in VIEWS
        if view.key is Key.STREAM and view.name != "data_quality"
        for topic in view.folds
    }
    assert folded == TOPICS


def test_live_is_rebuilt(lived: Lived, tmp_path: Path) -> None:
    follow(lived.young, lived.world.log, batch=37)
    live = all_rows(lived.young)
    assert live["parked"] == []
    assert live == all_rows(built(tmp_path, lived.world.log))
    assert all(live[view.name] for view in VIEWS)


def test_as_of_now_is_rebuilt(lived: Lived, tmp_path: Path) -> None:
    rebuilt = all_rows(built(tmp_path, lived.world.log))
    for view in VIEWS:
        for key, state, position, version, *_ in rebuilt[view.name]:
            row = row_as_of(lived.world.log, view, UUID(bytes=key))
            assert row is not None
            assert row[1:4] == (orjson.loads(state), position, version)
