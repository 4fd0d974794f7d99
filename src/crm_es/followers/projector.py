"""The projector: one scan of the log folds all views, each batch in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import orjson

from crm_es.followers.parking import Work, fold_to_poison, parked_among
from crm_es.log.recorder import Gap, LogRecorder
from crm_es.projections.views.base import Key, State, View
from crm_es.projections.views.build_file import (
    Checkpoint,
    checkpoint_of,
    open_build,
    transaction,
    watching,
)
from crm_es.projections.views.catalogue import Build
from crm_es.projections.views.events import (
    EVENT_ID,
    NEWS,
    POSITION,
    TOPIC,
    Told,
    Wanted,
    keys_of,
    opened,
    seen,
)
from crm_es.projections.views.folding import next_version
from crm_es.projections.views.kept import is_due, keep
from crm_es.projections.views.rows import BAD_VALUE, Stored, Values, ViewTable, tables

BATCH_SIZE = 1_000
"""Events of one transaction: what bounds its time and memory."""


class AnotherProjector(Exception):  # noqa: N818 - reads as what happened
    """Somebody else has written to this build. Two projectors on one file: stop."""


class Projector:
    """Follows the log into one build. One thread uses it."""

    def __init__(self, build: Build, source: LogRecorder, views: Sequence[View]) -> None:
        """Raises Damaged."""
        self.build, self._log = build, source
        self.tables = tables(views)
        self._wanted = Wanted(views)
        self.db = open_build(build.path)
        with watching(build.path):
            self.checkpoint = checkpoint_of(self.db)

    @property
    def position(self) -> int:
        return self.checkpoint.position

    def step(self, limit: int = BATCH_SIZE) -> int:
        """Take the next batch, if there is one; the number of its events."""
        rows = self._log.rows(self.position, limit, NEWS)
        if rows:
            self.project(rows)
        return len(rows)

    def project(self, rows: Sequence[Told]) -> None:
        """Fold a batch. Raises Gap unless it follows on the last, AnotherProjector, Damaged."""
        first, last = rows[0][POSITION], rows[-1][POSITION]
        if first != self.position + 1 or last - first + 1 != len(rows):
            raise Gap(f"Positions {first} to {last} after {self.position}: a gap.")
        reached = Checkpoint(self.checkpoint.generation, last, rows[-1][EVENT_ID])
        groups = self._grouped(rows)
        with watching(self.build.path), transaction(self.db):
            for table, group in zip(self.tables, groups, strict=True):
                if group:
                    fold_batch(self.db, self._log, table, group)
            self._advance(reached)
        self.checkpoint = reached

    def close(self) -> None:
        self.db.close()

    def _grouped(self, rows: Sequence[Told]) -> list[dict[bytes, list[Work]]]:
        """By view and key what is to be folded; an event is decoded once for all."""
        groups: list[dict[bytes, list[Work]]] = [{} for _ in self.tables]
        for row in rows:
            wanted = self._wanted[row[TOPIC]]
            if not wanted:
                continue
            data, wanted = opened(row, wanted)
            for n, fold in wanted:
                group = groups[n]
                for key in keys_of(self.tables[n].view, row):
                    work = (fold, seen(key, data, row))
                    if key in group:
                        group[key].append(work)
                    else:
                        group[key] = [work]
        return groups

    def _advance(self, to: Checkpoint) -> None:
        done = self.db.execute(
            "update checkpoint set position = ?, event_id = ? where position = ?",
            (to.position, to.event_id, self.position),
        )
        if done.rowcount != 1:
            raise AnotherProjector(f"The checkpoint is no longer at {self.position}.")


def fold_batch(
    db: sqlite3.Connection, source: LogRecorder, table: ViewTable, group: dict[bytes, list[Work]]
) -> None:
    """Fold some events into the rows of one view, within a transaction. A row drops what it has.

    A key with an event that cannot be folded is parked, the others go on; later events of that key
    are left for the retry, which reads them from the log.
    """
    keys = sorted(group)
    stored = table.load(db, keys)
    parked = parked_among(db, table.view.name, keys)
    saved: list[Values] = []
    gone: list[bytes] = []
    for key in keys:
        if key in parked:
            continue
        before = stored.get(key)
        work = _new(table.view, before, group[key])
        if not work:
            continue
        try:
            row = _folded(table, key, before, work)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - which event it was is found out one by one
            fold_to_poison(db, table, key, before, work)
            continue
        if row is None:
            if before is not None:
                gone.append(key)
        else:
            saved.append(row)
            if is_due(0 if before is None else before[2], row[3]):
                keep(db, source, table.view, row)
    _save(db, table, saved, stored, group)
    table.remove(db, gone)


def _new(view: View, before: Stored | None, work: list[Work]) -> list[Work]:
    """What the row does not have yet."""
    if before is None:
        return work
    if view.key is Key.STREAM:
        return [one for one in work if one[1].version > before[2]]
    return [one for one in work if one[1].position > before[1]]


def _folded(table: ViewTable, key: bytes, before: Stored | None, work: list[Work]) -> Values | None:
    state: State | None = None if before is None else orjson.loads(before[0])
    version = 0 if before is None else before[2]
    for fold, event in work:
        state = fold(state, event)
        version = next_version(table.view, version, state, event)
    return None if state is None else table.values(key, state, work[-1][1].position, version)


def _save(
    db: sqlite3.Connection,
    table: ViewTable,
    rows: list[Values],
    stored: dict[bytes, Stored],
    group: dict[bytes, list[Work]],
) -> None:
    try:
        table.save(db, rows)
    except BAD_VALUE:
        for row in rows:
            try:
                table.save(db, [row])
            except BAD_VALUE:
                key = row[0]
                work = _new(table.view, stored.get(key), group[key])
                fold_to_poison(db, table, key, stored.get(key), work)
