"""Events made from nothing but the types of their fields, and rows of a log that hold them."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from crm_es.aggregates.base import fields_of, subjects_of
from crm_es.aggregates.fields import UNIT_PRICE
from crm_es.log.envelope import Rows
from crm_es.log.mapper import EventMapper
from crm_es.log.sqlite import SQLiteLog

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z in microseconds
_MAPPER = EventMapper()


def value(hint: Any, random: Random) -> Any:  # noqa: PLR0911 - a return per kind of type
    """Any value of a type: Nones, empty lists and all members of an enum come up too."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        places = 6 if UNIT_PRICE in parts[1:] else 4
        return _decimal(random, places) if parts[0] is Decimal else value(parts[0], random)
    if origin in {Union, types.UnionType}:
        return value(random.choice(parts), random)
    if origin in {list, tuple, set, frozenset}:
        return origin(value(parts[0], random) for _ in range(random.randrange(3)))
    if origin is dict:
        return {f"k{n}": value(parts[1], random) for n in range(random.randrange(3))}
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        made: Any = hint
        return made(**{f.name: value(hints[f.name], random) for f in dataclasses.fields(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return random.choice(list(hint))
    return _SCALARS[hint](random)


def _decimal(random: Random, places: int) -> Decimal:
    return Decimal(random.randrange(-(10**9), 10**9)).scaleb(-places)


_SCALARS: dict[Any, Any] = {
    types.NoneType: lambda random: None,
    UUID: lambda random: UUID(int=random.getrandbits(128)),
    str: lambda random: f"text '\"{random.randrange(1000)} ä\n",
    bool: lambda random: random.random() < 0.5,
    int: lambda random: random.randrange(-(2**40), 2**40),
    float: lambda random: random.randrange(1000) / 8,
    Decimal: lambda random: _decimal(random, 4),
    date: lambda random: date(2020, 1, 1) + timedelta(random.randrange(3000)),
    datetime: lambda random: (
        datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=random.randrange(10**14))
    ),
    Any: lambda random: random.choice([None, 1, "a", True, {"b": [1, None]}]),
}


def event(kind: type[Any], random: Random, **given: Any) -> Any:
    """An event of this class with values of its fields' types."""
    made = object.__new__(kind)
    fields = {name: value(hint, random) for name, hint in fields_of(kind).items()}
    vars(made).update(fields | given, originator_id=UUID(int=random.getrandbits(128)))
    return made


def row(position: int, event: Any, random: Random, **changed: Any) -> tuple[Any, ...]:
    """The event as the log stores it."""
    topic, schema, data = _MAPPER.encode(event)
    subjects = b"".join(subjects_of(event))
    command = random.randbytes(16)
    time = START + position * 1_000_000
    columns = {
        "position": position, "event_id": random.randbytes(16),
        "stream_id": event.originator_id.bytes, "version": 1, "topic": topic,
        "schema_version": schema, "occurred_at": time - random.randrange(10**12),
        "precision": random.randrange(5), "recorded_at": time,
        "findings": random.choice([None, None, "a.b", "a.b,c.d"]), "actor": "ann",
        "on_behalf_of": None, "command_id": command, "correlation_id": command,
        "causation_id": random.choice([None, command]), "depth": 0, "subjects": subjects,
        "data": data,
    }  # fmt: skip
    return tuple((columns | changed).values())


def rows(
    kinds: list[type[Any]], count: int, random: Random, after: int = 0
) -> Iterator[tuple[Any, ...]]:
    """Events of some classes in turn, from the next position on."""
    for position in range(after + 1, after + count + 1):
        yield row(position, event(kinds[position % len(kinds)], random), random)


def append(log: SQLiteLog, some: list[tuple[Any, ...]]) -> None:
    """Put rows into a log as they are."""
    with log.begin() as transaction:
        transaction.add(Rows(events=some))
