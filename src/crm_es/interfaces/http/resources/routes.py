"""How lists, documents, single things and histories become routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from crm_es.commands.fields import Id
from crm_es.interfaces.http.answers import Answers, Found, Place, documented
from crm_es.interfaces.http.log import POSITION_MAX
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.http.resources.asked import NOW, AsOf, Fresh, Paged
from crm_es.interfaces.http.resources.parameters import Company, Parameters
from crm_es.interfaces.http.shapes.pages import History, details_of, page_of
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.base import View
from crm_es.projections.views.folding import Moment, Step, explained, row_as_of
from crm_es.projections.views.items import Item, instant, item, readable
from crm_es.projections.views.paging import Page, found

EVENTS_MAX = 5_000
"""Events of one stream that a history is made from."""
STEPS, STEPS_MAX = 100, 500
DETAILS_MAX = 1_000_000


class Listing(NamedTuple):
    """A list: where it is, what asks the view for it, and what its items look like."""

    path: str
    query: Callable[..., Page]
    view: View
    shape: type[BaseModel]


class Document(NamedTuple):
    """What a query makes of many rows: sums, a board. None from it is 404, a list its items."""

    path: str
    query: Callable[..., Any]
    shape: type[BaseModel]


class Single(NamedTuple):
    """Things of one kind by id, now and as of any moment."""

    path: str
    view: View
    shape: type[BaseModel]
    noun: str


class Tale(NamedTuple):
    """How a thing of one kind came to be what it is."""

    path: str
    view: View
    noun: str


class Detail(NamedTuple):
    """What one thing consists of or went through, read from its stream, in its order."""

    path: str
    query: Callable[[LogRecorder, UUID, Moment], list[Item]]
    shape: type[BaseModel]


Route = Listing | Document | Single | Tale | Detail


class Routes:
    """Adds the routes of one department to a router."""

    def __init__(self, router: APIRouter, answers: Answers, company: Company, tag: str) -> None:
        self._router, self._answers, self._company, self._tag = router, answers, company, tag

    def add(self, route: Route) -> None:
        match route:
            case Listing():
                self._add_list(route)
            case Document():
                self._add_document(route)
            case Single():
                self._add_single(route)
            case Tale():
                self._add_tale(route)
            case Detail():
                self._add_detail(route)

    def _get(
        self, path: str, operation: str, summary: str, shape: type[BaseModel], endpoint: Any
    ) -> None:
        self._router.get(
            path, operation_id=operation.replace(" ", "_"), summary=summary, tags=[self._tag],
            description="", responses=documented(shape),
        )(endpoint)  # fmt: skip

    def _add_list(self, listing: Listing) -> None:
        query, view = listing.query, listing.view.name
        parameters = Parameters(query, self._company)

        async def endpoint(fresh: Fresh, paged: Paged, **given: Any) -> Response:
            arguments = parameters.arguments(given)

            def read(reading: Reading) -> Found:
                db = reading.views.db
                page = query(db, **arguments, after=paged.after, limit=paged.limit)
                places = [Place(view, one["id"]) for one in page.items]
                return Found({"items": page.items, "next": page.next}, places)

            return await self._answers.now(fresh, read)

        signature = parameters.signature(("fresh", Fresh), ("paged", Paged))
        endpoint.__signature__ = signature  # type: ignore[attr-defined]
        self._get(listing.path, query.__name__, _words(query), page_of(listing.shape), endpoint)

    def _add_document(self, document: Document) -> None:
        query = document.query
        parameters = Parameters(query, self._company)

        async def endpoint(fresh: Fresh, **given: Any) -> Response:
            arguments = parameters.arguments(given)

            def read(reading: Reading) -> Found:
                made = query(reading.views.db, **arguments)
                return Found({"items": made} if isinstance(made, list) else made)

            return await self._answers.now(fresh, read)

        endpoint.__signature__ = parameters.signature(("fresh", Fresh))  # type: ignore[attr-defined]
        self._get(document.path, query.__name__, _words(query), document.shape, endpoint)

    def _add_single(self, single: Single) -> None:
        view = single.view

        async def endpoint(id: Id, fresh: Fresh, past: AsOf) -> Response:
            def now(reading: Reading) -> Found:
                items = found(reading.views.db, view.table, [id])
                place = [Place(view.name, str(id))]
                return Found(items[0], place, items[0]["version"]) if items else Found(None, place)

            def then(reading: Reading, moment: Moment) -> Found:
                row = row_as_of(reading.log, view, id, moment)
                if row is None or row.state is None:
                    return Found(None)
                return Found(item(row.key, row.version, row.state), version=row.version)

            if past.is_now:
                return await self._answers.now(fresh, now)
            return await self._answers.then(fresh, past, then)

        summary = f"One {single.noun}, now or as of a moment."
        self._get(f"{single.path}/{{id}}", single.noun, summary, single.shape, endpoint)

    def _add_tale(self, tale: Tale) -> None:
        view = tale.view

        async def endpoint(
            id: Id,
            fresh: Fresh,
            after: Annotated[int, Query(ge=0, le=POSITION_MAX, description="A position.")] = 0,
            limit: Annotated[int, Query(ge=1, le=STEPS_MAX)] = STEPS,
        ) -> Response:
            def then(reading: Reading, moment: Moment) -> Found:
                return _told(reading, view, id, moment, after, limit)

            return await self._answers.then(fresh, NOW, then)

        summary = f"What each event changed in a {tale.noun}, the oldest first."
        self._get(f"{tale.path}/{{id}}/history", f"{tale.noun} history", summary, History, endpoint)

    def _add_detail(self, detail: Detail) -> None:
        query = detail.query

        async def endpoint(
            id: Id,
            fresh: Fresh,
            past: AsOf,
            after: Annotated[int, Query(ge=0, le=DETAILS_MAX, description="How many to skip.")] = 0,
            limit: Annotated[int, Query(ge=1, le=STEPS_MAX)] = STEPS,
        ) -> Response:
            def then(reading: Reading, moment: Moment) -> Found:
                made, end = query(reading.log, id, moment), after + limit
                if not made:
                    return Found(None)
                following = end if len(made) > end else None
                return Found({"id": str(id), "items": made[after:end], "next": following})

            return await self._answers.then(fresh, past, then)

        shape = details_of(detail.shape)
        self._get(detail.path, query.__name__, _words(query), shape, endpoint)


def _told(reading: Reading, view: View, id: Id, moment: Moment, after: int, limit: int) -> Found:
    records = reading.log.stream(id, limit=EVENTS_MAX)
    steps = explained(view, id.bytes, [one for one in records if one.position <= moment.last])
    if not steps:
        return Found(None)
    later = [step for step in steps if step.position > after]
    shown = [_step(step) for step in later[:limit]]
    last = later[limit - 1].position if len(later) > limit else None
    return Found({"id": str(id), "items": shown, "next": last})


def _step(step: Step) -> dict[str, Any]:
    changes = {
        name: [readable(name, value) for value in values] for name, values in step.changes.items()
    }
    return {**asdict(step), "at": instant(step.at), "changes": changes}


def _words(query: Callable[..., Any]) -> str:
    """What a query says of itself, in one line."""
    return " ".join((query.__doc__ or "").split())
