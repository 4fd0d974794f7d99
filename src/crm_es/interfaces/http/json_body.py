"""One strict reading of JSON, so that no two parsers in the house can disagree about a body."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

from crm_es.interfaces.http.problems import Problem

DEPTH_MAX = 32
INTEGER_MAX = 2**53 - 1
"""The largest whole number every JSON reader keeps exact."""


def read(body: bytes) -> Any:
    """The value of a JSON text. Raises Problem 400, or 422 for what is no JSON value of ours.

    orjson is strict in all but doubled keys and whole numbers beyond 64 bits, which it makes
    floats. In a text without escapes each colon either ends a key or stands in a string, so
    doubled keys show by counting. Whatever looks odd is read again by the careful parser.
    """
    if b"\\" not in body:
        try:
            value = orjson.loads(body)
            if _colons(value, 0) == body.count(b":"):
                return value
        except (orjson.JSONDecodeError, _Odd):
            pass
    return _read_carefully(body)


class _Odd(Exception):  # noqa: N818 - a reason to look again
    pass


def _colons(value: Any, depth: int) -> int:  # noqa: C901 - flat, for it runs on every request
    """How many colons a text of this value has. Raises _Odd on what needs a closer look."""
    kind = type(value)
    if kind is str:
        return value.count(":") if ":" in value else 0
    if kind is dict:
        if depth >= DEPTH_MAX:
            raise _Odd
        found = len(value)
        for key, member in value.items():
            if ":" in key:
                found += key.count(":")
            if type(member) is str:
                if ":" in member:
                    found += member.count(":")
            elif member is not None:
                found += _colons(member, depth + 1)
        return found
    if kind is list:
        if depth >= DEPTH_MAX:
            raise _Odd
        return sum(_colons(member, depth + 1) for member in value)
    if kind is float or (kind is int and not -INTEGER_MAX <= value <= INTEGER_MAX):
        raise _Odd
    return 0


def _read_carefully(body: bytes) -> Any:
    if body.startswith(b"\xef\xbb\xbf"):
        raise Problem(400, "encoding.bom", "UTF-8 without a byte order mark is expected.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8 at byte {error.start}."
        raise Problem(400, "encoding.utf8", detail) from None
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer,
            parse_float=_number,
        )  # fmt: skip
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON at character {error.pos}."
        raise Problem(400, "json.malformed", detail) from None
    _walk(value, 0, "")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(400, "json.duplicate_key", "A key stands twice in one object.")
    return found


def _constant(_: str) -> NoReturn:
    raise Problem(400, "json.non_finite", "NaN and infinities are no JSON.")


def _integer(text: str) -> int:
    if len(text) > 40:  # noqa: PLR2004 - far beyond any number that is let through
        raise Problem(400, "json.number_range", "A number is out of range.")
    return int(text)


def _number(text: str) -> float:
    found = float(text)
    if found in {float("inf"), float("-inf")}:
        raise Problem(400, "json.number_range", "A number is out of range.")
    return found


def _walk(value: Any, depth: int, pointer: str) -> None:
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, (dict, list)):
        if depth >= DEPTH_MAX:
            raise _too_deep()
        if isinstance(value, dict):
            for key, member in value.items():
                _check_text(key, pointer)
                _walk(member, depth + 1, f"{pointer}/{key}" if key.isidentifier() else pointer)
        else:
            for n, member in enumerate(value):
                _walk(member, depth + 1, f"{pointer}/{n}")
    elif isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
        detail = "Whole numbers go up to 2^53 - 1; larger ones are sent as strings."
        raise Problem(422, "number.range", detail, pointer=pointer)


def _check_text(text: str, pointer: str) -> None:
    if text.isascii() and "\0" not in text:
        return
    if "\0" in text:
        detail = "A control character is not allowed."
        raise Problem(422, "text.control_character", detail, pointer=pointer)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Problem(400, "text.surrogate", "Half a surrogate pair is no text.") from None


def _too_deep() -> Problem:
    return Problem(400, "json.depth", f"{DEPTH_MAX} levels of nesting are the limit.")
