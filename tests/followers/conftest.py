"""A log written by hand, and three small views of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from followed import Followed
from raw_log import RawLog
from small_views import SMALL_VIEWS


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RawLog]:
    log = RawLog(tmp_path)
    yield log
    log.close()


@pytest.fixture
def followed(log: RawLog) -> Iterator[Followed]:
    followed = Followed(log.folder, log.log, SMALL_VIEWS)
    yield followed
    followed.close()
