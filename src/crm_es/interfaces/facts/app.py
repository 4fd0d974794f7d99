"""HTTP on the facts process's local socket: tables, questions, how it stands, and two orders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from crm_es.interfaces.facts.asking import Asked, Asking
from crm_es.interfaces.http import problems
from crm_es.interfaces.http.problems import Problem
from crm_es.projections.facts.export import FORMATS, MEDIA_TYPES

THREADS = 4
"""Questions answered at once; DuckDB runs them outside the GIL."""
PIECE_SECONDS = 60.0
"""How long a reader may take for a piece: its question keeps the files from being tidied up."""
_ASKED = ("min_position", "as_of_position")

T = TypeVar("T")
Order = Callable[[str | None], Awaitable[dict[str, Any]]]


def create_app(asking: Asking, *, publish: Order, rebuild: Order) -> Starlette:
    """``publish`` and ``rebuild`` are given the name in the path, if there is one."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="question")

    async def run(work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    async def tables(request: Request) -> Response:
        await asking.wait(Asked())
        return _json(await run(asking.tables))

    async def table(request: Request) -> Response:
        name, format = request.path_params["name"], request.path_params["format"]
        if format not in FORMATS:
            raise Problem(404, "fact.not_found", "Parquet, CSV and Arrow are what there is.")
        asked = _asked(request)
        await asking.wait(asked)
        position, pieces = await run(lambda: asking.table(name, format, asked))
        first = await run(lambda: next(pieces, b""))  # what fails, fails before the answer begins
        headers = {
            "X-Position": str(position), "X-Age": f"{asking.age:.3f}",
            "Content-Disposition": f'attachment; filename="{name}.{format}"',
        }  # fmt: skip
        body = _streamed(first, pieces, run)
        return StreamingResponse(body, headers=headers, media_type=MEDIA_TYPES[format])

    async def question(request: Request) -> Response:
        asked = _asked(request)
        await asking.wait(asked)
        given = {key: value for key, value in request.query_params.items() if key not in _ASKED}
        name = request.path_params["name"]
        return _json(await run(lambda: asking.question(name, given, asked)))

    async def standing(request: Request) -> Response:
        return _json(await run(asking.standing))

    def order(give: Order) -> Callable[[Request], Awaitable[Response]]:
        async def ordered(request: Request) -> Response:
            return _json(await give(request.path_params.get("name")))

        return ordered

    return Starlette(
        routes=[
            Route("/v1/facts", tables),
            Route("/v1/facts/{name}.{format}", table),
            Route("/v1/questions/{name}", question),
            Route("/standing", standing),
            Route("/snapshots", order(publish), methods=["POST"]),
            Route("/rebuilds", order(rebuild), methods=["POST"]),
            Route("/rebuilds/{name}", order(rebuild), methods=["POST"]),
        ],
        exception_handlers={Problem: _problem},
    )


async def _streamed(
    first: bytes, pieces: Iterator[bytes], run: Callable[[Callable[[], bytes]], Awaitable[bytes]]
) -> AsyncIterator[bytes]:
    """Piece by piece; a reader that stands still for too long is left."""
    piece = first
    while piece:
        async with asyncio.timeout(PIECE_SECONDS):
            yield piece
        piece = await run(lambda: next(pieces, b""))


def _asked(request: Request) -> Asked:
    """Raises Problem 422."""
    given = request.query_params
    numbers: dict[str, int] = {}
    for name in _ASKED:
        text = given.get(name)
        if text is not None:
            if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - 2^63
                raise Problem(422, "position.format", f"{name} is a position: a whole number.")
            numbers[name] = int(text)
    return Asked(**numbers)


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document, default=str), media_type="application/json")


async def _problem(_: Request, error: Any) -> Response:
    return Response(error.to_bytes(), error.status, error.headers, problems.MEDIA_TYPE)
