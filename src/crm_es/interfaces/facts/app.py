"""HTTP over facts: tables, questions; and where they are owned, how they stand and two orders."""

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
from crm_es.projections.facts.files import is_damage

THREADS = 4
"""Questions answered at once; DuckDB runs them outside the GIL."""
PIECE_SECONDS = 60.0
"""How long a reader may take for a piece: its question keeps the files from being tidied up."""
_ASKED = ("min_position", "as_of_position")

T = TypeVar("T")
Order = Callable[[str | None], Awaitable[dict[str, Any]]]


class FactsApp:
    """``damaged`` is told when a question meets a block that is not what was written."""

    def __init__(self, asking: Asking, *, damaged: Callable[[Exception], None]) -> None:
        self._asking, self._facts, self._damaged = asking, asking.facts, damaged
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="question")

    async def tables(self, request: Request) -> Response:
        asked = _asked(request)
        await self._facts.wait(asked)
        return self._answer(await self._run(lambda: self._asking.tables(asked)))

    async def table(self, request: Request) -> Response:
        name, format = request.path_params["name"], request.path_params["format"]
        if format not in FORMATS:
            raise Problem(404, "fact.not_found", "Parquet, CSV and Arrow are what there is.")
        asked = _asked(request)
        await self._facts.wait(asked)
        position, pieces = await self._run(lambda: self._asking.table(name, format, asked))
        first = await self._run(lambda: next(pieces, b""))  # what fails, fails before it begins
        headers = {
            **self._facts.headers(position),
            "Content-Disposition": f'attachment; filename="{name}.{format}"',
        }
        body = _streamed(first, pieces, self._run)
        return StreamingResponse(body, headers=headers, media_type=MEDIA_TYPES[format])

    async def questions(self, _: Request) -> Response:
        return _json(self._asking.questions())

    async def question(self, request: Request) -> Response:
        asked = _asked(request)
        await self._facts.wait(asked)
        given = {key: value for key, value in request.query_params.items() if key not in _ASKED}
        name = request.path_params["name"]
        return self._answer(await self._run(lambda: self._asking.question(name, given, asked)))

    def _answer(self, document: dict[str, Any]) -> Response:
        return _json(document, self._facts.headers(document["position"]))

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except Exception as error:
            if is_damage(error):
                self._damaged(error)
            raise


def create_app(
    app: FactsApp, *, standing: Callable[[], dict[str, Any]], publish: Order, rebuild: Order
) -> Starlette:
    """What the process that owns the facts answers; an order gets the name in the path."""

    async def stand(_: str | None) -> dict[str, Any]:
        return await asyncio.to_thread(standing)

    routes = [
        Route("/v1/facts", app.tables),
        Route("/v1/facts/{name}.{format}", app.table),
        Route("/v1/questions", app.questions),
        Route("/v1/questions/{name}", app.question),
        Route("/standing", _ordered(stand)),
        Route("/snapshots", _ordered(publish), methods=["POST"]),
        Route("/rebuilds", _ordered(rebuild), methods=["POST"]),
        Route("/rebuilds/{name}", _ordered(rebuild), methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={Problem: _problem})


def _ordered(give: Order) -> Callable[[Request], Awaitable[Response]]:
    async def ordered(request: Request) -> Response:
        return _json(await give(request.path_params.get("name")))

    return ordered


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


def _json(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    body = orjson.dumps(document, default=str)
    return Response(body, headers=headers, media_type="application/json")


async def _problem(_: Request, error: Any) -> Response:
    return Response(error.to_bytes(), error.status, error.headers, problems.MEDIA_TYPE)
