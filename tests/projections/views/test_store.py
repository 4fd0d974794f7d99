"""A reader sees the build that serves, one moment at a time, and nothing while none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from uuid import UUID

import pytest

from crm_es.errors import Unavailable
from crm_es.projections.views.catalogue import BuildState, Catalogue, fingerprint
from crm_es.projections.views.store import ViewReader
from followed import Followed
from raw_log import RawLog
from small_views import SMALL_VIEWS, TAGS, THINGS, made

ANN = UUID(int=1)


@pytest.fixture
def followed(log: RawLog) -> Iterator[Followed]:
    followed = Followed(log.folder, log.log, SMALL_VIEWS)
    yield followed
    followed.close()


def things(reader: ViewReader) -> int:
    count: int = reader.db.exec_driver_sql("select count(*) from small_thing").scalar_one()
    return count


def test_while_no_views_serve_everything_is_refused(log: RawLog) -> None:
    with closing(ViewReader(log.folder / "views", SMALL_VIEWS)) as reader:
        asked: list[Callable[[], object]] = [reader.checkpoint, reader.parked_count]
        for ask in asked:
            with pytest.raises(Unavailable) as refusal:
                ask()
            assert refusal.value.code == "views.rebuilding"


def test_a_reader_follows_every_switch(log: RawLog, followed: Followed) -> None:
    reader = followed.reader
    for n in range(1, 4):
        log.tell_all([made(UUID(int=10 + n), ANN)])
        followed.rebuild()
        assert (things(reader), reader.position) == (n, n)


def test_a_reader_sees_each_commit(log: RawLog, followed: Followed) -> None:
    assert things(followed.reader) == 0
    log.tell_all([made(UUID(int=11), ANN)])
    followed.catch_up()
    assert things(followed.reader) == 1


def test_a_snapshot_is_one_moment_whatever_is_committed_or_switched(
    log: RawLog, followed: Followed
) -> None:
    reader = followed.reader
    with reader.snapshot():
        assert (things(reader), reader.position) == (0, 0)
        log.tell_all([made(UUID(int=11), ANN)])
        followed.catch_up()
        assert (things(reader), reader.position) == (0, 0)
        followed.rebuild()
        assert (things(reader), reader.position) == (0, 0)
    assert (things(reader), reader.position) == (1, 1)


def test_a_snapshot_ends_with_what_went_wrong_in_it(log: RawLog, followed: Followed) -> None:
    with pytest.raises(ZeroDivisionError), followed.reader.snapshot():
        raise ZeroDivisionError
    log.tell_all([made(UUID(int=11), ANN)])
    followed.catch_up()
    assert things(followed.reader) == 1


def test_a_reader_cannot_write(followed: Followed) -> None:
    with pytest.raises(Exception, match="readonly"):
        followed.reader.db.exec_driver_sql("delete from small_thing")


def test_views_of_another_release_do_not_serve(followed: Followed) -> None:
    later = [replace(THINGS, version=2), *SMALL_VIEWS[1:]]
    with closing(ViewReader(followed.folder, later)) as reader, pytest.raises(Unavailable):
        things(reader)


def test_a_fingerprint_tells_versions_tables_and_topics_but_no_order() -> None:
    ours = fingerprint(SMALL_VIEWS)
    assert ours == fingerprint(SMALL_VIEWS[::-1])
    others = [
        SMALL_VIEWS[:2],
        [replace(THINGS, version=2), *SMALL_VIEWS[1:]],
        [replace(THINGS, folds={}), *SMALL_VIEWS[1:]],
        [THINGS, replace(TAGS, table=THINGS.table), SMALL_VIEWS[2]],
    ]
    assert ours not in {fingerprint(other) for other in others}


def test_a_damaged_catalogue_is_told_as_such(followed: Followed) -> None:
    assert things(followed.reader) == 0
    followed.reader.close()
    (followed.folder / "catalogue.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable) as refusal:
        things(followed.reader)
    assert refusal.value.code == "views.damaged"


def test_a_build_that_is_gone_is_told_as_damaged(followed: Followed) -> None:
    live = followed.live()
    assert live is not None
    live.path.unlink()
    with pytest.raises(Unavailable) as refusal:
        things(followed.reader)
    assert refusal.value.code == "views.damaged"


def test_one_build_serves_and_the_one_before_is_old(log: RawLog) -> None:
    with closing(Catalogue(log.folder / "views")) as catalogue:
        builds = [catalogue.begin("x") for _ in range(3)]
        assert [build.number for build in builds] == [1, 2, 3]
        assert catalogue.live() is None
        for build in builds:
            catalogue.mark(build, BuildState.READY)
            catalogue.switch(build)
        states = [build.state for build in catalogue.builds()]
        assert states == [BuildState.OLD, BuildState.OLD, BuildState.LIVE]
        catalogue.sweep(unfinished=False)
        assert [build.number for build in catalogue.builds()] == [3]


def test_a_sweep_leaves_what_is_being_built_and_what_is_to_come(log: RawLog) -> None:
    with closing(Catalogue(log.folder / "views")) as catalogue:
        outlived, live, coming, _ = (catalogue.begin("x") for _ in range(4))
        for build in (outlived, live, coming):
            catalogue.mark(build, BuildState.READY)
        catalogue.switch(live)
        catalogue.sweep(unfinished=False)
        assert [build.number for build in catalogue.builds()] == [2, 3, 4]
        catalogue.sweep(unfinished=True)
        assert [build.number for build in catalogue.builds()] == [2, 3]


def test_only_the_last_condemned_file_is_kept(log: RawLog) -> None:
    folder = log.folder / "views"
    with closing(Catalogue(folder)) as catalogue:
        for _ in range(2):
            build = catalogue.begin("x")
            build.path.write_bytes(b"spoilt")
            catalogue.mark(build, BuildState.CONDEMNED)
            catalogue.sweep(unfinished=False)
    assert [path.name for path in folder.glob("build-*")] == ["build-2.sqlite.aside"]
