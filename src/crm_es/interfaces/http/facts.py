"""Fact tables for analysts, as Parquet, CSV or Arrow: the facts process makes them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse

from crm_es.interfaces.http.local import LocalHTTP
from crm_es.interfaces.http.problems import Problem

_PASSED_ON = ("content-type", "content-length", "content-disposition", "x-position", "x-age")


class Format(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    ARROW = "arrow"


def routes(facts: LocalHTTP) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["facts"])

    @router.get(
        "/facts/{name}.{format}",
        operation_id="facts",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"application/octet-stream": {}, "text/csv": {}}},
        },
    )
    async def table(
        name: Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,59}$")], format: Format
    ) -> Response:
        """A whole fact table or dimension, as of the position in `X-Position`."""
        if not re.fullmatch("[a-z0-9_]+", name):  # it becomes part of another request
            raise Problem(404, "fact.not_found", "There is no such fact table.")
        answer = await facts.get(f"/v1/facts/{name}.{format.value}")
        if answer.status != 200:  # noqa: PLR2004 - anything else is no table
            answer.close()
            if answer.status == 404:  # noqa: PLR2004
                raise Problem(404, "fact.not_found", "There is no such fact table.")
            detail = "The facts process cannot answer now."
            raise Problem(503, "facts.unavailable", detail, headers={"Retry-After": "5"})
        headers = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        return StreamingResponse(answer.body(), headers=headers)

    return router
