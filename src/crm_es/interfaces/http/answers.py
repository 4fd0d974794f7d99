"""Answers from the views: as fresh as was asked, opened, and each with the position it holds at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic, time_ns
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel

from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.http.resources.asked import AsOf, Fresh
from crm_es.interfaces.opening import opened
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views.folding import Moment
from crm_es.projections.views.items import micros
from crm_es.projections.views.store import Parked

POLL_SECONDS = 0.002
PARKED_SHOWN = 1_000


_HEADERS = {
    "X-Position": ("integer", "The position of the log the answer is true at."),
    "X-Age": ("number", "Seconds since the oldest event that is not in it was recorded."),
    "ETag": ("string", "Of one thing: its version, for If-Match."),
}


def documented(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """What a route says of its answers."""
    headers = {
        name: {"schema": {"type": kind}, "description": told}
        for name, (kind, told) in _HEADERS.items()
    }
    return {200: {"model": shape, "headers": headers}}


class Place(NamedTuple):
    """One row of one view."""

    view: str
    id: str


class Found(NamedTuple):
    """What was read, and of which rows it is made."""

    document: dict[str, Any] | None
    """None: there is no such thing."""
    places: Sequence[Place] = ()
    version: int | None = None
    """Of the one stream it is about, for If-Match."""


class Answers:
    """Made on the loop. ``now`` reads the views, ``then`` the log as of a moment."""

    def __init__(self, readers: Readers[Reading]) -> None:
        self._readers = readers
        self._look: asyncio.Task[None] | None = None

    async def now(self, fresh: Fresh, read: Callable[[Reading], Found | None]) -> Response:
        """``read`` gives None while something besides the views is behind.

        Raises Problem 404, 400 for a position beyond the head, 503 when it comes too late.
        """
        until = monotonic() + fresh.wait_ms / 1000
        while True:
            answer = await self._readers.run(lambda reading: _now(reading, fresh, read))
            if answer is not None:
                return answer
            if monotonic() >= until:
                detail = f"The views are not yet at position {fresh.min_position}."
                raise Problem(503, "position.not_reached", detail, headers={"Retry-After": "1"})
            await self._next_look()

    async def then(
        self, fresh: Fresh, past: AsOf, read: Callable[[Reading, Moment], Found]
    ) -> Response:
        """Raises Problem 404, 400 for a position beyond the head."""
        return await self._readers.run(lambda reading: _then(reading, fresh, past, read))

    async def _next_look(self) -> None:
        """A moment's pause until the views have moved on; all who wait share one look."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._await_move())
        await asyncio.shield(self._look)

    async def _await_move(self) -> None:
        before = await self._readers.run(_position)
        for _ in range(8):
            await asyncio.sleep(POLL_SECONDS)
            if await self._readers.run(_position) != before:
                return


def _position(reading: Reading) -> int:
    return reading.views.position


def _now(
    reading: Reading, fresh: Fresh, read: Callable[[Reading], Found | None]
) -> Response | None:
    """None while what is read is behind what was asked."""
    with reading.views.snapshot():
        position = reading.views.position
        if position < fresh.min_position:
            _expect_recorded(reading.log, fresh.min_position)
            return None
        found = read(reading)
        if found is None:
            return None
        parked = _parked(reading, found.places)
    if parked:
        _expect_whole(parked, found, fresh.min_position)
    return _answer(reading, found, position, _age(reading.log, position), parked)


def _then(
    reading: Reading, fresh: Fresh, past: AsOf, read: Callable[[Reading, Moment], Found]
) -> Response:
    log = reading.log
    _expect_recorded(log, fresh.min_position)
    upto = log.head().position
    if past.known_at is not None:
        upto = log.position_at(micros(past.known_at))
    as_of = None if past.as_of is None else micros(past.as_of)
    return _answer(reading, read(reading, Moment(as_of, upto)), upto, 0.0, [])


def _expect_recorded(log: SQLiteLog, position: int) -> None:
    head = log.head().position if position else 0
    if position > head:
        raise Problem(400, "position.beyond_head", f"The log ends at position {head}.")


def _expect_whole(parked: Sequence[Parked], found: Found, min_position: int) -> None:
    """A row that stands still is not passed off as fresh, nor its absence as its not being."""
    first = min(one.since_position for one in parked)
    if first <= min_position or found.document is None:
        raise Problem(
            503, "row.parked", f"What happened from position {first} on is not in it yet.",
            headers={"Retry-After": "30"},
        )  # fmt: skip


def _parked(reading: Reading, places: Sequence[Place]) -> list[Parked]:
    """Those of the rows that stand still; nearly always there are none at all."""
    if not places or not reading.views.parked_count():
        return []
    wanted = {(view, UUID(id).bytes) for view, id in places}
    some = reading.views.all_parked(limit=PARKED_SHOWN)
    return [one for one in some if (one.view, one.key) in wanted]


def _age(log: SQLiteLog, position: int) -> float:
    """Seconds since the oldest event that is not in the answer was recorded."""
    lacking = log.read(position, 1)
    return max(0.0, time_ns() / 1e9 - lacking[0].recorded_at / 1e6) if lacking else 0.0


def _answer(
    reading: Reading, found: Found, position: int, age: float, parked: Sequence[Parked]
) -> Response:
    if found.document is None:
        raise Problem(404, "resource.not_found", "There is no such thing.")
    document = opened(found.document, reading.sealer)
    headers = {"X-Position": str(position), "X-Age": f"{age:.3f}"}
    if parked:
        document["parked"] = [
            {"view": one.view, "id": str(UUID(bytes=one.key)), "since": one.since_position}
            for one in parked
        ]
    if found.version is not None:
        headers["ETag"] = f'"{found.version}"'
    return Response(orjson.dumps(document), media_type="application/json", headers=headers)
