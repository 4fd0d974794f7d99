"""The log over HTTP: receipts, single events, the live feed."""

from __future__ import annotations

import re
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from crm_es.commands.fields import Id
from crm_es.interfaces.http.commands import status_of
from crm_es.interfaces.http.events import Feed, event_document
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading

POSITION_MAX = 2**53 - 1
TOPICS_MAX = 50

Position = Annotated[int, Path(ge=1, le=POSITION_MAX)]


def routes(readers: Readers[Reading], feed: Feed) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["log"])

    @router.get("/receipts/{command_id}", operation_id="receipt")
    async def receipt(command_id: Id) -> Response:
        """What became of a command, for ever under its id."""
        found = await readers.run(lambda reading: reading.log.receipt(command_id))
        if found is None:
            raise Problem(404, "receipt.not_found", "No command was recorded under this id.")
        _, read = status_of(found)
        return _json(found, read["position"], ETag=f'"{read["version"]}"')

    @router.get("/events/{position}", operation_id="event")
    async def event(position: Position) -> Response:
        """One event as it stands in the log. Personal values are sealed."""
        page = await readers.run(lambda reading: reading.log.read(position - 1, 1))
        if not page:
            raise Problem(404, "event.not_found", "The log does not go that far.")
        return _json(orjson.dumps(event_document(page[0])), position)

    @router.get(
        "/feed",
        operation_id="feed",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def listen(
        after: Annotated[int, Query(ge=0, le=POSITION_MAX)] = 0,
        topic: Annotated[list[str] | None, Query(max_length=TOPICS_MAX)] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Every event from a position on, as server-sent events, and then each as it happens.

        An event's id is its position: after a break, `Last-Event-ID` goes on from there.
        """
        start = after if last_event_id is None else _resumed(last_event_id)
        events = await feed.open(start, frozenset(topic or ()))
        return StreamingResponse(events, media_type="text/event-stream")

    return router


def _resumed(last_event_id: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", last_event_id, re.ASCII):
        raise Problem(400, "last_event_id.format", "Last-Event-ID is a position.")
    return int(last_event_id)


def _json(body: bytes, position: int, **headers: str) -> Response:
    return Response(
        body, media_type="application/json", headers={"X-Position": str(position), **headers}
    )
