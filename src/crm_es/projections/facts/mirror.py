"""The mirror: the log's rows in DuckDB, undecoded, in a file of its own that commits first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from crm_es.log.envelope import COLUMNS
from crm_es.log.mapper import upcast
from crm_es.log.recorder import Gap
from crm_es.projections.facts.arrow import table
from crm_es.projections.facts.relations import Relation, relation

TABLES = """
create table if not exists mirror.event(
    position bigint not null, event_id uuid not null, stream_id uuid not null,
    version integer not null, topic varchar not null, schema_version integer not null,
    occurred_at timestamptz not null, precision varchar not null, recorded_at timestamptz not null,
    findings varchar, actor varchar not null, on_behalf_of varchar, command_id uuid not null,
    correlation_id uuid not null, causation_id uuid, depth integer not null,
    subjects uuid[] not null, data varchar not null, is_readable boolean not null
);
create table if not exists mirror.origin(generation uuid not null);
create table if not exists mirror.shape(topic varchar not null, readable varchar not null);
"""
_TOPIC, _SCHEMA, _DATA = (COLUMNS.index(name) for name in ("topic", "schema_version", "data"))

Row = Sequence[Any]
"""A row of the log, in the order of its COLUMNS."""


class Mirror:
    """Filled by one thread. Its position is its own highest; nothing else has to be remembered."""

    def __init__(self, db: duckdb.DuckDBPyConnection, events: Iterable[type[Any]]) -> None:
        """``db`` has the mirror's file attached as ``mirror``."""
        self._db = db
        self._kinds = {kind.TOPIC: kind for kind in events}
        self.relations: Mapping[str, Relation] = {
            topic: relation(kind) for topic, kind in self._kinds.items()
        }
        db.execute(TABLES)
        self.position: int = _one(db, "select ifnull(max(position), 0) from mirror.event")

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

    def is_current(self) -> bool:
        """False if it holds rows that an upcaster of this release would change."""
        held = "select distinct topic, schema_version from mirror.event"
        return not any(
            topic in self.relations and schema < self.relations[topic].schema_version
            for topic, schema in self._db.execute(held).fetchall()
        )

    def settle(self) -> None:
        """Look again at the rows of every topic whose shape is not what it was."""
        known = dict(self._db.execute("select * from mirror.shape").fetchall())
        now = {topic: one.readable for topic, one in self.relations.items()}
        held = self._db.execute("select distinct topic from mirror.event order by 1").fetchall()
        self._db.execute("begin")
        for (topic,) in held:
            if now.get(topic) != known.get(topic):
                readable = self._readable([topic])
                sql = (
                    f"update mirror.event set is_readable = ({readable})"
                    f" where topic = $topic and is_readable is distinct from ({readable})"
                )
                self._db.execute(sql, {"topic": topic})
        if now != known:
            self._db.execute("delete from mirror.shape")
            if now:
                shapes = pa.table({"topic": list(now), "readable": list(now.values())})
                self._db.register("shapes", shapes)
                self._db.execute("insert into mirror.shape select * from shapes")
                self._db.unregister("shapes")
        self._db.execute("commit")

    def insert(self, rows: pa.Table, topics: Sequence[str]) -> None:
        """Add the next rows, as ``arrow`` made them, durably; ``topics`` are those among them."""
        self._db.register("batch", rows)
        try:
            self._db.execute(
                f"insert into mirror.event select *, {self._readable(topics)} from batch"
            )
        finally:
            self._db.unregister("batch")
        self.position = rows["position"][-1].as_py()

    def arrow(self, rows: Sequence[Row], after: int) -> tuple[pa.Table, list[str]]:
        """Rows of the log as they will stand in the mirror, and their topics, most frequent first.

        Raises Gap unless they are the next ones after a position.
        """
        if rows[0][0] != after + 1 or rows[-1][0] != after + len(rows):
            raise Gap(f"Positions {rows[0][0]} to {rows[-1][0]} after {after}: a gap.")
        columns = list(zip(*rows, strict=True))
        kinds = Counter(zip(columns[_TOPIC], columns[_SCHEMA], strict=True))
        if any(self._is_old(*kind) for kind in kinds):
            columns = list(zip(*map(self._upcast, rows), strict=True))
        return table(columns), list(dict.fromkeys(topic for (topic, _), _ in kinds.most_common()))

    def _is_old(self, topic: str, schema: int) -> bool:
        return topic in self.relations and schema < self.relations[topic].schema_version

    def _upcast(self, row: Row) -> Row:
        topic, schema = row[_TOPIC], row[_SCHEMA]
        if not self._is_old(topic, schema):
            return row
        current = self.relations[topic].schema_version
        raw = upcast(self._kinds[topic], schema, current, orjson.loads(row[_DATA]))
        changed = list(row)
        changed[_SCHEMA], changed[_DATA] = current, orjson.dumps(raw, str)
        return changed

    def _readable(self, topics: Iterable[str]) -> str:
        """What no release up to this one has written, or not in this shape, is set aside."""
        known = [self.relations[topic] for topic in topics if topic in self.relations]
        if not known:
            return "false"
        cases = " ".join(
            f"when '{one.topic}' then schema_version = {one.schema_version} and {one.readable}"
            for one in known
        )
        return f"case topic {cases} else false end"


def id_text(raw: bytes) -> str:
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _one(db: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return db.execute(sql).fetchall()[0][0]
