"""What a thread that reads the views holds: the build that serves, reopened after a switch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from crm_es.errors import Unavailable
from crm_es.projections.views.base import View
from crm_es.projections.views.build_file import Checkpoint, Damaged, is_damage, open_build
from crm_es.projections.views.catalogue import Build, BuildState, Catalogue, fingerprint


class Parked(NamedTuple):
    """A row that stands still: its view could not fold an event."""

    view: str
    key: bytes
    since_position: int
    error: str


class ViewReader:
    """One thread's way to the views. Everything raises Unavailable while none of ours serve."""

    def __init__(self, folder: Path, views: Sequence[View]) -> None:
        self._folder, self._fingerprint = folder, fingerprint(views)
        self._catalogue: Catalogue | None = None
        self._build: Build | None = None
        self._db: sa.Connection | None = None
        self._is_held = False

    @property
    def db(self) -> sa.Connection:
        """The build that serves now; each statement sees the latest commit."""
        if self._db is None or not self._is_held:
            return self._reopened()
        return self._db

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """One moment for several statements: all they see is true at ``position``.

        Damage that is found is told to the one who can repair it.
        """
        db = self.db
        try:
            db.exec_driver_sql("begin")
            self._is_held = True
            yield db
        except sa.exc.DatabaseError as error:
            if error.orig is None or not is_damage(error.orig):
                raise
            self._condemn()
        finally:
            self._is_held = False
            if not db.closed:
                db.connection.rollback()

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(*self.db.exec_driver_sql("select * from checkpoint").one())

    @property
    def position(self) -> int:
        """Up to where the log is in the views."""
        return self.checkpoint().position

    def parked(self, view: str, key: bytes) -> Parked | None:
        """Whether a row stands still, and why."""
        sql = "select * from parked where view = ? and key = ?"
        row = self.db.exec_driver_sql(sql, (view, key)).one_or_none()
        return None if row is None else Parked(*row)

    def all_parked(self, *, limit: int) -> list[Parked]:
        sql = "select * from parked order by since_position, view, key limit ?"
        return [Parked(*row) for row in self.db.exec_driver_sql(sql, (limit,))]

    def parked_count(self) -> int:
        count: int = self.db.exec_driver_sql("select count(*) from parked").scalar_one()
        return count

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
        if self._catalogue is not None:
            self._catalogue.close()
        self._db = self._catalogue = self._build = None

    def _reopened(self) -> sa.Connection:
        """The connection, to another file if another build serves by now."""
        try:
            if self._catalogue is None:
                self._catalogue = Catalogue(self._folder)
            live = self._catalogue.live()
            if live is None or live.fingerprint != self._fingerprint:
                raise Unavailable("views.rebuilding", "The views are being built; come again.")
            if self._db is None or live != self._build:
                self._open(live)
        except Damaged:
            self.close()
            raise Unavailable(
                "views.damaged", "The views are being repaired; come again."
            ) from None
        assert self._db is not None  # noqa: S101 - opened above
        return self._db

    def _open(self, build: Build) -> None:
        """Raises Damaged, also for a file that went after the look into the catalogue."""
        if self._db is not None:
            self._db.close()
            self._db = None
        driver = open_build(build.path, is_reader=True)
        engine = sa.create_engine(
            "sqlite://", creator=lambda: driver, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
        )
        self._db, self._build = engine.connect(), build

    def _condemn(self) -> None:
        if self._catalogue is not None and self._build is not None:
            self._catalogue.mark(self._build, BuildState.CONDEMNED)
        raise Unavailable("views.damaged", "The views are being repaired; come again.") from None
