"""The follow process finds its views as they are, and makes of them what they should be."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, sleep
from uuid import UUID

import pytest

from crm_es.errors import Unavailable
from crm_es.followers.follow import Follow, FollowRunning
from crm_es.followers.projector import BATCH_SIZE
from crm_es.followers.rebuild import Progress, rebuild
from crm_es.log.backup import back_up, restore
from crm_es.log.keys import KeyStore
from crm_es.log.lock import WriterLock
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views.build_file import Damaged
from crm_es.projections.views.catalogue import Build, BuildState, Catalogue
from crm_es.projections.views.store import ViewReader
from followed import Followed, Running
from raw_log import RawLog
from small_views import SMALL_VIEWS, THINGS, made, tagged

ANN = UUID(int=1)
PATIENCE = 10.0


def until(condition: Callable[[], object]) -> None:
    """Wait until it holds; what is being repaired does not hold yet."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        with suppress(Unavailable, Damaged):
            if condition():
                return
        sleep(0.005)
    raise AssertionError("It does not come to hold.")


def until_level(followed: Followed) -> None:
    """Wait until the views serve at the head of the log."""
    until(lambda: followed.reader.position >= followed.log.head().position)


def until_another(followed: Followed, first: Build | None) -> None:
    """Wait until another build serves."""
    until(lambda: followed.live() not in {first, None})


def some(log: RawLog, count: int = 30) -> None:
    log.tell_all([made(UUID(int=1_000 + log.position + n), ANN, n) for n in range(count)])


def test_where_there_are_no_views_it_makes_them_and_follows(log: RawLog) -> None:
    some(log)
    folder = log.folder / "views"
    again = partial(rebuild, folder, log.log, SMALL_VIEWS)
    reader = ViewReader(folder, SMALL_VIEWS)
    with pytest.raises(Unavailable):
        _ = reader.position
    with Running(Follow(folder, log.folder / "lock", log.log, SMALL_VIEWS, rebuild=again)):
        until(lambda: reader.position == 30)
        some(log)
        until(lambda: reader.position == 60)


def test_a_second_follow_process_is_refused(log: RawLog, followed: Followed) -> None:
    with closing(followed.follow()), pytest.raises(FollowRunning, match="already follows"):
        followed.follow()


def test_views_that_have_changed_are_built_anew(log: RawLog, followed: Followed) -> None:
    some(log)
    followed.catch_up()
    changed = Followed.__new__(Followed)
    changed.__dict__.update(followed.__dict__)
    changed.views = [replace(THINGS, version=2), *SMALL_VIEWS[1:]]
    changed.reader = ViewReader(changed.folder, changed.views)
    with Running(changed.follow()):
        until_level(changed)
    with pytest.raises(Unavailable) as refusal:
        _ = followed.reader.position
    assert refusal.value.code == "views.rebuilding"


def test_a_build_made_beside_it_takes_over_while_it_runs(log: RawLog, followed: Followed) -> None:
    some(log)
    first = followed.live()
    assert first is not None
    with Running(followed.follow()):
        until_level(followed)
        build = rebuild(followed.folder, followed.log, SMALL_VIEWS)
        some(log)
        until_another(followed, first)
        until_level(followed)
        now = followed.live()
        assert now is not None
        assert now.number == build.number
        some(log)
        until_level(followed)
    live = followed.digests()
    followed.rebuild()
    assert followed.digests() == live


def test_no_reader_is_sent_back_by_a_build_that_is_far_behind(
    log: RawLog, followed: Followed
) -> None:
    build = rebuild(followed.folder, followed.log, SMALL_VIEWS)
    some(log, 8 * BATCH_SIZE)
    before = followed.catch_up()
    with Running(followed.follow()):
        while (live := followed.live()) is not None and live.number != build.number:
            assert followed.reader.position >= before
        assert followed.reader.position >= before


def test_a_build_for_a_later_release_waits_for_it(log: RawLog, followed: Followed) -> None:
    later = [replace(THINGS, version=2), *SMALL_VIEWS[1:]]
    with Running(followed.follow()):
        build = rebuild(followed.folder, SQLiteLog(log.folder / "log.sqlite"), later)
        sleep(0.2)
        now = followed.live()
        assert now is not None
        assert now.number != build.number
    with closing(Catalogue(followed.folder)) as catalogue:
        assert catalogue.ready(build.fingerprint) == build


def test_a_log_restored_from_a_backup_makes_it_build_anew(
    log: RawLog, followed: Followed, tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Contiguous positions alone would not tell: the new history is as long as the old one was."""
    KeyStore(log.folder / "keys.sqlite", bytes(32)).close()
    some(log, 20)
    back_up(log.folder, log.folder / "backup")
    log.tell_all([tagged(UUID(int=1_000), ANN, "lost")])
    followed.catch_up()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    restore(log.folder / "backup", elsewhere)
    restored = SQLiteLog(elsewhere / "log.sqlite")
    _repeat(log, restored)
    followed.log, first = restored, followed.live()
    with caplog.at_level(logging.WARNING), Running(followed.follow()):
        until_another(followed, first)
    assert "not of this log" in caplog.text
    thing = followed.state(THINGS, UUID(int=1_000))
    assert thing is not None
    assert thing["tags"] == ["found"]


def _repeat(log: RawLog, restored: SQLiteLog) -> None:
    again = RawLog.__new__(RawLog)
    again.__dict__.update(log.__dict__)
    again.log, again.position = restored, 20
    again._versions = {UUID(int=1_000): 1}
    again.tell_all([tagged(UUID(int=1_000), ANN, "found")])


@pytest.mark.parametrize(
    "change",
    [
        "update event set event_id = zeroblob(16) where position = 30",
        "delete from event where position = 30",
        "insert into generation values(2, zeroblob(16), 0, 'restored')",
    ],
)
def test_a_log_that_is_not_the_one_that_was_followed_makes_it_build_anew(
    log: RawLog, followed: Followed, change: str
) -> None:
    some(log)
    followed.catch_up()
    first = followed.live()
    assert first is not None
    log.log.db.execute(change)
    with Running(followed.follow()):
        until_another(followed, first)
    now = followed.live()
    assert now is not None
    assert now.number > first.number
    assert first.path.with_name(f"{first.path.name}.aside").exists()


def _spoil(path: Path) -> None:
    """Garbage over every page but the first, as a bad disk leaves it."""
    with path.open("r+b") as file:
        file.seek(4096)
        size = path.stat().st_size - 4096
        file.write(Random(1).randbytes(size))


def test_a_damaged_file_is_set_aside_and_built_anew(log: RawLog, followed: Followed) -> None:
    some(log, 300)
    followed.rebuild()
    first = followed.live()
    assert first is not None
    _spoil(first.path)
    with Running(followed.follow()):
        some(log)
        until_another(followed, first)
        until_level(followed)
    assert first.path.with_name(f"{first.path.name}.aside").exists()
    live = followed.digests()
    followed.rebuild()
    assert followed.digests() == live


@pytest.mark.parametrize("left", [b"", b"no database at all", None])
def test_a_file_that_is_gone_or_something_else_is_built_anew(
    log: RawLog, followed: Followed, left: bytes | None
) -> None:
    some(log)
    followed.catch_up()
    first = followed.live()
    assert first is not None
    first.path.unlink()
    if left is not None:
        first.path.write_bytes(left)
    with Running(followed.follow()):
        until_another(followed, first)
        until_level(followed)


def test_a_damaged_catalogue_costs_a_rebuild(log: RawLog, followed: Followed) -> None:
    some(log)
    (followed.folder / "catalogue.sqlite").write_bytes(b"no database at all" * 100)
    with Running(followed.follow()):
        until_another(followed, None)
        until_level(followed)


def test_what_a_reader_finds_damaged_is_repaired(log: RawLog, followed: Followed) -> None:
    """The projector may never come across a page that nobody changes."""
    some(log, 300)
    followed.rebuild()
    first = followed.live()
    assert first is not None
    with Running(followed.follow()):
        some(log, 1)
        until_level(followed)
        _spoil(first.path)
        with pytest.raises(Unavailable), followed.reader.snapshot() as db:
            db.exec_driver_sql("select state from small_thing").all()
        until_another(followed, first)
        until_level(followed)
    with followed.reader.snapshot() as db:
        assert len(db.exec_driver_sql("select state from small_thing").all()) == 301


def test_it_waits_for_a_rebuild_that_runs_elsewhere(log: RawLog, followed: Followed) -> None:
    some(log)
    live = followed.live()
    assert live is not None
    with closing(Catalogue(followed.folder)) as catalogue:
        catalogue.mark(live, BuildState.OLD)
    lock = WriterLock(followed.folder / "rebuild.lock")
    with Running(followed.follow()):
        sleep(0.1)
        assert followed.live() is None
        lock.release()
        until_level(followed)


def test_it_stops_in_the_middle_of_a_rebuild(log: RawLog) -> None:
    some(log)
    stop = threading.Event()

    def slow(on_progress: Progress) -> Build:
        stop.set()
        return rebuild(log.folder / "views", log.log, SMALL_VIEWS, on_progress)

    lock = log.folder / "follow.lock"
    with closing(Follow(log.folder / "views", lock, log.log, SMALL_VIEWS, rebuild=slow)) as follow:
        follow.run(stop)
    with closing(Catalogue(log.folder / "views")) as catalogue:
        assert catalogue.live() is None


class _Counter:
    def __init__(self) -> None:
        self.turns = 0

    def step(self) -> int:
        self.turns += 1
        return 0


def test_who_follows_beside_takes_turns_with_the_projector(log: RawLog, followed: Followed) -> None:
    beside = _Counter()
    follow = Follow(
        followed.folder, log.folder / "follow.lock", followed.log, SMALL_VIEWS,
        rebuild=lambda _: None, beside=[beside],
    )  # fmt: skip
    with Running(follow):
        some(log)
        until_level(followed)
    assert beside.turns > 0


def test_whatever_is_written_can_be_read_soon_though_no_view_wants_it(
    log: RawLog, followed: Followed
) -> None:
    with Running(followed.follow()):
        for n in range(40):
            log.tell_all(
                [made(UUID(int=100 + n), ANN)] if n % 2 else [("thing.seen", ANN, {}, ANN)]
            )
            until_level(followed)
