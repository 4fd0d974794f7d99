"""The mirror: the log in DuckDB, the envelope of every event and each topic as a typed table.

It is a file of its own that commits first. What no release up to this one has written, or not in
this shape, stands in ``mirror.rejected``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import duckdb
import pyarrow as pa

from crm_es.log.envelope import COLUMNS
from crm_es.projections.facts.arrow import table
from crm_es.projections.facts.batches import Batch, Kind, rows_of
from crm_es.projections.facts.relations import Relation, relations

TABLES = """
create table if not exists mirror.event(
    position bigint not null, event_id uuid not null, stream_id uuid not null,
    version integer not null, topic varchar not null, schema_version integer not null,
    occurred_at timestamptz not null, precision varchar not null, recorded_at timestamptz not null,
    findings varchar, actor varchar not null, on_behalf_of varchar, command_id uuid not null,
    correlation_id uuid not null, causation_id uuid, depth integer not null,
    subjects uuid[] not null
);
create table if not exists mirror.origin(generation uuid not null);
create table if not exists mirror.shape(topic varchar not null, shape varchar not null);
create table if not exists mirror.rejected(position bigint not null, topic varchar not null);
create schema if not exists mirror.events;
"""
_ENVELOPE = [name for name in COLUMNS if name != "data"]
_EVENT = f"insert into mirror.event select {', '.join(_ENVELOPE)} from coming"
_REJECTED = "insert into mirror.rejected select position, topic from coming"


class Mirror:
    """Filled by one thread. Its position is its own highest; nothing else has to be remembered."""

    def __init__(self, db: duckdb.DuckDBPyConnection, events: Iterable[type[Any]]) -> None:
        """``db`` has the mirror's file attached as ``mirror``, and is its own.

        DuckDB's optimizer would ask a condition as early as it can, of data that is then parsed
        twice; and looking for something better takes it longer than a small batch takes.
        """
        self._db = db
        db.execute("set session enable_optimizer = false")
        self._coming = _Coming()
        db.register("coming", self._coming)
        self._statements: dict[str, duckdb.Statement] = {}
        self.relations: Mapping[str, Relation] = relations(events)
        db.execute(TABLES)
        self.position = _one(db, "select ifnull(max(position), 0) from mirror.event")
        self.rejected = _one(db, "select count(*) from mirror.rejected")

    def is_of(self, generation: str, event_at: Callable[[int], str | None]) -> bool:
        """Whether it holds this very log. ``event_at`` gives the id of the log's event there."""
        if not self.position:
            return True
        sql = "select event_id::varchar from mirror.event where position = ?"
        last = self._db.execute(sql, [self.position]).fetchall()[0][0]
        origin = self._db.execute("select generation::varchar from mirror.origin").fetchall()
        return origin == [(generation,)] and last == event_at(self.position)

    def begin(self, generation: str) -> None:
        """Note which life of the log an empty mirror is to hold."""
        if not self.position:
            self._db.execute("begin; delete from mirror.origin")
            self._db.execute("insert into mirror.origin values (?)", [generation])
            self._db.execute("commit")

    # Shapes.

    def is_current(self) -> bool:
        """False if rows are not as this release would put them there: then it must be refilled."""
        laid_out = self._db.execute("describe mirror.event").fetchall()
        if [name for name, *_ in laid_out] != _ENVELOPE:
            return False
        held = self._db.execute("select distinct topic from mirror.event").fetchall()
        return self._changed().isdisjoint(topic for (topic,) in held)

    def lay_out(self) -> None:
        """Make the table of every topic whose shape is not what it was; it holds none of these."""
        changed = self._changed()
        if not changed:
            return
        self._db.execute("begin")
        for topic in changed:
            self._db.execute(f"drop table if exists mirror.events.{topic.replace('.', '_')}")
        made = [self.relations[topic] for topic in changed if topic in self.relations]
        for one in made:
            empty = "(select *, null::varchar as data from mirror.event limit 0)"
            self._db.execute(f"create table mirror.events.{one.name} as {one.typed(empty)}")
        self._db.execute("delete from mirror.shape where topic in (from unnest(?))", [[*changed]])
        shapes = [one.topic for one in made], [one.shape for one in made]
        self._db.execute("insert into mirror.shape select unnest(?), unnest(?)", shapes)
        self._db.execute("commit")

    def _changed(self) -> set[str]:
        known = dict(self._db.execute("select topic, shape from mirror.shape").fetchall())
        now = {topic: one.shape for topic, one in self.relations.items()}
        return {topic for topic in {**known, **now} if now.get(topic) != known.get(topic)}

    # Filling.

    def insert(self, batches: Sequence[Batch]) -> set[str]:
        """Add the next rows, all at once; which topics they have."""
        kinds = {kind for batch in batches for kind in batch.kinds}
        self._db.execute("begin")
        try:
            self._put(_EVENT, pa.concat_tables([batch.rows for batch in batches]))
            rejected = sum(self._type(kind, rows_of(kind, batches)) for kind in kinds)
            self._db.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):
                self._db.execute("rollback")
            raise
        self.position, self.rejected = batches[-1].upto, self.rejected + rejected
        return {topic for topic, _ in kinds}

    def _type(self, kind: Kind, rows: pa.Table) -> int:
        """Put the rows of a kind into the table of their topic; how many have no place there."""
        one = self.relations.get(kind[0])
        if one is None or one.schema_version != kind[1]:
            return self._put(_REJECTED, rows)
        typed = f"mirror.events.{one.name}"
        if self._put(f"insert into {typed} {one.typed('coming')}", rows) == len(rows):
            return 0
        readable = f"select position from {typed} where position > {self.position}"
        return _one(self._db, f"{_REJECTED} where position not in ({readable})")

    def _put(self, insert: str, coming: pa.Table) -> int:
        """The number of rows that came in."""
        statement = self._statements.get(insert)
        if statement is None:
            statement = self._statements[insert] = duckdb.extract_statements(insert)[0]
        self._coming.rows = coming
        return _one(self._db, statement)


class _Coming:
    """What statements read as ``coming``: DuckDB asks for it anew each time.

    Registering each table takes longer than inserting a few rows.
    """

    def __init__(self) -> None:
        self.rows = table([()] * len(COLUMNS))

    def __arrow_c_stream__(self, schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(schema)


def id_text(raw: bytes) -> str:
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _one(db: duckdb.DuckDBPyConnection, sql: str | duckdb.Statement) -> int:
    return int(db.execute(sql).fetchall()[0][0])
