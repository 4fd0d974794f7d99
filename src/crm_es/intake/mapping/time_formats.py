"""Formats of times: what a cell in one looks like, and how exactly it tells the time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from crm_es.intake.mapping.part import wrong

ISO, UNIX, UNIX_MS = "iso", "unix", "unix_ms"
PrecisionName = Literal["exact", "minute", "day", "month", "unknown"]

_TWO = r"[0-9]{2}"
_ONE_OR_TWO = r"[0-9]{1,2}"
_DIRECTIVES = {
    "Y": r"[0-9]{4}", "y": _TWO, "m": _ONE_OR_TWO, "d": _ONE_OR_TWO, "j": r"[0-9]{1,3}",
    "H": _ONE_OR_TWO, "I": _ONE_OR_TWO, "M": _ONE_OR_TWO, "S": _ONE_OR_TWO, "f": r"[0-9]{1,6}",
    "p": r"[AaPp][Mm]", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]{3,9}",
    "a": r"[A-Za-z]{3}", "A": r"[A-Za-z]{6,9}", "z": r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})", "%": "%",
}  # fmt: skip
_PADDED = {"m": _TWO, "d": _TWO, "j": r"[0-9]{3}", "H": _TWO, "I": _TWO, "M": _TWO, "S": _TWO}
_ISO_SHAPE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """A strptime format, ``iso`` (RFC 3339 and what is left of it), ``unix`` or ``unix_ms``."""

    text: str
    shape: str
    """A pattern that a cell must match as a whole; it holds for RE2 and for Python alike."""
    precision: PrecisionName | None
    """None where it depends on the cell: iso."""
    has_zone: bool | None
    """None where it depends on the cell: iso."""


def time_format(text: str) -> TimeFormat:
    """Raises a validation error for a directive we do not know and for a time without a year."""
    if text == ISO:
        return TimeFormat(text, _ISO_SHAPE, None, None)
    if text in (UNIX, UNIX_MS):
        return TimeFormat(text, r"-?[0-9]{1,14}", "exact", has_zone=True)
    tokens = re.findall(r"%.|[^%]+|%", text, re.DOTALL)
    names = [token[1:] for token in tokens if token.startswith("%")]
    unknown = [name for name in names if name not in _DIRECTIVES]
    if unknown:
        raise wrong(f"unknown directive %{unknown[0]} in {text!r}")
    if not {"Y", "y"} & set(names):
        raise wrong(f"{text!r} has no year")
    if len(set(names) - {"%"}) != len([name for name in names if name != "%"]):
        raise wrong(f"{text!r} says something twice")
    return TimeFormat(text, _shape(tokens), _precision(set(names)), has_zone="z" in names)


def _shape(tokens: list[str]) -> str:
    parts = []
    for n, token in enumerate(tokens):
        if not token.startswith("%"):
            parts.append(re.escape(token))
            continue
        neighbours = tokens[max(n - 1, 0) : n] + tokens[n + 1 : n + 2]
        is_adjacent = any(other.startswith("%") for other in neighbours)
        name = token[1:]
        parts.append(_PADDED.get(name, _DIRECTIVES[name]) if is_adjacent else _DIRECTIVES[name])
    return "".join(parts)


def _precision(names: set[str]) -> PrecisionName:
    if names & {"S", "f"}:
        return "exact"
    if names & {"M", "H", "I"}:
        return "minute"
    if names & {"d", "j"}:
        return "day"
    return "month" if names & {"m", "b", "B"} else "unknown"
