"""Whether the commands a mapping names exist, and take what it gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError

from crm_es.commands import REGISTRY
from crm_es.commands.platform import import_batch
from crm_es.intake.ids import source_id
from crm_es.intake.mapping.fields import Each, ListOf, Object
from crm_es.intake.mapping.produced import literals, produced
from crm_es.intake.mapping.references import Wrong
from crm_es.intake.mapping.rules import Mapping as Whole
from crm_es.intake.mapping.rules import Setup

Place = tuple[Any, ...]
Schema = dict[str, Any]

_NAMED = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "a table", "null": "nothing",
}  # fmt: skip
_CHOICES_MAX = 12
_FOR_ROWS = {name: kind for name, kind in REGISTRY.items() if kind not in import_batch.COMMANDS}
"""An import does not speak of imports: those commands frame it."""


def wrong_commands(mapping: Whole) -> list[Wrong]:
    wrongs: list[Wrong] = []
    for n, setup in enumerate(mapping.setup):
        at: Place = ("setup", n)
        wrongs += _unknown(at, setup.command) or _refused(at, setup, mapping.source)
    for n, rows in enumerate(mapping.rows):
        for key, steps in (("do", rows.do), ("update", rows.update)):
            for m, do in enumerate(steps):
                place = ("rows", n, key, m)
                wrongs += _unknown(place, do.command) or _Taken(do.command).object(place, do.fields)
    return wrongs


def with_ids(source: str, given: Any) -> Any:
    """A value of the setup, with ids put in their place however deep they lie."""
    if isinstance(given, dict):
        if set(given) == {"id"} and isinstance(given["id"], list):
            return str(source_id(source, [str(part) for part in given["id"]]))
        return {name: with_ids(source, value) for name, value in given.items()}
    if isinstance(given, list):
        return [with_ids(source, value) for value in given]
    return given


def setup_body(setup: Setup, source: str) -> bytes:
    """The command as JSON. Decimals and dates of the TOML become text, as commands want them."""
    fields = with_ids(source, setup.fields)
    return json.dumps(fields, ensure_ascii=False, default=str).encode()


def _unknown(place: Place, name: str) -> list[Wrong]:
    if name in _FOR_ROWS:
        return []
    return [((*place, "command"), f"there is no command {name!r}{_near(name, _FOR_ROWS)}")]


def _refused(place: Place, setup: Setup, source: str) -> list[Wrong]:
    try:
        REGISTRY[setup.command].model_validate_json(setup_body(setup, source))
    except ValidationError as error:
        return [((*place, *one["loc"]), one["msg"]) for one in error.errors(include_url=False)]
    return []


def _near(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, known, n=3) or sorted(known)[:_CHOICES_MAX]
    return f"; near it: {', '.join(near)}"


@cache
def _schema(command: str) -> Schema:
    return REGISTRY[command].model_json_schema()


class _Taken:
    """What one command takes, read from its JSON schema."""

    def __init__(self, command: str) -> None:
        self._command, self._schema = command, _schema(command)

    def object(
        self, place: Place, forms: Mapping[str, Any], schema: Schema | None = None
    ) -> Iterator[Wrong]:
        """What is wrong with the members of an object, at first of the command itself."""
        known = self._schema if schema is None else schema
        members: Schema = known.get("properties", {})
        for name, form in forms.items():
            member = members.get(name) or _by_pattern(known, name)
            if member is None:
                told = f"{known.get('title', self._command)} has no field {name!r}"
                yield (*place, name), told + _near(name, members)
            else:
                yield from self._field((*place, name), form, member)
        if lacking := [name for name in known.get("required", ()) if name not in forms]:
            told = f"{known.get('title', self._command)} needs {', '.join(lacking)}"
            yield place, told

    def _field(self, place: Place, form: Any, schema: Schema) -> Iterator[Wrong]:
        choices = self._choices(schema)
        wanted = {kind for choice in choices for kind in _kinds(choice)}
        made = produced(form)
        if wanted and not made <= wanted | ({"integer"} if "number" in wanted else set()):
            told = f"{_told(wanted - {'null'})} is wanted, and this makes {_told(made - wanted)}"
            yield place, told
            return
        yield from self._inside(place, form, choices)
        yield from _no_choice(place, form, choices)

    def _inside(self, place: Place, form: Any, choices: list[Schema]) -> Iterator[Wrong]:
        items = {"anyOf": [choice["items"] for choice in choices if "items" in choice]}
        if isinstance(form, ListOf) and items["anyOf"]:
            yield from self._field((*place, "list"), form.list, items)
        elif isinstance(form, Each):
            for item in self._choices(items):
                yield from self.object((*place, "each"), form.each, item)
        elif isinstance(form, Object):
            for choice in choices:
                if "object" in _kinds(choice):
                    yield from self.object((*place, "object"), form.object, choice)

    def _choices(self, schema: Schema) -> list[Schema]:
        """What a value may be: the schema, with references followed and alternatives listed."""
        if "$ref" in schema:
            return self._choices(self._schema["$defs"][schema["$ref"].rpartition("/")[2]])
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return [one for choice in schema[key] for one in self._choices(choice)]
        return [schema]


def _by_pattern(schema: Schema, name: str) -> Schema | None:
    patterns: dict[str, Schema] = schema.get("patternProperties", {})
    for pattern, member in patterns.items():
        if re.search(pattern, name):
            return member
    if patterns or "properties" in schema:
        return None
    more = schema.get("additionalProperties", {})
    return more if isinstance(more, dict) else None


def _kinds(schema: Schema) -> set[str]:
    """JSON types; none if it says nothing of them."""
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _no_choice(place: Place, form: Any, choices: list[Schema]) -> Iterator[Wrong]:
    """A text written in the mapping that is none of those there are."""
    texts = [choice for choice in choices if "string" in _kinds(choice)]
    if not texts or not all("enum" in choice or "const" in choice for choice in texts):
        return
    there = [one for choice in texts for one in choice.get("enum", [choice.get("const")])]
    for value in literals(form):
        if isinstance(value, str) and value not in there:
            yield place, f"{value!r} is none of {', '.join(map(str, there))}"


def _told(kinds: set[str]) -> str:
    return " or ".join(_NAMED[kind] for kind in sorted(kinds))
