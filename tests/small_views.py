"""Three small views over things that people own: two of streams, one of owners.

``thing.broken`` is what no view can fold, in several ways.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate
from crm_es.projections.views.base import Event, Key, State, View, id_bytes, table

TAGS_MAX = 3


class Thing(Aggregate):
    """What happens to a thing, so that its topics are known."""

    TOPIC = "thing"

    class Made(Aggregate.Event, AggregateCreated):
        TOPIC = "thing.made"
        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["worth"] = state.pop("price")

    class Given(Aggregate.Event):
        TOPIC = "thing.given"

    class Tagged(Aggregate.Event):
        TOPIC = "thing.tagged"

    class Unmade(Aggregate.Event):
        TOPIC = "thing.unmade"

    class Broken(Aggregate.Event):
        TOPIC = "thing.broken"


def _made(_: State | None, event: Event) -> State:
    return {"owner": event.data["owner"], "worth": event.data["worth"], "tags": [], "at": event.at}


def _given(state: State | None, event: Event) -> State | None:
    if state is not None:
        state["owner"], state["at"] = event.data["to"], event.at
    return state


def _tagged(state: State | None, event: Event) -> State | None:
    if state is not None:
        state["tags"] = [*state["tags"], event.data["tag"]][-TAGS_MAX:]
    return state


def _unmade(_: State | None, __: Event) -> None:
    return None


def _broken(state: State | None, event: Event) -> State:
    """Changes the state first, so that a view that keeps a half-folded row is caught."""
    state = state or {"owner": None, "worth": 0, "tags": [], "at": event.at}
    state["owner"] = "broken"
    how = event.data["how"]
    if how == "huge":
        state["worth"] = 2**70
    elif how == "null":
        state["at"] = None
    else:
        raise ValueError("It cannot be folded.")
    return state


THINGS = View(
    name="things",
    version=1,
    key=Key.STREAM,
    folds={
        "thing.made": _made,
        "thing.given": _given,
        "thing.tagged": _tagged,
        "thing.unmade": _unmade,
        "thing.broken": _broken,
    },
    table=table(
        "small_thing",
        sa.Column("owner", sa.LargeBinary(16)),
        sa.Column("at", sa.BigInteger, nullable=False),
        indexes=(("owner", "at"),),
    ),
    pick=lambda s: (None if s["owner"] == "broken" else id_bytes(s["owner"]), s["at"]),
)


def _counted(state: State | None, event: Event) -> State:
    state = state or {"tags": 0}
    state["tags"] += 1
    return state


TAGS = View(
    name="tags",
    version=1,
    key=Key.STREAM,
    folds={"thing.tagged": _counted},
    table=table("small_tag", sa.Column("tags", sa.Integer, nullable=False)),
    pick=lambda s: (s["tags"],),
)


def _owns(sign: int, whose: str) -> Any:
    def fold(state: State | None, event: Event) -> State:
        state = state or {"things": 0, "worth": 0, "events": 0}
        state["events"] += 1
        if event.key == id_bytes(event.data[whose]):
            state["things"] += sign
            state["worth"] += sign * event.data["worth"]
        return state

    return fold


def _passed_on(state: State | None, event: Event) -> State:
    is_new = event.key == id_bytes(event.data["to"])
    state = _owns(1 if is_new else -1, "to" if is_new else "owner")(state, event)
    assert state["events"] > 0
    return state


FIGURES = View(
    name="figures",
    version=1,
    key=Key.SUBJECT,
    folds={
        "thing.made": _owns(1, "owner"),
        "thing.given": _passed_on,
        "thing.unmade": _owns(-1, "owner"),
        "thing.broken": _broken,
    },
    table=table("small_figure", sa.Column("things", sa.Integer, nullable=False)),
    pick=lambda s: (s["things"],),
)

SMALL_VIEWS = (THINGS, TAGS, FIGURES)


def made(stream: UUID, owner: UUID, worth: int = 1) -> tuple[Any, ...]:
    return "thing.made", stream, {"owner": owner, "worth": worth}, owner


def given(stream: UUID, owner: UUID, to: UUID, worth: int = 1) -> tuple[Any, ...]:
    return "thing.given", stream, {"owner": owner, "to": to, "worth": worth}, owner, to


def tagged(stream: UUID, owner: UUID, tag: str) -> tuple[Any, ...]:
    return "thing.tagged", stream, {"tag": tag}, owner


def unmade(stream: UUID, owner: UUID, worth: int = 1) -> tuple[Any, ...]:
    return "thing.unmade", stream, {"owner": owner, "worth": worth}, owner


def broken(stream: UUID, owner: UUID, how: str = "raise") -> tuple[Any, ...]:
    return "thing.broken", stream, {"how": how}, owner
