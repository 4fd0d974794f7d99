"""Bodies of commands made from nothing but their JSON schemas, and every place in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple
from zlib import crc32

from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

from crm_es.commands import REGISTRY
from crm_es.commands.fields import LINE_MAX

_, _SCHEMAS = models_json_schema([(kind, "validation") for kind in REGISTRY.values()])
SCHEMAS: dict[str, Any] = _SCHEMAS["$defs"]

Path = tuple[str | int, ...]

KEY = "colour"
"""What stands for the keys of an object whose keys are the client's."""
_BY_PATTERN = {r"^[a-z][a-z0-9_]{0,59}$": KEY}


_PATTERNS = {
    r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$": "amount",
    r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$": "price",
    r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$": "share",
    r"^[A-Z]{3}$": "currency",
}
_FORMATS = {"uuid": "id", "date-time": "time", "date": "day"}
_TYPES = {"integer": "number", "boolean": "flag", "array": "list"}


class Place(NamedTuple):
    """Somewhere a value stands in a body, and what may stand there."""

    path: Path
    schema: dict[str, Any]
    is_nullable: bool
    is_required: bool

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.path)


def kind_of(place: Place) -> str:
    """What kind of field stands at a place."""
    schema = place.schema
    if "anyOf" in schema or "enum" in schema:
        return "choice" if "enum" in schema else "attribute"
    if schema["type"] == "object":
        return "object" if "properties" in schema else "map"
    if schema["type"] != "string":
        return _TYPES[schema["type"]]
    if "format" in schema or "pattern" in schema:
        by_pattern = _PATTERNS.get(schema.get("pattern", ""), "pattern")
        return _FORMATS.get(schema.get("format", ""), by_pattern)
    return "note" if schema["maxLength"] > LINE_MAX else "line"


def full_body(name: str) -> dict[str, Any]:
    """A valid body of a command with every member it may have."""
    body: dict[str, Any] = _value(SCHEMAS[name], name)
    return body


def required_body(name: str) -> dict[str, Any]:
    """A valid body of a command with nothing that may be left out."""
    needed = set(SCHEMAS[name].get("required", ()))
    return {member: value for member, value in full_body(name).items() if member in needed}


def places(name: str) -> Iterator[Place]:
    """Every place of a command's full body, containers before what is in them."""
    return _places(SCHEMAS[name], ())


def faults(name: str, body: Any) -> list[Any]:
    """What pydantic finds wrong with a body; nothing if it has the shape of the command."""
    try:
        REGISTRY[name].model_validate_json(json.dumps(body))
    except ValidationError as error:
        return list(error.errors())
    return []


def changed(body: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of a body with another value in one place."""
    if not path:
        return value  # type: ignore[no-any-return]
    copy: Any = deepcopy(body)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy  # type: ignore[no-any-return]


def without(body: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy of a body that lacks one member."""
    copy: Any = deepcopy(body)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return copy  # type: ignore[no-any-return]


def resolved(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """(what a schema refers to, whether null may stand there)."""
    if "$ref" in schema:
        return resolved(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    forms = schema.get("anyOf", ())
    others = [form for form in forms if form.get("type") != "null"]
    if forms and len(others) == 1:
        return resolved(others[0])[0], len(others) < len(forms)
    return schema, False


def _places(schema: dict[str, Any], path: Path) -> Iterator[Place]:
    inner, _ = resolved(schema)
    members, required = inner.get("properties", {}), set(inner.get("required", ()))
    for name, given in members.items():
        found, is_nullable = resolved(given)
        place = Place((*path, name), found, is_nullable, name in required)
        yield place
        yield from _places(found, place.path)
    if inner.get("type") == "array":
        found, is_nullable = resolved(inner["items"])
        yield Place((*path, 0), found, is_nullable, is_required=False)
        yield from _places(found, (*path, 0))
    values = _values(inner)
    if values is not None:
        found, is_nullable = resolved(values)
        yield Place((*path, KEY), found, is_nullable, is_required=False)


def _value(schema: dict[str, Any], name: str) -> Any:
    inner, _ = resolved(schema)
    given = inner.get("examples") or inner.get("enum")
    if given:
        return given[0]
    if "anyOf" in inner:
        return _value(inner["anyOf"][0], name)
    match inner.get("type"):
        case "object":
            return _object(inner)
        case "array":
            return [_value(inner["items"], name) for _ in range(inner.get("minItems") or 1)]
        case "integer" | "boolean":
            return max(inner.get("minimum", 1), 1) if inner["type"] == "integer" else True
    return _text(inner, name)


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    values = _values(schema)
    if values is not None:
        return {KEY: _value(values, KEY)}
    return {name: _value(given, name) for name, given in schema.get("properties", {}).items()}


def _text(schema: dict[str, Any], name: str) -> str:
    match schema.get("format"):
        case "uuid":
            return f"0198c0de-0000-7000-8000-{crc32(name.encode()):012x}"
        case "date-time":
            return "2026-01-01T09:30:00Z"
        case "date":
            return "2026-01-01"
    return _BY_PATTERN.get(schema.get("pattern", ""), name.replace("_", " ")[:20])


def _values(schema: dict[str, Any]) -> dict[str, Any] | None:
    """What may stand under the keys of an object whose keys are the client's."""
    if schema.get("patternProperties"):
        (found,) = schema["patternProperties"].values()
        return found  # type: ignore[no-any-return]
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else None
