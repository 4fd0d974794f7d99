"""Fact tables and our own questions: the facts process answers, and what it says is passed on.

While it does not, the newest snapshot is asked; the answer then says when that was made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from crm_es.followers.standing import Standing
from crm_es.interfaces.http.local import Answer, LocalHTTP
from crm_es.interfaces.http.log import POSITION_MAX
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.shapes.facts import Answered, FactTables, Questions
from crm_es.interfaces.http.stand_in import AWAY, StandIn

if TYPE_CHECKING:
    from crm_es.interfaces.facts.app import FactsApp

PROBLEM_SIZE_MAX = 64 * 1024

_PASSED_ON = ("content-type", "content-length", "content-disposition", "x-position", "x-age")

Name = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,59}$")]
Position = Annotated[int | None, Query(ge=0, le=POSITION_MAX)]


@dataclass(frozen=True, slots=True)
class _Asked:
    min_position: Position = None
    as_of_position: Position = None

    def given(self) -> dict[str, str]:
        return {name: str(one) for name, one in asdict(self).items() if one is not None}


Asked = Annotated[_Asked, Depends()]
"""From which position on an answer will do, and up to which it may know anything."""


_TOLD = {
    "X-Position": {
        "schema": {"type": "integer"}, "description": "The position of the log it is true at.",
    },
    "X-Age": {
        "schema": {"type": "number"},
        "description": "Seconds since it had all there was; of a snapshot, since that was made.",
    },
    "X-Snapshot": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "When the snapshot was made that this was read from: the facts process is"
        " away. Left out otherwise.",
    },
}  # fmt: skip


def _documented(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": shape, "headers": _TOLD}}


class Format(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    ARROW = "arrow"


def routes(facts: LocalHTTP, stand_in: StandIn) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["facts"])

    async def answered(
        path: str, given: Mapping[str, str], otherwise: Callable[[FactsApp], Awaitable[Response]]
    ) -> Response:
        try:
            found = await _passed_on(facts, path, given)
        except Problem as away:
            if away.code not in AWAY:
                raise
            return await stand_in.answer(otherwise, away)
        stand_in.rest()
        return found

    @router.get("/facts", operation_id="facts", responses=_documented(FactTables))
    async def tables(request: Request) -> Response:
        """The fact tables and dimensions there are, with their columns."""
        return await answered("/v1/facts", {}, lambda app: app.tables(request))

    @router.get(
        "/facts/{name}.{format}",
        operation_id="fact_table",
        response_class=StreamingResponse,
        responses={
            200: {
                "content": {"application/octet-stream": {}, "text/csv": {}},
                "headers": _TOLD,
            }
        },
    )
    async def table(name: Name, format: Format, asked: Asked, request: Request) -> Response:
        """A whole fact table or dimension, as of the position in `X-Position`."""
        path = f"/v1/facts/{name}.{format.value}"
        return await answered(path, asked.given(), lambda app: app.table(request))

    @router.get(
        "/questions", operation_id="questions", responses={200: {"model": Questions}}
    )  # fmt: skip
    async def questions(request: Request) -> Response:
        """Our own questions, with what each asks and the parameters it takes."""
        return await answered("/v1/questions", {}, lambda app: app.questions(request))

    @router.get("/questions/{name}", operation_id="question", responses=_documented(Answered))
    async def question(name: Name, asked: Asked, request: Request) -> Response:
        """One of our own questions; its parameters are query parameters of their names."""
        given = {**request.query_params, **asked.given()}
        return await answered(f"/v1/questions/{name}", given, lambda app: app.question(request))

    return router


async def standing(facts: LocalHTTP) -> Standing | None:
    """How far the facts are; None while their process does not answer."""
    with suppress(Problem, OSError, TimeoutError, orjson.JSONDecodeError):
        answer = await facts.get("/standing")
        told = orjson.loads(b"".join([piece async for piece in answer.body()]))
        parked = len(told["parked"])
        return Standing("facts", told["position"], parked=parked, rejected=told["rejected"])
    return None


async def _passed_on(facts: LocalHTTP, path: str, given: Mapping[str, str]) -> Response:
    """Raises Problem, also the facts process's own."""
    answer = await facts.get(f"{path}?{urlencode(given)}" if given else path)
    if answer.status != 200:  # noqa: PLR2004 - anything else is no answer
        raise await _problem(answer)
    headers = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
    return StreamingResponse(answer.body(), headers=headers)


async def _problem(answer: Answer) -> Problem:
    told = b""
    async for piece in answer.body():
        told += piece
        if len(told) > PROBLEM_SIZE_MAX:
            break
    headers = {"Retry-After": answer.headers.get("retry-after", "5")}
    try:
        found = orjson.loads(told)
        code, detail, pointer = found["code"], found["detail"], found.get("pointer")
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return Problem(503, "facts.unavailable", "The facts cannot be asked now.", headers=headers)
    if answer.status != 503:  # noqa: PLR2004 - only of what is so for now it can be said when
        headers = {}
    return Problem(answer.status, code, detail, pointer=pointer, headers=headers)
