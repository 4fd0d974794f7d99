"""P6, P7: whatever is killed whenever, every event has changed every row exactly once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from crash.follower_under_test import follow_on_and_on, rebuild_on_and_on
from crm_es.projections.views.base import State, View
from crm_es.projections.views.events import event_of
from crm_es.projections.views.rows import ViewTable
from followed import Followed
from raw_log import RawLog
from small_views import SMALL_VIEWS, broken, given, made, tagged, unmade

ROUNDS = int(os.environ.get("CRM_ES_CRASH_ROUNDS", "12"))
SERVER = get_context("forkserver")  # it imports once what each of its children needs
SERVER.set_forkserver_preload(["crm_es.followers.follow"])
PATIENCE = 30
OWNERS = [UUID(int=n) for n in range(1, 30)]


class Growing:
    """A log of things that are made, tagged, passed on, unmade, and now and then broken."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.log, self._random = RawLog(folder), Random(seed)
        self._owners: dict[UUID, UUID] = {}

    def grow(self) -> None:
        """By one transaction of some events."""
        self.log.tell_all([self._event() for _ in range(self._random.randint(1, 40))])

    def _event(self) -> tuple[Any, ...]:
        random, owner = self._random, self._random.choice(OWNERS)
        if len(self._owners) < 50 or random.random() < 0.2:
            thing = UUID(int=random.getrandbits(120))
            self._owners[thing] = owner
            return made(thing, owner, 3)
        thing = random.choice(list(self._owners))
        before = self._owners[thing]
        if random.random() < 0.0005:
            return broken(thing, before, random.choice(["raise", "huge"]))
        if random.random() < 0.5:
            return tagged(thing, before, str(random.randrange(9)))
        if random.random() < 0.8:
            self._owners[thing] = owner
            return given(thing, before, owner, 3)
        return unmade(thing, self._owners.pop(thing), 3)


@contextmanager
def run_and_kill(folder: Path, what: Callable[[Path, Event], None]) -> Iterator[None]:
    """A process that is killed on leaving, wherever it is by then."""
    is_up = SERVER.Event()
    process = SERVER.Process(target=what, args=(folder, is_up), daemon=True)
    process.start()
    try:
        is_up.wait(PATIENCE)
        yield
    finally:
        process.kill()
        process.join()


def folded(log: RawLog, view: View) -> dict[bytes, tuple[Any, ...]]:
    """The rows of a view, by the plainest fold there is; a poisoned key stops."""
    states: dict[bytes, tuple[State | None, int, int]] = {}
    stopped: set[bytes] = set()
    table = ViewTable(view)
    for record in log.log.read(0, 10**9):
        ids = [record.subjects[at : at + 16] for at in range(0, len(record.subjects), 16)]
        for key in [record.stream_id] if view.key == "stream" else ids:
            if record.topic not in view.folds or key in stopped:
                continue
            before, _, count = states.get(key, (None, 0, 0))
            copy = None if before is None else {**before}
            version = record.version if view.key == "stream" else count + 1
            try:
                state = view.folds[record.topic](copy, event_of(record, key))
                if state is not None:
                    table.values(key, state, 0, 0)
            except (TypeError, ValueError):
                stopped.add(key)
            else:
                states[key] = (state, record.position, 0 if state is None else version)
    return {
        key: table.values(key, state, position, version)
        for key, (state, position, version) in states.items()
        if state is not None
    }


def test_killed_again_and_again_the_views_are_what_the_log_says(tmp_path: Path) -> None:
    random = Random(5)
    growing = Growing(tmp_path, 5)
    reached = set()
    followed = Followed(tmp_path, growing.log.log, SMALL_VIEWS)
    for n in range(ROUNDS):
        with run_and_kill(tmp_path, follow_on_and_on):
            if n % 3 == 0:
                with run_and_kill(tmp_path, rebuild_on_and_on):
                    _grow(growing, random.random() * 0.3)
            else:
                _grow(growing, random.random() * 0.3)
        reached.add(followed.reader.position)
    assert len(reached) > ROUNDS // 2
    _check(growing.log, followed)
    followed.close()
    growing.log.close()


def _grow(growing: Growing, seconds: float) -> None:
    until = monotonic() + seconds
    while monotonic() < until:
        growing.grow()
        sleep(0.003)


def _check(log: RawLog, followed: Followed) -> None:
    """Live, rebuilt, and folded here: the same rows, the same keys parked."""
    with closing(followed.follow()) as last:
        last.take_over()
    assert followed.catch_up() == log.position
    live = followed.digests(), followed.parked()
    with closing(followed.db()) as db:
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
        for view in SMALL_VIEWS:
            rows = {row[0]: row for row in db.execute(ViewTable(view).all)}
            assert rows == folded(log, view)
    followed.rebuild()
    assert (followed.digests(), followed.parked()) == live
