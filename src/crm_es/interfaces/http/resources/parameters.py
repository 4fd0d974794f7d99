"""The parameters of a view's query as HTTP takes them: typed, bounded, and said once, there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query

from crm_es.commands.fields import LINE_MAX, Day, Id, Instant

NUMBER_MAX = 2**53 - 1

_OURS = frozenset({"db", "after", "limit", "now", "today", "reporting"})
_TYPES: Mapping[Any, Any] = {
    UUID: Id,
    datetime: Instant,
    date: Day,
    str: Annotated[str, Query(min_length=1, max_length=LINE_MAX)],
    int: Annotated[int, Query(ge=-NUMBER_MAX, le=NUMBER_MAX)],
    tuple[str, Any]: Annotated[
        str,
        Query(
            pattern=r"^[a-z][a-z0-9_]{0,59}:.+$", max_length=LINE_MAX,
            description="A custom attribute and its value: colour:red.",
        ),
    ],
}  # fmt: skip


class Company(NamedTuple):
    """What the company's settings add to a query."""

    zone: ZoneInfo
    """Of its days."""
    currency: str
    """It reports in."""


class Parameters:
    """Of one query: what a client may give, and what the clock and the company add."""

    def __init__(self, query: Callable[..., Any], company: Company) -> None:
        self._hints, self._company = get_type_hints(query), company
        self._known = inspect.signature(query).parameters

    def signature(self, *more: tuple[str, Any]) -> inspect.Signature:
        """For an endpoint that takes these and some more, all by name."""
        kind = inspect.Parameter.KEYWORD_ONLY
        added = [inspect.Parameter(name, kind, annotation=hint) for name, hint in more]
        return inspect.Signature([*self._asked(), *added])

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """For a call of the query. ``now`` and ``today`` are the clock's, ``reporting`` ours."""
        found, now = dict(given), datetime.now(UTC)
        if "now" in self._known:
            found["now"] = now
        if "today" in self._known:
            found["today"] = now.astimezone(self._company.zone).date()
        if "reporting" in self._known:
            found["reporting"] = self._company.currency
        for name, value in given.items():
            if value is not None and tuple[str, Any] in _parts(self._hints[name]):
                found[name] = _attribute(value)
        return found

    def _asked(self) -> Iterator[inspect.Parameter]:
        for name, parameter in self._known.items():
            if name not in _OURS:
                yield parameter.replace(
                    kind=inspect.Parameter.KEYWORD_ONLY, annotation=_type(self._hints[name])
                )


def _parts(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {UnionType, Union} else (hint,)


def _type(hint: Any) -> Any:
    return Union[tuple(_TYPES.get(part, part) for part in _parts(hint))]  # noqa: UP007 - made here


def _attribute(text: str) -> tuple[str, Any]:
    name, _, value = text.partition(":")
    return name, {"true": True, "false": False}.get(value, value)
