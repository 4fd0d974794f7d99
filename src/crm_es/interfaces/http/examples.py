"""Examples for the documentation: a smallest value of every command that its schema takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "name": "Ann Example", "currency": "EUR", "country": "DE", "email": "ann@example.org",
    "owner": "ann", "agent": "ann", "assignee": "ann", "reason": "because", "source": "shop",
}  # fmt: skip
_PATTERNS = {"^[A-Z]{3}$": "EUR", r"^[a-z][a-z0-9_]{0,59}$": "colour"}
_INSTANT, _DATE = "2026-03-02T09:30:00Z", "2026-03-02"


def example_of(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """A value of a JSON schema: required members only, and of lists what they need at least."""
    return _Maker(definitions).value(schema, "")


class _Maker:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._ids = 0

    def value(self, schema: Mapping[str, Any], name: str) -> Any:  # noqa: C901, PLR0911 - one a form
        if "$ref" in schema:
            return self.value(self._definitions[schema["$ref"].rpartition("/")[2]], name)
        if schema.get("examples"):
            return schema["examples"][0]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for form in ("anyOf", "oneOf", "allOf"):
            if form in schema:
                return self.value(schema[form][0], name)
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                count = max(schema.get("minItems", 0), 1)
                return [self.value(schema.get("items", {}), name) for _ in range(count)]
            case "integer" | "number":
                return max(schema.get("minimum", 1), 1)
            case "boolean":
                return True
            case "null":
                return None
        return self._text(schema, name)

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        members = schema.get("properties", {})
        found = {n: self.value(members[n], n) for n in schema.get("required", ())}
        if not members and schema.get("minProperties"):
            found["colour"] = self.value(schema.get("additionalProperties", {}), "colour")
        return found

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        match schema.get("format"):
            case "uuid":
                self._ids += 1
                return f"0198c0de-0000-7000-8000-{self._ids:012d}"
            case "date-time":
                return _INSTANT
            case "date":
                return _DATE
        pattern = schema.get("pattern")
        if pattern in _PATTERNS:
            return _PATTERNS[pattern]
        return _WORDS.get(name, name.replace("_", " ") or "text")
