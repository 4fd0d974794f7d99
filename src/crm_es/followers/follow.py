"""The follow process: keeps views and search where the log is, and repairs what is found broken."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Protocol

from crm_es.followers.checkpointer import Checkpointer
from crm_es.followers.parking import unpark_all
from crm_es.followers.place import is_in
from crm_es.followers.projector import BATCH_SIZE, Projector
from crm_es.followers.rebuild import Progress, RebuildRunning
from crm_es.log.lock import Held, WriterLock, WriterRunning
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import View
from crm_es.projections.views.build_file import Damaged, set_aside, watching
from crm_es.projections.views.catalogue import CATALOGUE, Build, BuildState, Catalogue, fingerprint

log = logging.getLogger("crm_es.follow")

IDLE_SECONDS = 0.002
"""How long it waits for more events: most of what lies between receipt and visible."""
LOOK_SECONDS = 0.05
"""How often it looks whether another build is ready, or the live one was found damaged."""
RETRY_SECONDS = 0.5


class FollowRunning(Held):
    """Another process follows into the views of this folder."""


class Stopped(Exception):  # noqa: N818 - reads as what happened
    """It was told to stop in the middle of a rebuild."""


class Stepper(Protocol):
    """A follower that goes on in small steps; 0 says that there was nothing to do."""

    def step(self) -> int: ...


class Follow:
    """Owns the views of a folder: it alone writes to the live build, and it alone switches."""

    def __init__(
        self,
        folder: Path,
        lock: Path,
        source: LogRecorder,
        views: Sequence[View],
        *,
        rebuild: Callable[[Progress], object],
        beside: Sequence[Stepper] = (),
    ) -> None:
        """``rebuild`` makes a build that is ready to be switched to, here or in another process.

        ``beside`` are those that take their turn when the views are where the log is. Raises
        FollowRunning.
        """
        self._folder, self._log, self._views = folder, source, views
        self._rebuild, self._beside = rebuild, beside
        self._fingerprint = fingerprint(views)
        try:
            self._lock = WriterLock(lock)
        except WriterRunning as other:
            raise FollowRunning(
                f"Process {other.pid or 'of unknown id'} already follows into {folder}."
            ) from None

    def run(self, stop: threading.Event) -> None:
        """Follow until told to stop. Raises Gap, AnotherProjector, and whatever the log raises."""
        gc.freeze()
        while not stop.is_set():
            try:
                with closing(Catalogue(self._folder)) as catalogue:
                    self._serve(catalogue, stop)
            except Damaged as damaged:
                log.error("%s It is set aside and built anew.", damaged)  # noqa: TRY400 - see there
                self._condemn(damaged.path)
            except Stopped:
                return

    def take_over(self) -> None:
        """Switch to a build that is ready, for who has rebuilt while nobody follows."""
        with closing(Catalogue(self._folder)) as catalogue:
            ready = self._ready(catalogue)
            if ready is not None:
                with closing(ready):
                    while ready.step():
                        pass
                    catalogue.switch(ready.build)

    def close(self) -> None:
        self._lock.release()

    def _serve(self, catalogue: Catalogue, stop: threading.Event) -> None:
        live, coming = self._begin(catalogue, stop), None
        copying, look_at = Checkpointer(live.build.path), 0.0
        try:
            while not stop.is_set():
                count = live.step()
                # What is to take over goes behind: no reader is ever sent back.
                if coming is not None and coming.step() < BATCH_SIZE:
                    catalogue.switch(coming.build)
                    copying.close()
                    live.close()
                    live, coming = coming, None
                    copying = Checkpointer(live.build.path)
                if monotonic() >= look_at:
                    look_at = monotonic() + LOOK_SECONDS
                    self._check(catalogue, live.build)
                    coming = coming or self._ready(catalogue)
                if count < BATCH_SIZE and not sum(other.step() for other in self._beside):
                    stop.wait(IDLE_SECONDS)
        finally:
            copying.close()
            for projector in (live, coming):
                if projector is not None:
                    projector.close()

    def _begin(self, catalogue: Catalogue, stop: threading.Event) -> Projector:
        """Into the live build, or into a new one where none of ours lives. Raises Stopped."""
        catalogue.sweep(unfinished=False)
        live = catalogue.live()
        if live is not None and live.fingerprint == self._fingerprint:
            projector = self._opened(catalogue, live)
            if projector is not None:
                return projector
        while (projector := self._ready(catalogue)) is None:
            self._build(stop)
        catalogue.switch(projector.build)
        return projector

    def _build(self, stop: threading.Event) -> None:
        def on_progress(_: int, __: int) -> None:
            if stop.is_set():
                raise Stopped

        log.info("the views are built")
        try:
            self._rebuild(on_progress)
        except RebuildRunning as other:
            log.info("%s Its build is waited for.", other)
            stop.wait(RETRY_SECONDS)
            on_progress(0, 0)

    def _ready(self, catalogue: Catalogue) -> Projector | None:
        """The build that is to take over, if one of ours is ready."""
        ready = catalogue.ready(self._fingerprint)
        return None if ready is None else self._opened(catalogue, ready)

    def _opened(self, catalogue: Catalogue, build: Build) -> Projector | None:
        """None for a build that was made from another log, or from another life of this one."""
        projector = Projector(build, self._log, self._views)
        if is_in(self._log, projector.checkpoint):
            with watching(build.path):
                unpark_all(projector.db, self._log, projector.tables)
            return projector
        projector.close()
        log.warning("%s is not of this log and is set aside", build.path.name)
        catalogue.mark(build, BuildState.CONDEMNED)
        catalogue.sweep(unfinished=False)
        return None

    def _check(self, catalogue: Catalogue, build: Build) -> None:
        """Raise Damaged if a reader found it so."""
        live = catalogue.live()
        if live is None or live.number != build.number:
            raise Damaged(build.path)

    def _condemn(self, path: Path) -> None:
        if path.name == CATALOGUE:
            set_aside(path)
            return
        with closing(Catalogue(self._folder)) as catalogue:
            for build in catalogue.builds():
                if build.path == path:
                    catalogue.mark(build, BuildState.CONDEMNED)
