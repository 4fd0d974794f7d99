"""How events become bytes and come back as they were: flat JSON out, declared types in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, NotRequired, get_type_hints
from uuid import UUID

import orjson
from eventsourcing.domain import AggregateCreated
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder
from eventsourcing.utils import get_topic, resolve_topic
from pydantic import TypeAdapter
from typing_extensions import TypedDict

_ENVELOPE = ("originator_id", "originator_version", "timestamp", "originator_topic")


class OrjsonTranscoder(Transcoder):
    """Plain JSON. What is no JSON type is written as its text; the declared type restores it."""

    def encode(self, obj: Any) -> bytes:
        return orjson.dumps(obj, str)

    def decode(self, data: bytes) -> Any:
        return orjson.loads(data)


class _Plan(NamedTuple):
    kind: type[Any]
    adapter: TypeAdapter[Any]
    origin: str | None
    schema_version: int


class EventMapper(Mapper[UUID]):
    """Keeps in ``data`` only what no envelope column holds, and no trace of Python in it.

    An event class with ``class_version`` n brings static ``upcast_v1_v2`` ... methods, which take
    and change the raw dict; rows written at an older version pass through them.
    """

    def __init__(self) -> None:
        super().__init__(OrjsonTranscoder())
        self._plans: dict[str, _Plan] = {}
        self._topics: dict[type[Any], tuple[str, int]] = {}

    def encode(self, event: Any) -> tuple[str, int, bytes]:
        """(topic, schema version, data)."""
        facts = {name: value for name, value in vars(event).items() if name not in _ENVELOPE}
        return self.encode_facts(type(event), facts)

    def encode_facts(self, kind: type[Any], facts: dict[str, Any]) -> tuple[str, int, bytes]:
        """The same of an event that is still to be, from all that is its own."""
        known = self._topics.get(kind)
        if known is None:
            known = self._topics[kind] = (get_topic(kind), getattr(kind, "class_version", 1))
        return known[0], known[1], orjson.dumps(facts, str)

    def decode(
        self, stream_id: UUID, version: int, topic: str, schema: int, occurred_at: int, data: bytes
    ) -> Any:
        """An event of its declared types. Raises pydantic.ValidationError, TopicError."""
        plan = self._plans.get(topic)
        if plan is None:
            plan = self._plans[topic] = _plan(topic)
        if schema == plan.schema_version:
            state = plan.adapter.validate_json(data)
        else:
            raw = upcast(plan.kind, schema, plan.schema_version, orjson.loads(data))
            state = plan.adapter.validate_json(orjson.dumps(raw))
        state["originator_id"] = stream_id
        state["originator_version"] = version
        state["timestamp"] = datetime.fromtimestamp(occurred_at / 1e6, UTC)
        if plan.origin:
            state["originator_topic"] = plan.origin
        event = object.__new__(plan.kind)
        object.__setattr__(event, "__dict__", state)
        return event

    # The library's own seams, for its repository and its recorder tests.

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        topic, _, data = self.encode(domain_event)
        occurred = orjson.dumps(int(domain_event.timestamp.timestamp() * 1_000_000))
        state = b'{"occurred_at":%b,"data":%b}' % (occurred, data)
        return StoredEvent(
            domain_event.originator_id, domain_event.originator_version, topic, state
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        state = orjson.loads(stored_event.state)
        return self.decode(
            _uuid(stored_event.originator_id),
            stored_event.originator_version,
            stored_event.topic,
            1,
            state["occurred_at"],
            orjson.dumps(state["data"]),
        )


def upcast(kind: type[Any], schema: int, current: int, raw: dict[str, Any]) -> dict[str, Any]:
    """Bring a raw event of an older schema version up to the current one, in place."""
    for older in range(schema, current):
        step: Callable[[dict[str, Any]], None] = getattr(kind, f"upcast_v{older}_v{older + 1}")
        step(raw)
    return raw


def replay(aggregate: Any, events: Iterable[Any]) -> Any:
    """Fold events into an aggregate; one that begins it begins it anew, whatever was before.

    The library's own projector asks ``isinstance(event, Protocol)`` per event, two thirds of its
    time; every event here can mutate.
    """
    for event in events:
        aggregate = event.mutate(None if isinstance(event, AggregateCreated) else aggregate)
    return aggregate


def _plan(topic: str) -> _Plan:
    kind: type[Any] = resolve_topic(topic)
    shape: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for column in dataclasses.fields(kind):
        if column.name in _ENVELOPE:
            continue
        if column.default is dataclasses.MISSING:
            shape[column.name] = hints[column.name]
        else:  # absent from a row, it is absent from the event, whose class then answers for it
            shape[column.name] = NotRequired[hints[column.name]]
    adapter: TypeAdapter[Any] = TypeAdapter(_typed_dict(kind.__name__, shape))
    origin = topic.partition(".")[0] if issubclass(kind, AggregateCreated) else None
    return _Plan(kind, adapter, origin, getattr(kind, "class_version", 1))


def _typed_dict(name: str, shape: dict[str, Any]) -> Any:
    make: Any = TypedDict  # made at run time, so no type checker can follow
    return make(name, shape)


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
