"""Folds run over the log: a row as of any moment, and what each of its events changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from crm_es.aggregates import BEGINNINGS
from crm_es.aggregates.fields import Precision
from crm_es.log.envelope import Record
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import Event, Key, State, View
from crm_es.projections.views.events import (
    AT,
    POSITION,
    PRECISION,
    RECORDED,
    TOPIC,
    VERSION,
    Told,
    Wanted,
    columns_for,
    event,
    event_of,
    told,
)

EVER = 2**62
"""A position or a time that nothing lies behind."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a fold may know: what had happened by then, and what had been recorded by then."""

    as_of: int | None = None
    """Business time in microseconds; an event of unknown time counts from its recording."""
    upto: int | None = None
    """The last position; ``known_at`` is resolved to one once (LogRecorder.position_at)."""

    @property
    def last(self) -> int:
        return EVER if self.upto is None else self.upto

    def takes(self, row: Told) -> bool:
        """Whether an event up to the position had happened by then."""
        if self.as_of is None:
            return True
        is_known = row[PRECISION] != Precision.UNKNOWN
        return bool((row[AT] if is_known else row[RECORDED]) <= self.as_of)


NOW = Moment()


class Poison(NamedTuple):
    """The event that a view could not fold, and why."""

    position: int
    error: str


class Row(NamedTuple):
    """What a fold made of a key's events, up to the first it could not fold if there is one."""

    key: bytes
    state: State | None
    """None when there is no row, or no more."""
    position: int
    """Of the last event that was folded."""
    version: int
    """Of the last event that was folded, in a stream's row; in a subject's, how many were since it
    began."""
    poison: Poison | None = None


def folded(view: View, key: bytes, records: Collection[Record], moment: Moment = NOW) -> Row | None:
    """One row from all records of its key in log order; None when it is not there."""
    return fold_rows(view, key, lambda: map(told, records), moment)


def row_as_of(
    log: LogRecorder, view: View, key: UUID, moment: Moment = NOW, kept: Kept | None = None
) -> Row | None:
    """One row, folded from the log by one index scan; with ``kept``, from a state kept before."""
    known = None if kept is None else kept.before(view, key.bytes, moment)
    after = 0 if known is None else known().position
    as_of, columns = None, columns_for([view])
    if view.key is Key.SUBJECT:  # whereas a stream must be seen to begin, and to begin anew
        as_of, moment = moment.as_of, replace(moment, as_of=None)

    def read() -> Iterable[Told]:
        return log.about(
            key.bytes, by=view.key, columns=columns, after=after, upto=moment.last, as_of=as_of
        )

    return fold_rows(view, key.bytes, read, moment, known)


class Kept(Protocol):
    """States of rows with long histories, as they were at some positions."""

    def before(self, view: View, key: bytes, moment: Moment) -> Callable[[], Row] | None:
        """Gives the latest one that knows nothing from behind the moment, anew each time."""


def fold_rows(
    view: View,
    key: bytes,
    read: Callable[[], Iterable[Told]],
    moment: Moment,
    known: Callable[[], Row] | None = None,
) -> Row | None:
    """One row from what ``read`` gives, which is asked again after a poisonous event.

    ``known`` gives the row that it starts from; what that has folded already is passed over.
    """
    wanted, is_stream = Wanted((view,)), view.key is Key.STREAM
    row, is_begun = Row(key, None, 0, 0) if known is None else known(), True
    _, state, position, version, _ = row
    last, is_all = moment.last, moment.as_of is None  # what is asked of each of 100,000 events
    for one in read():
        if one[POSITION] > last:
            break
        if is_stream and (one[VERSION] == 1 or one[TOPIC] in BEGINNINGS):  # the last of them counts
            is_begun, state = moment.takes(one), None
        if one[POSITION] <= position or not is_begun or not (is_all or moment.takes(one)):
            continue
        for _, fold in wanted[one[TOPIC]]:
            try:
                state = fold(state, event(key, one))
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - a fold is pure: it would fail for ever
                before = replace(moment, upto=one[POSITION] - 1)
                sound = fold_rows(view, key, read, before, known) or Row(key, None, 0, 0)
                return sound._replace(poison=Poison(one[POSITION], told_error(error)))
            position = one[POSITION]
            version = one[VERSION] if is_stream else counted(version, state)
    return None if state is None else Row(key, state, position, version)


def next_version(view: View, before: int, state: State | None, last: Event) -> int:
    """A row's version after one more event, and the state that it left."""
    return last.version if view.key is Key.STREAM else counted(before, state)


def counted(before: int, state: State | None) -> int:
    """The version of a subject's row: a row that goes takes its count with it."""
    return 0 if state is None else before + 1


def told_error(error: BaseException) -> str:
    """What is kept of an error, for people; texts about persons are sealed in events already."""
    return f"{type(error).__name__}: {error}"[:200]


@dataclass(frozen=True, slots=True)
class Step:
    """What one event changed in a row."""

    position: int
    topic: str
    at: int
    changes: dict[str, tuple[Any, Any]]
    """By field of the state: before and after; None where there was or is none."""


def explained(view: View, key: bytes, records: Collection[Record]) -> list[Step]:
    """How a row came to be what it is, from all records of its key in log order.

    Stops where the view could not go on. Events it does not fold are left out.
    """
    wanted, steps = Wanted((view,)), list[Step]()
    state: State | None = None
    for record in records:
        before = deepcopy(state) or {}
        for _, fold in wanted[record.topic]:
            try:
                state = fold(state, event_of(record, key))
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - a fold is pure: it would fail for ever
                failed = {"error": (None, told_error(error))}
                return [*steps, Step(record.position, record.topic, record.occurred_at, failed)]
            after = deepcopy(state) or {}
            changes = {
                name: (before.get(name), after.get(name))
                for name in sorted(before.keys() | after.keys())
                if before.get(name) != after.get(name)
            }
            steps.append(Step(record.position, record.topic, record.occurred_at, changes))
    return steps
