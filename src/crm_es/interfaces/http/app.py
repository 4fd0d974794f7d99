"""Puts HTTP together: the gate, the fast way for commands, FastAPI for all that is read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from crm_es.access import Keyring
from crm_es.errors import Refused
from crm_es.followers.standing import Standing
from crm_es.interfaces.http import docs, facts, health, log
from crm_es.interfaces.http.answers import Answers
from crm_es.interfaces.http.batch import Batch
from crm_es.interfaces.http.commands import Commands
from crm_es.interfaces.http.events import Feed
from crm_es.interfaces.http.gate import Gate
from crm_es.interfaces.http.local import LocalHTTP
from crm_es.interfaces.http.metrics import Metrics
from crm_es.interfaces.http.openapi import PROBLEMS
from crm_es.interfaces.http.problems import (
    FAULT,
    MEDIA_TYPE,
    Problem,
    invalid_parameter,
    problem_of,
)
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.http.resources import customer, imports, views
from crm_es.interfaces.http.resources.parameters import Company
from crm_es.interfaces.http.stand_in import StandIn
from crm_es.interfaces.http.uploads import Uploads
from crm_es.log.keys import KeyMissing
from crm_es.log.queue import AsyncSubmitter
from crm_es.settings import Folder

if TYPE_CHECKING:
    from crm_es.interfaces.facts.app import FactsApp

logger = logging.getLogger("crm_es.http")


@dataclass(frozen=True, slots=True)
class Parts:
    """What HTTP is made of; bootstrap brings it."""

    submitter: AsyncSubmitter
    open_reading: Callable[[], Reading]
    """Connections for one thread."""
    standings: Callable[[Reading], Sequence[Standing]]
    """How far each follower is."""
    keyring: Keyring
    host: str
    """The address that is listened on."""
    folder: Folder
    facts_socket: Path
    """Where the facts process answers."""
    open_stand_in: Callable[[], FactsApp]
    """Who answers while it does not."""
    company: Company


def create_app(parts: Parts) -> Gate:
    """Made on the loop that will serve it. Raises nothing; bootstrap has checked the address."""
    metrics, readers = Metrics(), Readers(parts.open_reading)
    answers, facts_line = Answers(readers), LocalHTTP(parts.facts_socket)
    uploads = Uploads(parts.folder.root, parts.folder.uploads, readers)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    routers: tuple[APIRouter, ...] = (
        log.routes(readers, Feed(readers)),
        health.routes(parts.submitter, readers, parts.standings, facts_line, metrics),
        customer.routes(answers, parts.folder.pii),
        views.routes(answers, parts.company),
        facts.routes(facts_line, StandIn(parts.folder.snapshots, parts.open_stand_in)),
        imports.routes(readers, uploads, parts.folder.imports),
    )
    for router in routers:
        app.include_router(router, responses=PROBLEMS)
    app.include_router(docs.routes(app), include_in_schema=False)
    for kind in (Problem, Refused, KeyMissing, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _problem)

    async def close() -> None:
        await uploads.close()
        readers.close()

    return Gate(
        Commands(parts.submitter),
        Batch(parts.submitter),
        app,
        keyring=parts.keyring,
        host=parts.host,
        metrics=metrics,
        close=close,
    )


def _problem(_: Request, error: Exception) -> Response:
    problem = _told(error)
    return Response(problem.to_bytes(), problem.status, problem.headers, MEDIA_TYPE)


def _told(error: Any) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return problem_of(error)
    if isinstance(error, KeyMissing):
        # Never passed off as erased: a lost key store is to be noticed, and restored.
        logger.error("A key is missing: %s", error)
        return Problem(503, "personal.key_missing", "A personal text cannot be opened now.")
    if isinstance(error, RequestValidationError):
        return invalid_parameter(error.errors()[0])
    if not isinstance(error, HTTPException):
        return FAULT
    code = {404: "route.unknown", 405: "method.unknown"}.get(error.status_code, "request.refused")
    return Problem(error.status_code, code, "There is nothing here.", headers=error.headers)
