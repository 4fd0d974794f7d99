"""One customer: everything about it in one document, and its story, now and as of any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from crm_es.commands.fields import LINE_MAX, Id
from crm_es.followers.finding import LIMIT_MAX, search, standing
from crm_es.interfaces.http.answers import Answers, Found, Place, documented
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.http.resources.asked import AsOf, Fresh, Paged
from crm_es.interfaces.http.shapes.customer import Customer360, TimelineLine
from crm_es.interfaces.http.shapes.pages import page_of
from crm_es.interfaces.http.shapes.party import Customer
from crm_es.projections.timeline.reading import timeline_of_subject
from crm_es.projections.views import customer_figures, customers
from crm_es.projections.views.customer_360 import document, document_as_of
from crm_es.projections.views.folding import Moment
from crm_es.projections.views.sections import SECTIONS

FOUND = 20


def routes(answers: Answers, pii: Path) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["party"])

    @router.get("/customers/{id}", operation_id="customer_360", responses=documented(Customer360))
    async def customer_360(id: Id, fresh: Fresh, past: AsOf) -> Response:
        """Everything about one customer: profile, figures, and the latest of every department."""
        now = datetime.now(UTC)
        if past.is_now:
            return await answers.now(fresh, lambda reading: _now(reading, id, now))
        moment_of = past.as_of or past.known_at or now

        def then(reading: Reading, moment: Moment) -> Found:
            made = document_as_of(reading.log, id, moment, moment_of, reading.kept_states())
            return Found(made, version=_version(made))

        return await answers.then(fresh, past, then)

    @router.get(
        "/customers/{id}/timeline", operation_id="timeline",
        responses=documented(page_of(TimelineLine)),
    )  # fmt: skip
    async def timeline(id: Id, fresh: Fresh, past: AsOf, paged: Paged) -> Response:
        """What happened to a customer, a line an event, the latest first; read from the log."""

        def then(reading: Reading, moment: Moment) -> Found:
            page = timeline_of_subject(
                reading.log, id, moment=moment, after=paged.after, limit=paged.limit
            )
            return Found({"items": page.items, "next": page.next})

        return await answers.then(fresh, past, then)

    @router.get("/search", operation_id="search", responses=documented(page_of(Customer)))
    async def find(
        q: Annotated[str, Query(min_length=1, max_length=LINE_MAX)],
        fresh: Fresh,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = FOUND,
    ) -> Response:
        """Customers by a piece of a name, an e-mail address or a phone number."""

        def read(reading: Reading) -> Found | None:
            if fresh.min_position and standing(pii)[0] < fresh.min_position:
                return None
            ids = search(pii, q, limit=limit)
            items = customers.customers_by_id(reading.views.db, ids)
            places = [Place(customers.VIEW.name, one["id"]) for one in items]
            return Found({"items": items, "next": None}, places)

        return await answers.now(fresh, read)

    return router


def _now(reading: Reading, id: UUID, now: datetime) -> Found:
    made = document(reading.views.db, id, now)
    own = [Place(view.name, str(id)) for view in (customers.VIEW, customer_figures.VIEW)]
    if made is None:
        return Found(None, own)
    shown = [
        Place(section.view.name, row["id"])
        for section in SECTIONS
        if isinstance(rows := made.get(section.name), list)
        for row in rows
    ]
    return Found(made, [*own, *shown], _version(made))


def _version(made: dict[str, Any] | None) -> int | None:
    """Of the customer's own stream; 0 while it is not registered, as If-Match has it."""
    if made is None:
        return None
    return made["profile"]["version"] if made["profile"] else 0
