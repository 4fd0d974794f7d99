"""Whether this process lives, whether it is fit to be asked, and its figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import time_ns
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from crm_es.errors import Unavailable
from crm_es.followers.standing import Standing
from crm_es.interfaces.http.facts import standing as facts_standing
from crm_es.interfaces.http.local import LocalHTTP
from crm_es.interfaces.http.metrics import MEDIA_TYPE, Lag, LogFigures, Metrics
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading
from crm_es.log.queue import AsyncSubmitter

WRITER_SECONDS = 1.0
"""How long the writer may take to say how it is."""
LAG_SECONDS_MAX = 30.0
"""A follower further behind than this is told of."""


def routes(
    submitter: AsyncSubmitter,
    readers: Readers[Reading],
    standings: Callable[[Reading], Sequence[Standing]],
    facts: LocalHTTP,
    metrics: Metrics,
) -> APIRouter:
    router = APIRouter(tags=["health"])

    async def writer() -> dict[str, Any] | None:
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(WRITER_SECONDS):
                return dict(await submitter.figures())
        return None

    async def log() -> LogFigures:
        """Of all followers that answer."""
        own = await facts_standing(facts)
        more = [] if own is None else [own]
        return await readers.run(lambda reading: _figures(reading, [*standings(reading), *more]))

    @router.get("/livez", operation_id="livez")
    async def livez() -> dict[str, str]:
        """This process answers."""
        return {"status": "alive"}

    @router.get("/readyz", operation_id="readyz")
    async def readyz() -> Response:
        """200 ready, or degraded with reasons; 503 when nothing can be written."""
        figures, found = await writer(), (await log()).lags
        reasons = [reason for lag in found for reason in _reasons(lag)]
        if not any(lag.standing.name == "facts" for lag in found):
            reasons.append("facts: does not answer")
        if figures is None:
            reasons.insert(0, "writer: does not answer")
        status = "unready" if figures is None else "degraded" if reasons else "ready"
        document = {
            "status": status,
            "reasons": reasons,
            "followers": {
                lag.standing.name: {
                    "position": lag.standing.position,
                    "behind": lag.events,
                    "seconds": round(lag.seconds, 3),
                }
                for lag in found
            },
        }
        return JSONResponse(document, 503 if figures is None else 200)

    @router.get("/metrics", operation_id="metrics", response_class=Response)
    async def exposition() -> Response:
        """Figures for Prometheus."""
        return Response(metrics.exposition(await writer(), await log()), media_type=MEDIA_TYPE)

    return router


def _figures(reading: Reading, standings: Sequence[Standing]) -> LogFigures:
    head, now = reading.log.head().position, time_ns() // 1000
    found = []
    for standing in standings:
        lacking = reading.log.read(standing.position, 1) if standing.position < head else []
        seconds = (now - lacking[0].recorded_at) / 1e6 if lacking else 0.0
        found.append(Lag(standing, max(head - standing.position, 0), max(seconds, 0.0)))
    return LogFigures(head, found)


def _reasons(lag: Lag) -> list[str]:
    name, found = lag.standing.name, []
    if lag.standing.parked:
        found.append(f"{name}: {lag.standing.parked} keys are set aside")
    if lag.standing.rejected:
        found.append(f"{name}: {lag.standing.rejected} events cannot be read")
    if lag.seconds > LAG_SECONDS_MAX:
        found.append(f"{name}: {lag.seconds:.0f} seconds behind")
    return found
