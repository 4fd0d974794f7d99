"""A rebuild makes what the live projector makes, beside it, and takes over without a seam."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial
from random import Random
from uuid import UUID

import pytest

from crm_es.followers.child import rebuild_in_child
from crm_es.followers.rebuild import RebuildRunning, rebuild
from crm_es.log.lock import WriterLock
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views import VIEWS
from crm_es.projections.views.build_file import checkpoint_of, open_build
from crm_es.projections.views.catalogue import BuildState, Catalogue
from followed import Followed
from raw_log import RawLog
from small_views import SMALL_VIEWS, given, made, tagged, unmade

OWNERS = [UUID(int=n) for n in range(1, 9)]


def live_a_little(log: RawLog, random: Random, events: int = 400) -> None:
    """Things that are made, tagged, passed on and unmade."""
    owned: dict[UUID, UUID] = {}
    for _ in range(events):
        owner = random.choice(OWNERS)
        if not owned or random.random() < 0.3:
            thing = UUID(int=random.getrandbits(120))
            owned[thing] = owner
            log.tell_all([made(thing, owner, random.randrange(9))])
            continue
        thing = random.choice(list(owned))
        if random.random() < 0.6:
            log.tell_all([tagged(thing, owned[thing], str(random.randrange(5)))])
        elif random.random() < 0.8:
            log.tell_all([given(thing, owned[thing], owner)])
            owned[thing] = owner
        else:
            log.tell_all([unmade(thing, owned.pop(thing))])


@pytest.mark.parametrize("seed", range(4))
def test_a_rebuild_is_byte_for_byte_what_was_followed(
    log: RawLog, followed: Followed, seed: int
) -> None:
    random = Random(seed)
    live_a_little(log, random)
    followed.catch_up(random.randrange(1, 90))
    live, place = followed.digests(), followed.reader.checkpoint()
    build = followed.rebuild()
    assert followed.digests() == live
    assert followed.reader.checkpoint() == place
    found = followed.live()
    assert found is not None
    assert found.number == build.number


def test_what_is_switched_to_has_its_indexes_and_is_written_beside_readers(
    log: RawLog, followed: Followed
) -> None:
    live_a_little(log, Random(1), 30)
    followed.rebuild()
    with closing(followed.db()) as db:
        names = {
            row[0] for row in db.execute("select name from sqlite_master where type = 'index'")
        }
        assert "small_thing_by_owner_at" in names
        assert db.execute("pragma journal_mode").fetchone()[0] == "wal"
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"


def test_the_live_build_serves_until_the_switch(log: RawLog, followed: Followed) -> None:
    live_a_little(log, Random(1), 50)
    before = followed.catch_up()
    seen = list[tuple[int, int, int, int]]()

    def look(done: int, total: int) -> None:
        log.tell_all([made(UUID(int=10**6 + len(seen)), OWNERS[0])])
        seen.append((done, total, followed.catch_up(), followed.reader.position))

    rebuild(followed.folder, log.log, SMALL_VIEWS, look)
    assert [position for *_, position in seen] == [before + n for n in range(1, len(seen) + 1)]
    assert seen[-1][:2] == (100, 100)
    with closing(followed.follow()) as follow:
        follow.take_over()
    assert followed.reader.position == log.position
    live = followed.digests()
    followed.rebuild()
    assert followed.digests() == live


def test_what_came_in_meanwhile_is_caught_up_before_it_is_ready(
    log: RawLog, followed: Followed
) -> None:
    """So that whoever switches has little left to do."""
    live_a_little(log, Random(1), 20)
    build = rebuild(
        followed.folder, log.log, SMALL_VIEWS, lambda *_: live_a_little(log, Random(2), 5)
    )
    with closing(open_build(build.path)) as db:
        assert checkpoint_of(db).position == log.position > 20


class Killed(BaseException):
    """As a kill would: nothing is tidied up by the rebuild itself."""


@pytest.mark.parametrize("at", [0, 1])
def test_killed_in_the_middle_it_has_changed_nothing(
    log: RawLog, followed: Followed, at: int
) -> None:
    live_a_little(log, Random(1), 50)
    followed.catch_up()
    live = followed.live(), followed.digests()
    calls = []

    def kill(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) > at:
            raise Killed

    with pytest.raises(Killed):
        rebuild(followed.folder, log.log, SMALL_VIEWS, kill)
    assert (followed.live(), followed.digests()) == live
    assert followed.reader.position == 50
    followed.rebuild()
    with closing(Catalogue(followed.folder)) as catalogue:
        states = [build.state for build in catalogue.builds()]
    assert BuildState.BUILDING not in states


def test_what_a_killed_rebuild_left_is_dropped_and_its_number_never_used_again(
    log: RawLog, followed: Followed
) -> None:
    with closing(Catalogue(followed.folder)) as catalogue:
        left = catalogue.begin("of another release")
        left.path.write_bytes(b"half a build")
        lost = catalogue.folder / "build-77.sqlite"
        lost.write_bytes(b"known to nobody")
    build = followed.rebuild()
    assert not left.path.exists()
    assert build.number == 78


def test_an_old_build_stays_for_who_has_it_open_until_the_next_rebuild(
    log: RawLog, followed: Followed
) -> None:
    first = followed.live()
    assert first is not None
    followed.rebuild()
    assert first.path.exists()
    followed.rebuild()
    assert not first.path.exists()


def test_two_rebuilds_of_one_folder_are_refused(log: RawLog, followed: Followed) -> None:
    with WriterLock(followed.folder / "rebuild.lock"), pytest.raises(RebuildRunning):
        rebuild(followed.folder, log.log, SMALL_VIEWS)


def test_nobody_is_ever_without_a_build_or_sent_back_while_it_is_switched(
    log: RawLog, followed: Followed
) -> None:
    """A reader reads on and on through ten switches."""
    live_a_little(log, Random(1), 60)
    followed.catch_up()
    stop, seen, errors = threading.Event(), list[tuple[int, int]](), list[BaseException]()

    def read() -> None:
        try:
            while not stop.is_set():
                with followed.reader.snapshot() as db:
                    rows = db.exec_driver_sql("select count(*) from small_thing").scalar_one()
                    seen.append((followed.reader.position, rows))
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(10):
        log.tell_all([made(UUID(int=10**6 + n), OWNERS[0])])
        followed.catch_up()
        followed.rebuild()
    stop.set()
    reader.join()
    assert not errors
    assert seen == sorted(seen)
    assert seen[-1][0] > 60


def test_a_child_rebuilds_what_the_process_itself_would(
    log: RawLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("child")
    open_log = partial(SQLiteLog, log.folder / "log.sqlite", is_reader=True)
    reports: list[tuple[int, int]] = []
    rebuild_in_child(folder, open_log, lambda done, total: reports.append((done, total)))
    with closing(Catalogue(folder)) as catalogue:
        build = catalogue.builds()[-1]
    assert build.state is BuildState.READY
    ours = rebuild(folder, log.log, VIEWS)
    with closing(open_build(build.path)) as one, closing(open_build(ours.path)) as other:
        assert checkpoint_of(one) == checkpoint_of(other)


def test_a_child_that_is_told_to_stop_leaves_nothing_that_could_serve(
    log: RawLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("child")
    open_log = partial(SQLiteLog, log.folder / "log.sqlite", is_reader=True)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_in_child(folder, open_log, stop)
    with closing(Catalogue(folder)) as catalogue:
        assert all(build.state is BuildState.BUILDING for build in catalogue.builds())
        with WriterLock(folder / "rebuild.lock"):
            catalogue.sweep(unfinished=True)
        assert catalogue.builds() == []
