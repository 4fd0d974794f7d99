"""Bodies of any command, made from its schema by chance: many, quickly, the same for a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from crm_es.commands import REGISTRY
from scenario import NOON

WORDS = ("bob", "eve")
OPTIONAL = 0.3
"""How often a field is there that need not be."""
_TEXT = {"date": ("2026-03-01", "2026-04-01"), "date-time": [
    (NOON - timedelta(days=2, seconds=n)).isoformat() for n in (3600, 0, 90, 90_000)
]}  # fmt: skip
_SCHEMAS: dict[str, Any] = {name: kind.model_json_schema() for name, kind in REGISTRY.items()}


class Bodies:
    """``choices`` are the values of a field by its name, ``ids`` those of any other id."""

    def __init__(
        self, random: Random, choices: Mapping[str, Sequence[Any]], ids: Sequence[str]
    ) -> None:
        self._random, self._choices, self._ids = random, choices, ids

    def body(self, name: str) -> dict[str, Any]:
        """Every field that is required, and some of those that are not."""
        schema = _SCHEMAS[name]
        required = set(schema.get("required", ()))
        chosen = {
            n: part
            for n, part in schema["properties"].items()
            if n in required or self._random.random() < OPTIONAL
        }
        definitions = schema.get("$defs", {})
        return {n: self._value(n, part, definitions) for n, part in chosen.items()}

    def _value(  # noqa: PLR0911 - one a form
        self, name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any]
    ) -> Any:
        if "$ref" in schema:
            return self._value(name, definitions[schema["$ref"].rpartition("/")[2]], definitions)
        if "anyOf" in schema:
            return self._value(name, self._random.choice(schema["anyOf"]), definitions)
        form = schema.get("type")
        if name in self._choices and form != "null":
            return self._random.choice(self._choices[name])
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        if form == "array":
            count = self._random.randint(schema.get("minItems", 0), 3)
            return [self._value(name, schema["items"], definitions) for _ in range(count)]
        if form == "object":
            parts = schema.get("properties", {}).items()
            return {n: self._value(n, part, definitions) for n, part in parts}
        return self._scalar(form, schema)

    def _scalar(self, form: str | None, schema: Mapping[str, Any]) -> Any:
        if form == "null":
            return None
        if form == "boolean":
            return self._random.choice((False, True))
        if form == "integer":
            return max(schema.get("minimum", 0), self._random.choice((0, 1, 60)))
        texts = {"uuid": self._ids, **_TEXT}.get(schema.get("format", ""))
        return self._random.choice(texts or schema.get("examples", WORDS))
