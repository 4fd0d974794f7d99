"""How an event is put into words: a template a topic, filled from the event's own fields.

``{field}`` is a value of the event, ``{actor}`` who recorded it. What stands in brackets is left
out when one of its fields says nothing. A field may name how it is worded::

    {amount:money}     an amount with the currency of the event
    {seconds:time}     a duration            {count:# line}    so many lines
    {planned_at:when}  a moment, in UTC      {probability:%}   a share in percent
    {kind:word}        a word of ours        {is_control:?}    nothing, but it has to be true
    {result:known}     the same, if known    {is_control:!}    nothing, but it has to be false
    {link:a}           with its article      {attributes:list} the names in it
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from string import Formatter
from typing import Any, NamedTuple

from crm_es.projections.views.amounts import text
from crm_es.projections.views.base import Event

Words = Callable[[Event], str]
"""A line about an event. Sealed texts are never in it."""

_BRACKETS = re.compile(r"\[([^][]*)\]")


class _Blank(NamedTuple):
    """A place in a template: what stands before it, and the field that fills it."""

    before: str
    field: str | None
    form: str


class _Part(NamedTuple):
    is_optional: bool
    blanks: tuple[_Blank, ...]


def worded(template: str) -> Words:
    """A function that fills the template."""
    parts = tuple(
        _Part(n % 2 == 1, _blanks(piece)) for n, piece in enumerate(_BRACKETS.split(template))
    )

    def words(event: Event) -> str:
        line = "".join(_filled(part, event) for part in parts)
        return line[:1].upper() + line[1:]

    return words


def _blanks(piece: str) -> tuple[_Blank, ...]:
    return tuple(
        _Blank(before, field, form or "") for before, field, form, _ in Formatter().parse(piece)
    )


def _filled(part: _Part, event: Event) -> str:
    said: list[str] = []
    for before, field, form in part.blanks:
        said.append(before)
        if field is None:
            continue
        value = event.actor if field == "actor" else event.data.get(field)
        shown = _shown(value, form, event.data)
        if part.is_optional and (shown is None or (value == 0 and form.startswith("# "))):
            return ""
        said.append("unknown" if shown is None else shown)
    return "".join(said)


def _shown(value: Any, form: str, data: dict[str, Any]) -> str | None:
    """None where there is nothing to say."""
    if form in {"?", "!"}:
        return "" if bool(value) is (form == "?") else None
    if value is None or value in ("", [], {}) or (form == "known" and value == "unknown"):
        return None
    if form.startswith("# "):
        return _counted(value, form[2:])
    return _FORMS[form](value, data)


def _counted(value: Any, noun: str) -> str:
    number = value if isinstance(value, int) else len(value)
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: int) -> str:
    """Seconds as people say them: the two largest units."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    said = [f"{number} {unit}" for number, unit in units if number]
    return " ".join(said[:2]) or "0 s"


def _word(value: str, _: dict[str, Any]) -> str:
    return value.replace("_", " ")


def _moment(value: str, _: dict[str, Any]) -> str:
    return f"{value[:10]} {value[11:16]} UTC"


def _share(value: str, _: dict[str, Any]) -> str:
    return f"{text(Decimal(value) * 100)} %"


_FORMS: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "": lambda value, _: str(value),
    "word": _word,
    "known": _word,
    "a": lambda value, _: f"{'an' if value[0] in 'aeiou' else 'a'} {_word(value, _)}",
    "money": lambda value, data: f"{value} {data.get('currency') or ''}".strip(),
    "time": lambda value, _: duration(value),
    "when": _moment,
    "%": _share,
    "list": lambda value, _: ", ".join(sorted(value)),
}
