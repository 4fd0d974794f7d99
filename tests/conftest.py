"""Real parts on a temporary folder: a log, its keys, and the CRM that writes to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from world import World

settings.register_profile("untimed", deadline=None)  # a loaded machine is slow, not wrong
settings.load_profile("untimed")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()
