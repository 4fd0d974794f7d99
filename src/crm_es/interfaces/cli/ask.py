"""Looking: ``show``, ``timeline``, ``pipeline``, ``search``, ``sql``."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from crm_es import bootstrap
from crm_es.errors import Invalid, NotFound, Unavailable
from crm_es.followers.finding import search as find
from crm_es.interfaces.cli.fresh import reading
from crm_es.interfaces.cli.options import DATA, Data, Json, answering, settings
from crm_es.interfaces.cli.output import note, out, print_fields, print_json, print_rows
from crm_es.interfaces.cli.pages import print_board, print_customer, readable
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.opening import opened
from crm_es.projections.timeline.reading import timeline_of_stream, timeline_of_subject
from crm_es.projections.views import VIEWS
from crm_es.projections.views.base import Key, View
from crm_es.projections.views.customer_360 import document, document_as_of
from crm_es.projections.views.customers import customers_by_id
from crm_es.projections.views.folding import Moment, row_as_of
from crm_es.projections.views.items import item, micros
from crm_es.projections.views.pipelines import board, pipelines

LETTERS_MIN = 3
"""What can be found anywhere in a text."""
KINDS: dict[str, View] = {
    view.table.name.removeprefix("sales_").removeprefix("service_"): view
    for view in VIEWS
    if view.key is Key.STREAM
}
"""What can be shown, by the word for one of it."""

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S"]
"""How a moment may be written; without a zone it is UTC."""

AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=TIMES, help="As it was then: by when things happened."),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option("--known-at", formats=TIMES, help="As it was known then: by when recorded."),
]


def show(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")],
    id: UUID,
    *,
    data: Data = DATA,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    json: Json = False,
) -> None:
    """Show one thing, now or as of any moment: of a customer everything there is."""
    with answering(), reading(settings(data)) as found:
        if kind not in KINDS:
            raise Invalid("kind.unknown", f"There is no {kind}; there are {', '.join(KINDS)}.")
        moment = _moment(found, as_of, known_at)
        shown = _customer(found, id, moment) if kind == "customer" else None
        if kind != "customer":
            row = row_as_of(found.log, KINDS[kind], id, moment)
            shown = row and row.state and item(row.key, row.version, row.state)
        if not shown:
            raise NotFound(f"{kind}.not_found", f"There is no {kind} {id}.")
        shown = opened(shown, found.sealer)
    if json:
        print_json(shown)
    elif kind == "customer":
        print_customer(shown)
    else:
        print_fields({name: readable(value) for name, value in shown.items()})


def timeline(
    id: Annotated[UUID, typer.Argument(help="A customer, or any one thing.")],
    *,
    data: Data = DATA,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    after: Annotated[str | None, typer.Option(help="The cursor of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    json: Json = False,
) -> None:
    """Tell what happened to a customer or a thing, a line an event, the latest first."""
    with answering(), reading(settings(data)) as found:
        moment = _moment(found, as_of, known_at)
        page = timeline_of_subject(found.log, id, moment=moment, after=after, limit=limit)
        if not page.items:
            page = timeline_of_stream(found.log, id, moment=moment, after=after, limit=limit)
        if not page.items and after is None:
            raise NotFound("timeline.not_found", f"Nothing is known of {id}.")
        items = opened(page.items, found.sealer)
    if json:
        print_json({"items": items, "next": page.next})
        return
    for line in items:
        told = " ".join(str(text) for text in line["texts"].values() if isinstance(text, str))
        out.print(f"{line['at'][:16].replace('T', ' ')}  ", style="dim", end="")
        out.print(line["line"] + (f"  {told}" if told else ""), markup=False)
    if page.next is not None:
        note(f"There is more: --after {page.next}")


def pipeline(
    id: Annotated[UUID | None, typer.Argument(help="All pipelines if left out.")] = None,
    *,
    data: Data = DATA,
    owner: Annotated[str | None, typer.Option(help="Only this owner's deals.")] = None,
    json: Json = False,
) -> None:
    """Show a pipeline's board: deals by stage, with their sums."""
    chosen = settings(data)
    with answering(), reading(chosen) as found:
        db = found.views.db
        ids = [UUID(one["id"]) for one in pipelines(db).items] if id is None else [id]
        today = datetime.now(chosen.zone).date()
        boards = [board(db, one, today, chosen.currency, owner=owner) for one in ids]
        known = [one for one in boards if one is not None]
        if id is not None and not known:
            raise NotFound("pipeline.not_found", f"There is no pipeline {id}.")
    if json:
        print_json(known if id is None else known[0])
        return
    for one in known:
        print_board(one)


def search(
    text: Annotated[str, typer.Argument(help="A piece of a name, an address or a number.")],
    *,
    data: Data = DATA,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    json: Json = False,
) -> None:
    """Find customers by a piece of a name, an e-mail address or a phone number."""
    chosen = settings(data)
    with answering(), reading(chosen) as found:
        ids = find(chosen.folder.pii, text, limit=limit)
        items = opened(customers_by_id(found.views.db, ids), found.sealer)
    if json:
        print_json(items)
    else:
        names = ("id", "name", "kind", "owner", "country", "lifecycle")
        print_rows([{name: readable(one[name]) for name in names} for one in items])
        if not items and len(text.strip()) < LETTERS_MIN:
            note(f"Fewer than {LETTERS_MIN} letters find only what begins with them.")


def sql(
    question: Annotated[str, typer.Argument(help="One SELECT.")],
    *,
    data: Data = DATA,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make a new snapshot first.")] = False,
    json: Json = False,
) -> None:
    """Ask the newest snapshot of the facts in SQL; nothing can be changed.

    ``show tables`` tells what there is.
    """
    chosen = settings(data)
    with answering():
        with closing(bootstrap.open_log(chosen)) as log:
            head = log.head().position
        if fresh:
            bootstrap.publish_facts(chosen)
        try:
            answer = bootstrap.ask_snapshot(chosen, question)
        except Unavailable:
            bootstrap.publish_facts(chosen)
            answer = bootstrap.ask_snapshot(chosen, question)
    names = [column.name for column in answer.columns]
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    if json:
        position = answer.snapshot.position
        print_json({"position": position, "is_cut": answer.is_cut, "rows": rows})
        return
    print_rows(rows)
    if answer.is_cut:
        note("There is more than is shown.")
    if answer.snapshot.position < head:
        told = f"As of position {answer.snapshot.position:,}; the log is at {head:,}."
        note(f"{told} --fresh makes a new snapshot.")


def _moment(found: Reading, as_of: datetime | None, known_at: datetime | None) -> Moment:
    upto = found.log.head().position
    if known_at is not None:
        upto = found.log.position_at(micros(_utc(known_at)))
    return Moment(None if as_of is None else micros(_utc(as_of)), upto)


def _customer(found: Reading, id: UUID, moment: Moment) -> dict[str, Any] | None:
    now = datetime.now(UTC)
    if moment.as_of is None and moment.upto == found.log.head().position:
        with found.views.snapshot() as db:
            return document(db, id, now)
    if moment.as_of is not None:
        now = datetime.fromtimestamp(moment.as_of / 1e6, UTC)
    return document_as_of(found.log, id, moment, now, found.kept_states())


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


COMMANDS = (show, timeline, pipeline, search, sql)
