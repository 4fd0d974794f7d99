"""A log written by hand, and small views of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from raw_log import RawLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RawLog]:
    log = RawLog(tmp_path)
    yield log
    log.close()
