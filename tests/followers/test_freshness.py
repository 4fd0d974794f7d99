"""An answer is never silently older than what was asked for."""

from __future__ import annotations

import threading
from time import monotonic, sleep
from uuid import UUID

import pytest

from crm_es.errors import Invalid, Unavailable
from crm_es.followers.freshness import wait_for
from followed import Followed, Running
from raw_log import RawLog
from small_views import made

ANN = UUID(int=1)


def wait(followed: Followed, position: int, timeout: float = 0.3) -> int:
    reader, log = followed.reader, followed.log
    return wait_for(position, lambda: reader.position, lambda: log.head().position, timeout=timeout)


def test_what_is_there_is_answered_at_once(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(UUID(int=11), ANN)])
    followed.catch_up()
    assert wait(followed, 0) == wait(followed, 1) == 1


def test_a_position_the_log_does_not_have_is_a_mistake(log: RawLog, followed: Followed) -> None:
    with pytest.raises(Invalid) as refusal:
        wait(followed, 1)
    assert refusal.value.code == "position.beyond_head"


def test_what_does_not_come_in_time_is_refused(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(UUID(int=11), ANN)])
    began = monotonic()
    with pytest.raises(Unavailable) as refusal:
        wait(followed, 1, timeout=0.05)
    assert refusal.value.code == "position.not_reached"
    assert 0.05 <= monotonic() - began < 1


def test_it_waits_for_the_projector(log: RawLog, followed: Followed) -> None:
    log.tell_all([made(UUID(int=11), ANN)])
    late = threading.Timer(0.05, followed.catch_up)
    late.start()
    assert wait(followed, 1, timeout=5) == 1
    late.join()


def test_a_write_can_be_read_back_again_and_again(log: RawLog, followed: Followed) -> None:
    """Topics that no view wants count as well."""
    with Running(followed.follow()):
        for n in range(50):
            log.tell_all(
                [made(UUID(int=100 + n), ANN)] if n % 2 else [("thing.seen", ANN, {}, ANN)]
            )
            assert wait(followed, log.position, timeout=5) >= n + 1
            if n % 10 == 0:
                sleep(0.01)
