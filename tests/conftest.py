"""Real parts on a temporary folder: a log, its keys, and the CRM that writes to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()
