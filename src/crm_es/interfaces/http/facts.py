"""Fact tables and our own questions: the facts process answers, and what it says is passed on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from crm_es.followers.standing import Standing
from crm_es.interfaces.http.local import Answer, LocalHTTP
from crm_es.interfaces.http.log import POSITION_MAX
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.shapes.facts import Answered, FactTables, Questions

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
    async def table(name: Name, format: Format, asked: Asked) -> Response:
        """A whole fact table or dimension, as of the position in `X-Position`."""
        return await _passed_on(facts, f"/v1/facts/{name}.{format.value}", asked.given())

    @router.get(
        "/questions", operation_id="questions", responses={200: {"model": Questions}}
    )  # fmt: skip
    async def questions() -> Response:
        """Our own questions, with what each asks and the parameters it takes."""
        return await _passed_on(facts, "/v1/questions", {})

    @router.get(
        "/questions/{name}", operation_id="question", responses={200: {"model": Answered}}
    )  # fmt: skip
    async def question(name: Name, asked: Asked, request: Request) -> Response:
        """One of our own questions; its parameters are query parameters of their names."""
        given = {**request.query_params, **asked.given()}
        return await _passed_on(facts, f"/v1/questions/{name}", given)

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
