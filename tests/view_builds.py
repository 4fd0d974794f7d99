"""Views of a world: built at one go, or followed event by event; and ways to read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_es.followers.projector import Projector
from crm_es.followers.rebuild import rebuild
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views import VIEWS
from crm_es.projections.views.catalogue import Build
from crm_es.projections.views.rows import tables

Rows = dict[str, list[tuple[Any, ...]]]


def built(folder: Path, log: SQLiteLog) -> Build:
    """All views from the first event to the head, in a folder of their own."""
    return rebuild(folder, log, VIEWS)


def follow(build: Build, log: SQLiteLog, batch: int = 1_000) -> None:
    """Bring a build that was made before to the head, a batch at a time."""
    with closing(Projector(build, log, VIEWS)) as projector:
        while projector.step(batch):
            pass


def all_rows(build: Build) -> Rows:
    """Every row of every view, as the file has it; and what is parked."""
    with closing(sqlite3.connect(build.path)) as db:
        rows = {table.view.name: db.execute(table.all).fetchall() for table in tables(VIEWS)}
        return {**rows, "parked": db.execute("select * from parked").fetchall()}


@contextmanager
def reading(build: Build) -> Iterator[sa.Connection]:
    engine = sa.create_engine(f"sqlite:///{build.path}")
    with engine.connect() as db:
        yield db
    engine.dispose()
