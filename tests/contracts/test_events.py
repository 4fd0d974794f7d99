"""Events are for ever: what was written once must be read by every later version.

    UPDATE_CONTRACTS=1 python -m pytest tests/contracts/test_events.py

writes the pinned events anew. New events, new values and new fields that may be absent are welcome;
what is pinned goes or changes only with a higher ``class_version`` and the upcasters up to it.
"""

from __future__ import annotations

import dataclasses
import os
import re
import types
from copy import deepcopy
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import orjson
import pytest

from crm_es.aggregates import EVENTS
from crm_es.aggregates.base import fields_of
from crm_es.aggregates.fields import PERSONAL, UNIT_PRICE

PINNED = Path(__file__).with_name("events.json")
PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_MARKS = {PERSONAL: "personal ", UNIT_PRICE: "price "}
_WORDS = {Ellipsis: "...", types.NoneType: "None", Any: "Any"}
_VALUES = re.compile(r"\(([^)]*)\)")


def described(kind: type[Any]) -> dict[str, Any]:
    """An event as it is promised: its version, its subjects, and every field down to the leaves.

    A ``?`` behind a type: the field may be absent from what was written.
    """
    fields: dict[str, str] = {}
    defaults = {f.name for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}
    for name, hint in fields_of(kind).items():
        fields[name] = _spelled(hint) + "?" * (name in defaults)
        fields |= _parts(name, hint)
    subjects = list(kind.SUBJECTS)
    return {"version": getattr(kind, "class_version", 1), "subjects": subjects, "fields": fields}


def _parts(name: str, hint: Any) -> dict[str, str]:
    """The fields of what a field is made of."""
    found: dict[str, str] = {}
    for leaf in filter(dataclasses.is_dataclass, _leaves(hint)):
        hints = get_type_hints(leaf, include_extras=True)
        for part in dataclasses.fields(leaf):
            inner, has_default = f"{name}[].{part.name}", part.default is not dataclasses.MISSING
            found[inner] = _spelled(hints[part.name]) + "?" * has_default
            found |= _parts(inner, hints[part.name])
    return found


def _leaves(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return _leaves(get_args(hint)[0])
    if get_origin(hint) is None:
        return [hint] if isinstance(hint, type) else []
    return [leaf for part in get_args(hint) for leaf in _leaves(part)]


def _spelled(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return "".join(_MARKS.get(meaning, "") for meaning in parts[1:]) + _spelled(parts[0])
    if origin in {Union, types.UnionType}:
        return " | ".join(_spelled(part) for part in parts)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(_spelled(part) for part in parts)}]"
    if hint in _WORDS:
        return _WORDS[hint]
    if issubclass(hint, Enum):
        return f"one of ({', '.join(str(member.value) for member in hint)})"
    return str(hint.__name__)


def broken(promised: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """What of the promise is not kept, in words."""
    words = [f"{topic} is gone" for topic in promised.keys() - found.keys()]
    for topic in promised.keys() & found.keys():
        before, now = promised[topic], found[topic]
        if now["version"] > before["version"]:
            continue
        if now["version"] < before["version"] or now["subjects"] != before["subjects"]:
            words.append(f"{topic}: its version fell, or it is another's story")
        words += (f"{topic}.{line}" for line in _changed(before["fields"], now["fields"]))
    return sorted(words)


def _changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    words = [f"{name} is gone" for name in before.keys() - now.keys()]
    words += (
        f"{name} was {before[name]} and is {now[name]}"
        for name in before.keys() & now.keys()
        if not _reads(before[name], now[name])
    )
    for name in now.keys() - before.keys():
        whole = name.rpartition("[].")[0]
        if not now[name].endswith("?") and (not whole or whole in before):
            words.append(f"{name} is not in what was written, and has no default")
    return words


def _reads(before: str, now: str) -> bool:
    """Whether whatever was written as the one is read as the other: it may allow for more."""
    same = _VALUES.sub("()", before.rstrip("?")) == _VALUES.sub("()", now.rstrip("?"))
    values = [set(text.split(", ")) for text in _VALUES.findall(before)]
    known = [set(text.split(", ")) for text in _VALUES.findall(now)]
    is_absent_known = now.endswith("?") or not before.endswith("?")
    return same and is_absent_known and all(map(set.issubset, values, known))


FOUND = {kind.TOPIC: described(kind) for kind in EVENTS}


def test_every_event_is_still_what_was_promised() -> None:
    if os.environ.get("UPDATE_CONTRACTS"):
        PINNED.write_bytes(orjson.dumps(FOUND, option=PRETTY))
    promised = orjson.loads(PINNED.read_bytes())
    assert broken(promised, FOUND) == []


def test_every_event_is_pinned() -> None:
    assert FOUND.keys() == orjson.loads(PINNED.read_bytes()).keys()


def test_an_event_of_a_higher_version_reads_all_versions_before_it() -> None:
    for kind in EVENTS:
        for older in range(1, getattr(kind, "class_version", 1)):
            assert callable(getattr(kind, f"upcast_v{older}_v{older + 1}", None)), kind.TOPIC


def _field(name: str, type: str | None) -> Any:
    def change(event: dict[str, Any]) -> None:
        event["fields"][name] = type
        if type is None:
            del event["fields"][name]

    return change


KIND = "one of (sale, return, adjustment)"
CHANGES = [
    (_field("amount", None), True),
    (_field("amount", "float"), True),
    (_field("amount", "price Decimal?"), False),
    (_field("lines[].sku", None), True),
    (_field("lines[].amount", "Decimal"), True),
    (_field("lines[].weight", "Decimal"), True),
    (_field("lines[].weight", "Decimal?"), False),
    (_field("kind", "one of (sale, return)"), True),
    (_field("kind", KIND.replace(")", ", gift)")), False),
    (_field("owner", "personal str | None"), True),
    (_field("weight", "Decimal"), True),
    (_field("weight", "Decimal?"), False),
    (lambda event: event.update(subjects=[]), True),
    (lambda event: event.update(version=0), True),
]


@pytest.mark.parametrize(("change", "is_broken"), CHANGES)
def test_a_change_breaks_the_promise_unless_the_version_rose(
    change: Any, *, is_broken: bool
) -> None:
    promised = {"order.placed": FOUND["order.placed"]}
    now = deepcopy(promised)
    change(now["order.placed"])
    assert bool(broken(promised, now)) is is_broken, broken(promised, now)
    now["order.placed"]["version"] = 2
    assert broken(promised, now) == []


def test_an_event_that_is_gone_breaks_the_promise() -> None:
    assert broken({"order.placed": FOUND["order.placed"]}, {}) == ["order.placed is gone"]


def test_what_says_something_of_a_person_is_pinned_as_personal() -> None:
    def fields(topic: str) -> dict[str, str]:
        found: dict[str, str] = FOUND[topic]["fields"]
        return found

    assert fields("customer.registered")["name"] == "personal str | None"
    assert fields("customer.registered")["sealed_attributes"] == "dict[str, personal str]"
    assert fields("customer.registered")["owner"] == "str | None"
    assert fields("order.placed")["kind"] == KIND
