"""Verify: rows are folded anew from the log and compared with those that serve."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from crm_es.errors import Unavailable
from crm_es.followers.place import is_in
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Key, View
from crm_es.projections.views.build_file import Checkpoint, checkpoint_of, open_build
from crm_es.projections.views.catalogue import Catalogue, fingerprint
from crm_es.projections.views.digest import digests
from crm_es.projections.views.events import KEY, NEWS, TOLD, TOPIC, Wanted, keys_of
from crm_es.projections.views.folding import Moment, Row, fold_rows, row_as_of
from crm_es.projections.views.rows import Values, ViewTable, tables

DIFFERENCES_MAX = 1_000
REPORT_EVERY = 1_000

Compared = tuple[ViewTable, bytes, Row | None, Values | None]
"""(table, key, the row by the log, the row that serves)."""


class Difference(NamedTuple):
    """A row that is not what the log says."""

    view: str
    key: UUID
    fields: dict[str, tuple[Any, Any]]
    """By column or field of the state: by the log, in the row."""


class Report(NamedTuple):
    position: int
    """Where the views stood."""
    compared: int
    parked: int
    """Rows left out because they stand still."""
    differences: list[Difference]
    """The first of them, up to a limit."""
    digests: dict[str, str]
    """By view, of all rows; empty for a sample."""


def verify(
    folder: Path,
    source: LogRecorder,
    views: Sequence[View],
    *,
    sample: int | None = None,
    random: Random | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Compare all rows, or of each view ``sample`` random ones and those of ``sample`` events.

    Reads one moment of the live build while it is followed into. ``on_progress`` is told how many
    rows are compared. Raises Unavailable when none of these views serve, or those of another log,
    and Damaged.
    """
    some = tables(views)
    with closing(_live(folder, views)) as db:
        db.execute("begin")
        place = checkpoint_of(db)
        if not is_in(source, place):
            raise Unavailable(
                "views.rebuilding", "The views are of another log; they are built anew."
            )
        if sample is None:
            rows = _all(db, source, some, place)
        else:
            rows = _sampled(db, source, some, place, sample, random or Random())  # noqa: S311 - no secret
        parked = {(view, key) for view, key in db.execute("select view, key from parked")}
        compared, left_out, differences = 0, 0, list[Difference]()
        for table, key, expected, found in rows:
            if (table.view.name, key) in parked:
                left_out += 1
                continue
            compared += 1
            if compared % REPORT_EVERY == 0:
                on_progress(compared)
            difference = _difference(table, key, expected, found)
            if difference is not None and len(differences) < DIFFERENCES_MAX:
                differences.append(difference)
        told = digests(db, views) if sample is None else {}
        return Report(place.position, compared, left_out, differences, told)


def _live(folder: Path, views: Sequence[View]) -> sqlite3.Connection:
    with closing(Catalogue(folder)) as catalogue:
        live = catalogue.live()
    if live is None or live.fingerprint != fingerprint(views):
        raise Unavailable("views.rebuilding", "The views are being built; come again.")
    return open_build(live.path, is_reader=True)


def _difference(
    table: ViewTable, key: bytes, expected: Row | None, found: Values | None
) -> Difference | None:
    ours = None
    if expected is not None and expected.state is not None:
        ours = table.values(key, expected.state, expected.position, expected.version)
    if ours == found:
        return None
    names = [column.name for column in table.view.table.columns]
    by_log, in_row = _fields(names, ours), _fields(names, found)
    fields = {
        name: (by_log.get(name), in_row.get(name))
        for name in dict.fromkeys([*by_log, *in_row])
        if by_log.get(name) != in_row.get(name)
    }
    return Difference(table.view.name, UUID(bytes=key), fields)


def _fields(names: Sequence[str], values: Values | None) -> dict[str, Any]:
    """Columns by name, and the state's fields as ``state.<name>``."""
    if values is None:
        return {}
    fields = dict(zip(names, values, strict=True))
    try:
        state = orjson.loads(fields.pop("state"))
        return {**fields, **{f"state.{name}": value for name, value in state.items()}}
    except (orjson.JSONDecodeError, AttributeError):
        return {**fields, "state": values[1]}


def _sampled(
    db: sqlite3.Connection, source: LogRecorder, some: Sequence[ViewTable], place: Checkpoint,
    size: int, random: Random,
) -> Iterator[Compared]:  # fmt: skip
    """Random rows that serve, and the rows that random events should be in."""
    keys: list[set[bytes]] = []
    for table in some:
        sql = f"select key from {table.name} order by random() limit ?"
        keys.append({row[0] for row in db.execute(sql, (size,))})
    wanted = Wanted([table.view for table in some])
    for position in random.sample(range(1, place.position + 1), min(size, place.position)):
        row = source.rows(position - 1, 1, NEWS)[0]
        for n, _ in wanted[row[TOPIC]]:
            keys[n].update(keys_of(some[n].view, row))
    moment = Moment(upto=place.position)
    for table, of_table in zip(some, keys, strict=True):
        sql = f"select * from {table.name} where key = ?"
        for key in sorted(of_table):
            expected = row_as_of(source, table.view, UUID(bytes=key), moment)
            yield table, key, expected, db.execute(sql, (key,)).fetchone()


def _all(
    db: sqlite3.Connection, source: LogRecorder, some: Sequence[ViewTable], place: Checkpoint
) -> Iterator[Compared]:
    """Log and rows walked side by side in the order of their keys."""
    moment = Moment(upto=place.position)
    for kind in Key:
        served = [(table, _Served(db, table)) for table in some if table.view.key is kind]
        log = source.scan(place.position, by=kind, columns=TOLD) if served else ()
        for key, group in groupby(log, itemgetter(KEY)):
            story = list(group)
            topics = {row[TOPIC] for row in story}
            for table, rows in served:
                yield from rows.before(key)
                expected = None
                if not topics.isdisjoint(table.view.folds):
                    expected = fold_rows(table.view, key, partial(iter, story), moment)
                found = rows.take(key)
                if expected is not None or found is not None:
                    yield table, key, expected, found
        for _, rows in served:
            yield from rows.before(None)


class _Served:
    """A view's rows in order of their keys, with a look at the next."""

    def __init__(self, db: sqlite3.Connection, table: ViewTable) -> None:
        self._table, self._rows = table, iter(db.execute(table.all))
        self._next: Values | None = next(self._rows, None)

    def before(self, key: bytes | None) -> Iterator[Compared]:
        """Rows of which the log knows nothing."""
        while self._next is not None and (key is None or self._next[0] < key):
            yield self._table, self._next[0], None, self._next
            self._next = next(self._rows, None)

    def take(self, key: bytes) -> Values | None:
        if self._next is None or self._next[0] != key:
            return None
        found, self._next = self._next, next(self._rows, None)
        return found
