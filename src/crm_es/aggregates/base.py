"""What every aggregate shares: an identity, events as its storage format, rules in its methods."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import (
    Any,
    ClassVar,
    NamedTuple,
    NoReturn,
    Protocol,
    Self,
    TypeVar,
    cast,
    get_args,
    get_type_hints,
)
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate

from crm_es.aggregates.fields import PERSONAL, Precision

F = TypeVar("F", bound=Callable[..., Any])

ENVELOPE = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp"})


class Occasion(Protocol):
    """What a decision is handed: business time, the judge of its rules, and the seal."""

    @property
    def at(self) -> datetime: ...
    @property
    def precision(self) -> Precision: ...
    @property
    def is_history(self) -> bool: ...

    def must(self, ok: object, code: str, detail: str) -> None:
        """Refuse live when a rule does not hold; in history mode note the code as a finding."""

    def unknown(self, code: str, detail: str) -> NoReturn:
        """Refuse, live and in history: the command names something that is not there."""

    def seal(
        self, kind: type[Any], personal: tuple[str, ...], subject: UUID, facts: dict[str, Any]
    ) -> None:
        """Replace the personal values of the next event by tokens, in place: it is final then."""

    def is_same(self, token: str | None, text: str | None) -> bool:
        """Whether a token seals this very text. A token whose key is destroyed seals nothing."""

    def next_version(self, id: UUID) -> int:
        """The version a stream begins at: 1, or the next of one that was taken back."""

    def note(self, aggregate: Aggregate, event: Any) -> None:
        """Take over an event, the one sealed last, that has just changed the aggregate."""


class Aggregate(BaseAggregate[UUID]):
    """A thing whose state is nothing but the sum of its events.

    Each subclass and each of its events sets ``TOPIC``: the name written to the log. It outlives
    every rename and every move, so choose it once. Rules belong in the methods that record events.
    An event's ``apply`` runs again on every reload, for ever, so it only assigns; it never refuses.
    """

    TOPIC: ClassVar[str]
    is_retracted = False
    """Whether it was taken back; what can be begins anew on the same stream."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # The library would give a class put together from parts an __init__ that calls none of
        # theirs.
        if "__init__" not in vars(cls):
            cls.__init__ = cls.__init__  # type: ignore[method-assign]
        super().__init_subclass__(**kwargs)

    class Event(AggregateEvent):
        """Something that happened, told in the past tense, never edited.

        ``SUBJECTS`` names the fields that hold the parties whose story this is. The first of them
        that has a value owns the personal fields; without one the stream itself does.
        """

        TOPIC: ClassVar[str]
        SUBJECTS: ClassVar[tuple[str, ...]] = ("customer_id",)

    @classmethod
    def begin(
        cls, kind: type[AggregateCreated], on: Occasion, id: UUID, facts: dict[str, Any], /,
        **more: Any,
    ) -> Self:  # fmt: skip
        """Record the first event of a new stream, or of one that was taken back.

        ``facts`` are handed on as they came, since a call with twenty names costs microseconds,
        and become the event's own.
        """
        at, version = on.at, on.next_version(id)
        facts.update(more)
        event = _made(kind, facts, on, id, version, at)
        vars(event)["originator_topic"] = cls.TOPIC
        created = cls.__new__(cls)  # what _create and mutate do, without looking for arguments
        created.__base_init__(id, version, at)
        created.__init__()  # type: ignore[misc]
        event.apply(created)
        on.note(created, event)
        return created

    def record(self, kind: type[Aggregate.Event], on: Occasion, /, **facts: Any) -> None:
        """Record one more event of this stream."""
        at, version = on.at, self._version + 1
        event = _made(kind, facts, on, self._id, version, at)
        event.apply(self)  # what trigger_event and mutate do, without checks of our own classes
        self._version, self._modified_on = version, at
        on.note(self, event)

    @classmethod
    def events(cls) -> tuple[type[Event], ...]:
        """Every kind of event this aggregate can record, in the order they are written."""
        nested = (kind for kind in vars(cls).values() if isinstance(kind, type))
        return tuple(k for k in nested if issubclass(k, Aggregate.Event) and k is not cls.Event)


class _Shape(NamedTuple):
    """What the making of an event asks of its class."""

    names: frozenset[str]
    required: frozenset[str]
    """Those without a default."""
    personal: tuple[str, ...]


_SHAPES: dict[type[Any], _Shape] = {}


def _made(
    kind: type[Any], facts: dict[str, Any], on: Occasion, id: UUID, version: int, at: datetime
) -> Any:
    """The event itself, sealed, without a call per field. Takes ``facts`` over as its state.

    Raises TypeError unless they are all and no others.
    """
    shape = _SHAPES.get(kind) or _shape_of(kind)
    given = facts.keys()
    if given != shape.names and not shape.required <= given <= shape.names:
        wrong = sorted(given ^ shape.names)
        raise TypeError(f"{kind.__qualname__}: {wrong} are missing or too many.")
    owner = id
    if shape.personal:  # they are sealed for the first of its subjects, or for the stream itself
        for name in kind.SUBJECTS:
            if facts.get(name) is not None:
                owner = facts[name]
                break
    on.seal(kind, shape.personal, owner, facts)
    facts["originator_id"], facts["originator_version"], facts["timestamp"] = id, version, at
    event = object.__new__(kind)
    object.__setattr__(event, "__dict__", facts)
    return event


def _shape_of(kind: type[Any]) -> _Shape:
    own = [f for f in dataclasses.fields(kind) if f.name not in ENVELOPE]
    required = frozenset(f.name for f in own if f.default is dataclasses.MISSING)
    names = frozenset(f.name for f in own)
    shape = _SHAPES[kind] = _Shape(names, required, personal_fields(kind))
    return shape


def _once_per_kind(function: F) -> F:
    """Cache by event class; the library's classes confuse the type of ``functools.cache``."""
    return cast("F", cache(function))


@_once_per_kind
def personal_fields(kind: type[Any]) -> tuple[str, ...]:
    """The fields of an event that are sealed."""
    return tuple(name for name, hint in fields_of(kind).items() if _mentions(hint, PERSONAL))


@_once_per_kind
def fields_of(kind: type[Any]) -> dict[str, Any]:
    """An event's own fields and their types, without what the envelope holds."""
    hints = get_type_hints(kind, include_extras=True)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind) if f.name not in ENVELOPE}


def subjects_of(event: Any) -> list[bytes]:
    """The ids of the parties whose story an event is, without repeats."""
    found: list[bytes] = []
    for name in event.SUBJECTS:
        subject = getattr(event, name, None)
        if subject is not None and subject.bytes not in found:
            found.append(subject.bytes)
    return found


def _mentions(hint: Any, marker: object) -> bool:
    return hint is marker or any(_mentions(part, marker) for part in get_args(hint))
