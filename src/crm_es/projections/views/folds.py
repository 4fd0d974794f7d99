"""What the folds of stream views have in common: how a row begins, changes and goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crm_es.aggregates.fields import Precision
from crm_es.projections.views.base import Event, Fold, State

PRECISIONS = {int(precision): precision.name.lower() for precision in Precision}
ATTRIBUTES_MAX = 100
"""So many custom attributes a row has, the first: a state is bounded whatever is recorded."""
_EXACT = int(Precision.EXACT)


def when(event: Event) -> int:
    """Business time; one that is unknown counts from when the log heard of it."""
    return event.at if event.precision else event.recorded_at


def begun(event: Event, *fields: str, **more: Any) -> State:
    """The first state of a row: when it began, and some fields of the event that began it.

    Every row has ``at``, its beginning, and ``last_at``, the business time of its latest event.
    """
    at, known = when(event), event.data.get
    state: State = {name: known(name) for name in fields}
    state["at"] = state["last_at"] = at
    if event.precision != _EXACT:
        state["precision"] = PRECISIONS[event.precision]
    state.update(more)
    return state


def begins(*fields: str, **more: Any) -> Fold:
    """A fold that begins a row with some fields of its event. ``more`` holds no mutable values."""

    def fold(_: State | None, event: Event) -> State:
        return begun(event, *fields, **more)

    return fold


def changes(*fields: str, to: Mapping[str, str] | None = None, **fixed: Any) -> Fold:
    """A fold that takes fields over from its event, those in ``to`` under another name.

    ``to`` maps names in the state to names in the event; ``fixed`` is set as it stands.
    """
    pairs = (*((name, name) for name in fields), *(to or {}).items())

    def fold(state: State | None, event: Event) -> State | None:
        if state is not None:
            touch(state, event)
            data = event.data
            for name, source in pairs:
                state[name] = data.get(source)
            if fixed:
                state.update(fixed)
        return state

    return fold


def alters(change: Callable[[State, Event], object]) -> Fold:
    """A fold that changes a row in place; where there is none, there is nothing to change."""

    def fold(state: State | None, event: Event) -> State | None:
        if state is not None:
            touch(state, event)
            change(state, event)
        return state

    return fold


def touch(state: State, event: Event) -> None:
    """Note the business time of one more event."""
    state["last_at"] = max(state["last_at"], when(event))


def gone(state: State | None, event: Event) -> State | None:
    """It was taken back: the row goes, the log keeps its story."""
    return None


def described(state: State, event: Event) -> None:
    """Take over the custom attributes an event names; the others stay."""
    for kind in ("attributes", "sealed_attributes"):
        new = event.data.get(kind)
        if new:
            known = dict(state[kind])
            for name, value in new.items():
                keep(known, name, value, ATTRIBUTES_MAX)
            state[kind] = known


def keep(known: dict[str, Any], name: str, value: Any, most: int) -> None:
    """Set one entry of a bounded dict; a full one takes no new names."""
    if name in known or len(known) < most:
        known[name] = value
