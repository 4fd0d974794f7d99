"""A log written by hand, and small views of it; a scene of real commands, and all views of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from raw_log import RawLog
from scene import Scene


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RawLog]:
    log = RawLog(tmp_path)
    yield log
    log.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.world.close()
