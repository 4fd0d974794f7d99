"""What was written ahead of a build reaches its file, though whoever writes it does nothing."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

from crm_es.followers.checkpointer import Checkpointer
from crm_es.projections.views.build_file import checkpoint_of, open_build
from followed import Followed
from raw_log import RawLog
from small_views import made

ANN = UUID(int=1)


def position_in_the_file_alone(build: Path, aside: Path) -> int:
    shutil.copy(build, aside)
    with closing(open_build(aside)) as db:
        return checkpoint_of(db).position


def test_it_copies_beside_the_writer(log: RawLog, followed: Followed, tmp_path: Path) -> None:
    build = followed.live()
    assert build is not None
    with closing(followed.projector()) as projector:
        log.tell_all([made(UUID(int=100 + n), ANN) for n in range(50)])
        while projector.step():
            pass
        assert position_in_the_file_alone(build.path, tmp_path / "before.sqlite") == 0
        with closing(Checkpointer(build.path)):
            end, reached = monotonic() + 10, 0
            while reached < log.position and monotonic() < end:
                sleep(0.02)
                reached = position_in_the_file_alone(build.path, tmp_path / "after.sqlite")
        assert reached == log.position


def test_a_build_that_is_gone_ends_it_and_nobody_else(tmp_path: Path) -> None:
    with closing(Checkpointer(tmp_path / "build-1.sqlite")):
        pass
