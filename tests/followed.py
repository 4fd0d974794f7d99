"""Views of a log on a folder of its own, followed by hand: what tests ask of a follow process."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import orjson

from crm_es.followers.follow import Follow
from crm_es.followers.projector import Projector
from crm_es.followers.rebuild import rebuild
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views.base import View
from crm_es.projections.views.build_file import open_build
from crm_es.projections.views.catalogue import Build, Catalogue
from crm_es.projections.views.digest import digests
from crm_es.projections.views.rows import ViewTable
from crm_es.projections.views.store import ViewReader


class Followed:
    """``catch_up`` takes what is new, ``rebuild`` makes it all again beside it."""

    def __init__(self, folder: Path, log: SQLiteLog, views: Sequence[View]) -> None:
        self.folder, self.log, self.views = folder / "views", log, views
        self._lock = folder / "follow.lock"
        if self.live() is None:
            self.rebuild()
        self.reader = ViewReader(self.folder, views)

    def live(self) -> Build | None:
        with closing(Catalogue(self.folder)) as catalogue:
            return catalogue.live()

    def projector(self) -> Projector:
        live = self.live()
        assert live is not None
        return Projector(live, self.log, self.views)

    def catch_up(self, size: int = 1_000) -> int:
        """The position that is reached."""
        with closing(self.projector()) as projector:
            while projector.step(size):
                pass
            return projector.position

    def rebuild(self) -> Build:
        build = rebuild(self.folder, self.log, self.views)
        with closing(self.follow()) as follow:
            follow.take_over()
        return build

    def follow(self) -> Follow:
        again = partial(rebuild, self.folder, self.log, self.views)
        return Follow(self.folder, self._lock, self.log, self.views, rebuild=again)

    def state(self, view: View, key: UUID) -> dict[str, Any] | None:
        """The row's state, if there is a row."""
        row = self.row(view, key)
        return None if row is None else orjson.loads(row[1])

    def row(self, view: View, key: UUID) -> tuple[Any, ...] | None:
        with closing(self.db()) as db:
            found = ViewTable(view).load(db, [key.bytes])
            return (key.bytes, *found[key.bytes]) if found else None

    def parked(self) -> set[tuple[str, UUID, int]]:
        """(view, key, position of the event)."""
        with closing(self.db()) as db:
            rows = db.execute("select view, key, since_position from parked").fetchall()
        return {(view, UUID(bytes=key), since) for view, key, since in rows}

    def digests(self) -> dict[str, str]:
        with closing(self.db()) as db:
            return digests(db, self.views)

    def db(self) -> sqlite3.Connection:
        live = self.live()
        assert live is not None
        return open_build(live.path)

    def close(self) -> None:
        self.reader.close()


class Running:
    """A follow process's loop in a thread; what it raised is raised again at the end."""

    def __init__(self, follow: Follow) -> None:
        self._follow, self._stop = follow, threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        self._follow.close()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._follow.run(self._stop)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
