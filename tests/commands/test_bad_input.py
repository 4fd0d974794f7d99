"""PROMISES 4.1 for every field of every command: a stable code at the right place, and no value.

What JSON itself cannot say, and what HTTP adds, is in tests/interfaces/http/test_bad_input.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bodies import KEY, Place, changed, faults, full_body, kind_of, places, without
from crm_es.commands import REGISTRY
from crm_es.commands.shortcomings import told

STABLE = re.compile(r"[a-z_]+\.[a-z_]+")

_DECIMAL: dict[str, list[Any]] = {
    "money.format": [
        "NaN", "sNaN", "-nan", "Infinity", "-Infinity", "1E+1000000", "1e400", "1_000", "1,000.50",
        "1,50", "\uff11\uff12", "\u0661\u0662", "\u0967", "+1", "--1", "-", ".5", "5.", "0x10",
        "12.50 EUR", "\u20ac 12", " 12", "12\n", "1 000", "", "9" * 400,
    ],
    "money.must_be_string": [0.30000000000000004, 12, -1, True, ["12"], {"amount": "12"}],
    "money.scale": ["0.0000001", "-1.12345678"],
}  # fmt: skip
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_CONTROL = ["a\x00b", "\x00\x00", "a\x07b", "a\x1b[31mb", "a\x7fb", "a\x85b", "a\x9fb"]
_TEXT: dict[str, list[Any]] = {
    "text.bidi_control": [f"a{char}b" for char in _BIDI],
    "text.invisible": ["\u200b\u200b", "\u2060\ufeff", "\u200c \u200d", "\u00ad\u00ad"],
    "text.too_short": ["", "   ", "\u3000\u3000", " \n "],
    "text.reserved": ["~1.AAAAaaaa"],
    "field.type": [7, 0.5, True, ["x"], {"x": "y"}],
}

CATALOGUE: dict[str, dict[str, list[Any]]] = {
    "amount": _DECIMAL,
    "price": _DECIMAL,
    "share": {**_DECIMAL, "number.range": ["1.000001", "2", "-0.1"]},
    "currency": {
        "money.currency_unknown": ["eur", "EURO", "ZZZ", "", "\uff25\uff35\uff32", "E\u00dcR"],
        "field.type": [978, True, ["EUR"]],
    },
    "id": {
        "id.format": [
            "0198C0DE-0000-7000-8000-000000000001", "0198c0de000070008000000000000001",
            "{0198c0de-0000-7000-8000-000000000001}", "0198c0de-0000-7000-8000-00000000000g",
            "urn:uuid:0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-00000000001",
            " 0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000001\n",
            "\uff10198c0de-0000-7000-8000-000000000001", "", "ann", 17, True, ["x"], {"id": 1},
        ],
        "id.nil": ["00000000-0000-0000-0000-000000000000"],
    },
    "time": {
        "time.format": [
            1_700_000_000, 0, 1.5, True, "1700000000", "now", "", "2026-03-02",
            "2026-03-02T09:30:00", "2026-03-02 09:30:00Z", "2026-03-02T09:30Z",
            "2026-02-30T09:30:00Z", "2026-03-02T25:00:00Z", "2026-03-02T09:30:00+25:00",
            "9999-12-31T23:59:60Z", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
            "02.03.2026 09:30", "2026-03-02T09:30:00.1234567Z", "2026-03-02T09:30:00 Europe/Berlin",
            "\uff12026-03-02T09:30:00Z", ["2026-03-02T09:30:00Z"],
        ],
        "time.range": [
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z", "1900-01-01T00:00:00+00:01",
        ],
    },
    "day": {
        "time.format": [
            1_700_000_000, 0, 1.5, True, "1700000000", "tomorrow", "", "2026-02-30", "2026-3-2",
            "02.03.2026", "20260302", "2026-W10-1", "10000-01-01", "0000-01-01",
            "2026-03-02T09:30:00Z", "2026-03-02T00:00:00", "2026-03-02T00:00:00Z", " 2026-03-02",
            "\uff12026-03-02", ["2026-03-02"],
        ],
        "time.range": ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"],
    },
    "choice": {
        "field.choice about.kind_unknown": ["no such thing", "", "\u0430ctive", "EXACT"],
        "field.choice field.type": [0, 1, 4, True, ["x"], {"x": 1}],
    },
    "flag": {"field.type": ["yes", "true", "1", "", 1, 0, 1.0, ["x"], {"x": True}]},
    "number": {
        "field.type": ["5", "", True, 0.5, 5.0, 1e3, ["x"], {"x": 5}],
        "number.range": [2**53, 2**53 + 1, 2**63, 2**70, -(2**53), -(2**63), 10**40],
    },
    "line": {**_TEXT, "text.control_character": [*_CONTROL, "a\nb", "a\tb", "a\r\nb"]},
    "note": {**_TEXT, "text.control_character": [*_CONTROL, "a\rb"]},
    "pattern": {
        "text.pattern path.format": ["!", "\u00e4", "\uff41"],
        "text.pattern text.too_short": [""],
        "text.pattern text.too_long": ["x" * 300],
        "text.pattern text.control_character": ["a\x00b"],
        "text.pattern text.bidi_control": ["\u202ea"],
        "field.type": [7, True, ["x"]],
    },
    "list": {"field.type": ["x", 7, True, {"0": "x"}]},
    "map": {"field.type": ["x", 7, True, ["x"], [[KEY, 1]]]},
    "object": {"field.type": ["x", 7, True, [], [["name", "x"]]]},
    "attribute": {
        "field.type": [0.5, {"x": 1}, ["x"]],
        "text.too_short": ["", "  "],
        "text.control_character": ["a\x00b", "a\nb"],
        "number.range": [2**53, -1],
    },
}  # fmt: skip
"""By kind of field and code, what it never takes; of several codes one says so."""


def codes(name: str, body: Any, pointer: str) -> set[str]:
    """What is said of a body at one place; nothing if it is taken. It never repeats a value."""
    found = set()
    for error in faults(name, body):
        code, detail = told(error)
        assert STABLE.fullmatch(code), code
        assert len(detail) < 200
        assert code == "field.unknown" or not _repeats(detail, error["input"]), detail
        if "".join(f"/{step}" for step in error["loc"]).startswith(pointer):
            found.add(code)
    return found


def _repeats(detail: str, value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) > 2 and value.strip() in detail


@pytest.mark.parametrize("name", REGISTRY)
def test_a_body_made_from_the_schema_is_taken(name: str) -> None:
    assert faults(name, full_body(name)) == []


@pytest.mark.parametrize("name", REGISTRY)
def test_every_field_turns_the_catalogue_down(name: str) -> None:
    body, missed = full_body(name), []
    for place in places(name):
        for expected, values in CATALOGUE[kind_of(place)].items():
            for value in values:
                found = codes(name, changed(body, place.path, value), place.pointer)
                if not found & set(expected.split()):
                    missed.append((place.pointer, value, expected, found))
    assert missed == []


@pytest.mark.parametrize("name", REGISTRY)
def test_null_stands_only_where_it_may(name: str) -> None:
    body = full_body(name)
    for place in places(name):
        if not place.is_nullable:
            assert codes(name, changed(body, place.path, None), place.pointer), place.pointer


@pytest.mark.parametrize("name", REGISTRY)
def test_nothing_required_can_be_left_out(name: str) -> None:
    body = full_body(name)
    for place in places(name):
        if place.is_required:
            assert codes(name, without(body, place.path), place.pointer) == {"field.missing"}


@pytest.mark.parametrize("name", REGISTRY)
def test_nothing_unknown_is_taken_at_any_depth(name: str) -> None:
    body = full_body(name)
    objects: list[Any] = [place.path for place in places(name) if kind_of(place) == "object"]
    for path in [(), *objects]:
        for key in ("is_admin", "__class__", "", "Zaphod Beeblebrox"):
            pointer = "".join(f"/{step}" for step in path)
            assert codes(name, changed(body, (*path, key), 1), pointer) == {"field.unknown"}


@pytest.mark.parametrize("name", REGISTRY)
def test_every_limit_of_a_schema_holds(name: str) -> None:
    """Texts by code points, lists and maps by members, numbers by their bounds; all have limits."""
    body = full_body(name)
    for place in places(name):
        for code, value in _beyond(place, body):
            assert code in codes(name, changed(body, place.path, value), place.pointer)


def _beyond(place: Place, body: Any) -> Iterator[tuple[str, Any]]:
    schema, kind, here = place.schema, kind_of(place), body
    for step in place.path:
        here = here[step]
    if kind in {"line", "note"}:
        most = schema["maxLength"]
        yield "text.too_long", "x" * (most + 1)
        yield "text.too_long", "\U0001f469\u200d\U0001f680" * (most // 3 + 1)
        yield "text.too_short", "x" * (schema["minLength"] - 1)
    elif kind == "number":
        yield "number.range", schema["minimum"] - 1
        yield "number.range", schema["maximum"] + 1
    elif kind == "list":
        yield "list.too_long", [here[0]] * (schema["maxItems"] + 1)
        if schema.get("minItems"):
            yield "list.too_short", []
    elif kind == "map":
        yield "list.too_long", {f"k{n}": here[KEY] for n in range(schema["maxProperties"] + 1)}


@pytest.mark.parametrize("name", REGISTRY)
def test_a_key_of_the_clients_is_checked_as_a_text_is(name: str) -> None:
    body = full_body(name)
    for place in places(name):
        if kind_of(place) == "map":
            for key in ("", "a\x00b", "\u202ea", "x" * 300):
                assert codes(name, changed(body, place.path, {key: 1}), place.pointer)


def test_the_catalogue_has_no_part_that_is_about_nothing() -> None:
    found = {kind_of(place) for name in REGISTRY for place in places(name)}
    assert found == set(CATALOGUE)
