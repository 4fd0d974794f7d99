"""Fact tables and our own questions: the facts process answers, and what it says is passed on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from crm_es.followers.standing import Standing
from crm_es.interfaces.http.local import Answer, LocalHTTP
from crm_es.interfaces.http.log import POSITION_MAX
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.shapes.facts import Answered, FactTables

PROBLEM_SIZE_MAX = 64 * 1024

_PASSED_ON = ("content-type", "content-length", "content-disposition", "x-position", "x-age")

Name = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,59}$")]
Position = Annotated[int | None, Query(ge=0, le=POSITION_MAX)]


class Format(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    ARROW = "arrow"


def routes(facts: LocalHTTP) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["facts"])

    @router.get("/facts", operation_id="facts", responses={200: {"model": FactTables}})
    async def tables() -> Response:
        """The fact tables and dimensions there are, with their columns."""
        return await _passed_on(facts, "/v1/facts", {})

    @router.get(
        "/facts/{name}.{format}",
        operation_id="fact_table",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/octet-stream": {}, "text/csv": {}}}},
    )
    async def table(
        name: Name, format: Format, min_position: Position = None, as_of_position: Position = None
    ) -> Response:
        """A whole fact table or dimension, as of the position in `X-Position`."""
        asked = {"min_position": min_position, "as_of_position": as_of_position}
        given = {key: str(value) for key, value in asked.items() if value is not None}
        return await _passed_on(facts, f"/v1/facts/{name}.{format.value}", given)

    @router.get(
        "/questions/{name}", operation_id="question", responses={200: {"model": Answered}}
    )  # fmt: skip
    async def question(name: Name, request: Request) -> Response:
        """One of our own questions; its parameters are query parameters of their names."""
        return await _passed_on(facts, f"/v1/questions/{name}", request.query_params)

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
        code, detail = found["code"], found["detail"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return Problem(503, "facts.unavailable", "The facts cannot be asked now.", headers=headers)
    return Problem(answer.status, code, detail, headers=headers if answer.status == 503 else {})  # noqa: PLR2004
