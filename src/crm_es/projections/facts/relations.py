"""Every topic as a typed relation made from its event class: ``events.call_recorded``."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from crm_es.aggregates.base import fields_of, personal_fields
from crm_es.aggregates.fields import UNIT_PRICE

COLUMNS = {
    "position": "position",
    "stream_id": "stream_id",
    "version": "version",
    "occurred_at": "if(precision = 'unknown', recorded_at, occurred_at)",
    "precision": "precision",
    "recorded_at": "recorded_at",
    "findings": "string_split(findings, ',')",
    "actor": "actor",
}
"""What every relation has of the envelope; the rest is in ``mirror.event`` at its position. An
unknown time counts from its recording, as in every fold; ``findings`` is a list, or null when there
are none."""

_SCALARS: dict[Any, str] = {
    UUID: "UUID",
    str: "VARCHAR",
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    Decimal: "DECIMAL(18,4)",
    datetime: "TIMESTAMPTZ",
    date: "DATE",
    Any: "JSON",
}
_LISTS = (list, tuple, set, frozenset)

Structure = str | list[Any] | dict[str, Any]
"""As ``from_json`` takes it: a type's name, a list of one structure, or fields by name."""


class Relation(NamedTuple):
    """One topic as SQL sees it."""

    topic: str
    schema_version: int
    columns: str
    parsed: str
    """An expression over ``data``: a struct, or null where the data has not this shape."""
    readable: str

    @property
    def name(self) -> str:
        return self.topic.replace(".", "_")

    @property
    def shape(self) -> str:
        """Changes with whatever its typed rows depend on."""
        return f"{self.schema_version}: {self.typed('event')}"

    def typed(self, source: str) -> str:
        """The query that makes typed rows of those rows of the log that have this shape.

        ``source`` has rows of this topic and schema version only.
        """
        parsed = f"select *, {self.parsed} as fields from {source}"
        return f"select {self.columns} from ({parsed}) where {self.readable}"


def relations(events: Iterable[type[Any]]) -> dict[str, Relation]:
    """By topic. Raises TypeError for a field no column can hold."""
    return {kind.TOPIC: relation(kind) for kind in events}


def relation(kind: type[Any]) -> Relation:
    topic: str = kind.TOPIC
    late = _late(kind)
    sealed = personal_fields(kind)  # of no use to SQL, and half of what there is to parse
    fields = {name: structure(hint) for name, hint in fields_of(kind).items() if name not in sealed}
    early = {name: shape for name, shape in fields.items() if name not in late}
    parsed = _parsed(early) if early else "null"
    conditions = ["fields is not null" if early else "json_valid(data)"]
    columns = [f"{source} as {name}" for name, source in COLUMNS.items()]
    for name, shape in fields.items():
        source = f"fields.{_quoted(name)}"
        if name in late:
            source = f"{_defaulted(name, shape, late[name])}.{_quoted(name)}"
            conditions.append(f"{_defaulted(name, shape, late[name])} is not null")
        columns.append(f"{source} as {_quoted(column(topic, name))}")
    schema_version: int = getattr(kind, "class_version", 1)
    return Relation(topic, schema_version, ", ".join(columns), parsed, " and ".join(conditions))


def column(topic: str, field: str) -> str:
    """A field's column: its own name, or ``pipeline_version`` where the envelope has that name."""
    return f"{topic.partition('.')[0]}_{field}" if field in COLUMNS else field


def structure(hint: Any) -> Structure:  # noqa: PLR0911 - a return per kind of type
    """A field's type as ``from_json`` takes it; what may be None has the type of what it is else.

    Raises TypeError.
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return "DECIMAL(18,6)" if UNIT_PRICE in parts[1:] else structure(parts[0])
    if origin in {Union, types.UnionType}:
        some = [part for part in parts if part is not types.NoneType]
        return structure(some[0]) if len(some) == 1 else "JSON"
    if origin in _LISTS:
        kinds = [part for part in parts if part is not Ellipsis]
        return [structure(kinds[0])] if len(kinds) == 1 else "JSON"
    if origin is dict:
        return "JSON"
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return {field.name: structure(hints[field.name]) for field in dataclasses.fields(hint)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "BIGINT" if issubclass(hint, IntEnum) else "VARCHAR"
    if hint in _SCALARS:
        return _SCALARS[hint]
    raise TypeError(f"No column can hold {hint}.")


def _late(kind: type[Any]) -> dict[str, Any]:
    """Fields with a default: rows older than the field do not have it (log/mapper)."""
    return {
        field.name: field.default
        for field in dataclasses.fields(kind)
        if field.name in fields_of(kind) and field.default is not dataclasses.MISSING
    }


def _parsed(fields: dict[str, Structure]) -> str:
    """Strict, because ``from_json`` makes a null of a renamed key or a number too large."""
    return f"try(from_json_strict(data, {_text(orjson.dumps(fields).decode())}))"


def _defaulted(name: str, shape: Structure, default: Any) -> str:
    kind = _text(orjson.dumps({name: shape}).decode())
    value = _text(orjson.dumps({name: default}, str).decode())
    return (
        f"case when json_exists(data, {_text('$.' + name)}) then {_parsed({name: shape})}"
        f" else from_json({value}, {kind}) end"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return f'"{name}"'
