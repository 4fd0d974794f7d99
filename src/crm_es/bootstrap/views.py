"""The views: read, followed into, built anew, held against the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from threading import Event
from uuid import UUID

from crm_es.bootstrap.tenant import expect, open_keys, open_log
from crm_es.errors import Unavailable
from crm_es.followers.follow import Follow, FollowRunning, Stepper
from crm_es.followers.parking import unpark_all
from crm_es.followers.rebuild import Progress, rebuild
from crm_es.followers.search import SearchFollower
from crm_es.followers.verify import Report, verify
from crm_es.projections.views import VIEWS
from crm_es.projections.views.build_file import open_build
from crm_es.projections.views.catalogue import Catalogue, fingerprint
from crm_es.projections.views.rows import tables
from crm_es.projections.views.store import ViewReader
from crm_es.settings import Settings


def open_views(settings: Settings) -> ViewReader:
    """A reader of the views, for one thread. Raises NoTenant."""
    expect(settings)
    return ViewReader(settings.folder.views, VIEWS)


def open_follow(
    settings: Settings,
    rebuild: Callable[[Progress], object],
    beside: Callable[[Stepper], Sequence[Stepper]] = lambda search: [search],
) -> Follow:
    """Who keeps the views and the search index where the log is. Raises NoTenant, FollowRunning.

    ``beside`` tells who takes turns with the views: given who follows for search, all of them.
    """
    folder, log = settings.folder, open_log(settings)
    search = SearchFollower(folder.pii, log, open_keys(settings))
    return Follow(
        folder.views, folder.follow_lock, log, VIEWS, rebuild=rebuild, beside=beside(search)
    )


def build_views(settings: Settings, on_progress: Progress) -> None:
    """Make a build of all views, for who follows to switch to. Raises NoTenant, RebuildRunning."""
    rebuild(settings.folder.views, open_log(settings), VIEWS, on_progress)


def rebuild_views(settings: Settings, on_progress: Progress) -> None:
    """Build all views anew and let them serve. Raises NoTenant, RebuildRunning."""
    build_views(settings, on_progress)
    with suppress(FollowRunning), closing(open_follow(settings, lambda _: None)) as follow:
        follow.take_over()


def catch_up(settings: Settings, on_progress: Progress | None = None) -> None:
    """Bring views and search to where the log is, unless a running process does.

    Raises NoTenant.
    """
    stop = Event()

    class UntilIdle:
        """Ends the loop when the views are where the log is and search has nothing to do."""

        def __init__(self, search: Stepper) -> None:
            self._search = search

        def step(self) -> int:
            count = self._search.step()
            if not count:
                stop.set()
            return count

    def build(on_step: Progress) -> None:
        def told(done: int, total: int) -> None:
            on_step(done, total)
            if on_progress is not None:
                on_progress(done, total)

        build_views(settings, told)

    def beside(search: Stepper) -> Sequence[Stepper]:
        return [UntilIdle(search)]

    with suppress(FollowRunning), closing(open_follow(settings, build, beside)) as follow:
        follow.run(stop)


def unpark_views(settings: Settings, *, view: str | None = None, key: UUID | None = None) -> int:
    """Try again what could not be folded, all or of one view or key; how many rows go on.

    It may run beside who follows. Raises NoTenant, Unavailable.
    """
    expect(settings)
    with closing(Catalogue(settings.folder.views)) as catalogue:
        live = catalogue.live()
    if live is None or live.fingerprint != fingerprint(VIEWS):
        raise Unavailable("views.rebuilding", "The views are being built; come again.")
    with closing(open_log(settings)) as log, closing(open_build(live.path)) as db:
        packed = None if key is None else key.bytes
        return unpark_all(db, log, tables(VIEWS), view=view, key=packed)


def verify_views(
    settings: Settings, *, sample: int | None, on_progress: Callable[[int], None]
) -> Report:
    """Fold rows anew and compare them with those that serve. Raises NoTenant, Unavailable."""
    return verify(
        settings.folder.views, open_log(settings), VIEWS, sample=sample, on_progress=on_progress
    )
