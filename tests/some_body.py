"""Bodies of any command, made from its schema out of few values: where they collide, rules live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from crm_es.commands import REGISTRY
from scenario import NOON

WORDS = ("bob", "eve")
TIMES = [NOON + timedelta(seconds=n) for n in (-3600, 0, 10, 90, 1200, 1810, 3700, 100_000)]


def body_of(
    name: str, choices: Mapping[str, Sequence[str]], ids: Sequence[str]
) -> st.SearchStrategy[dict[str, Any]]:
    """A body of one command; ``choices`` by field, ``ids`` for fields that have none.

    Custom attributes are left out: they need definitions of their own.
    """
    schema = REGISTRY[name].model_json_schema()
    maker = _Maker(schema.get("$defs", {}), choices, ids)
    known = {n: part for n, part in schema["properties"].items() if n != "attributes"}
    members = {n: maker.value(n, part) for n, part in known.items()}
    required = {n: members.pop(n) for n in schema.get("required", ()) if n in known}
    return st.fixed_dictionaries(required, optional=members)


class _Maker:
    def __init__(
        self,
        definitions: Mapping[str, Any],
        choices: Mapping[str, Sequence[str]],
        ids: Sequence[str],
    ) -> None:
        self._definitions, self._choices, self._ids = definitions, choices, ids

    def value(self, name: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one a form
        if "$ref" in schema:
            return self.value(name, self._definitions[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return st.one_of(*(self.value(name, form) for form in schema["anyOf"]))
        if name in self._choices and schema["type"] != "null":
            return st.sampled_from(self._choices[name])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        match schema["type"]:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer":
                return st.sampled_from([max(schema.get("minimum", 0), n) for n in (0, 1, 60)])
            case "array":
                return st.lists(self.value(name, schema["items"]), max_size=2)
            case "object":
                return st.fixed_dictionaries(
                    {n: self.value(n, part) for n, part in schema.get("properties", {}).items()}
                )
        return self._text(schema)

    def _text(self, schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
        if schema.get("format") == "uuid":
            return st.sampled_from(self._ids)
        if schema.get("format") == "date-time":
            return st.sampled_from([time.isoformat() for time in TIMES])
        return st.sampled_from(schema.get("examples", WORDS))
