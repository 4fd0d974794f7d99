"""Keeping read models true: ``status``, ``rebuild``, ``verify``, ``unpark``."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from time import time_ns
from typing import Annotated, Any
from uuid import UUID

import typer

from crm_es import bootstrap
from crm_es.errors import NotFound, Unavailable
from crm_es.followers.standing import Standing, standings
from crm_es.interfaces.cli.fresh import caught_up
from crm_es.interfaces.cli.options import DATA, FAILED, Data, Json, answering, settings
from crm_es.interfaces.cli.output import note, out, print_fields, print_json, print_rows, progress
from crm_es.log.lock import WriterLock, WriterRunning
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views import VIEWS
from crm_es.projections.views.store import ViewReader
from crm_es.settings import Settings

PARKED_SHOWN = 20
DIFFERENCES_SHOWN = 20


class ReadModels(StrEnum):
    ALL = "all"
    VIEWS = "views"
    FACTS = "facts"


def status(*, data: Data = DATA, json: Json = False) -> None:
    """Tell where the log is, how far each follower is, what is set aside, and what it takes."""
    chosen = settings(data)
    with (
        answering(),
        closing(bootstrap.open_log(chosen)) as log,
        closing(bootstrap.open_views(chosen)) as views,
    ):
        found = _status(chosen, log, views)
    if json:
        print_json(found)
        return
    print_fields({n: value for n, value in found.items() if not isinstance(value, (list, dict))})
    print_rows(found["followers"], title="\nFollowers")
    if found["parked"]:
        print_rows(found["parked"], title="\nSet aside")
        note("After a fix: crm-es unpark, or crm-es rebuild views.")
    sizes = {name: f"{size / 2**20:,.1f} MiB" for name, size in found["sizes"].items()}
    print_fields(sizes, title="\nSizes")


def rebuild(
    which: Annotated[ReadModels, typer.Argument()] = ReadModels.ALL,
    *,
    data: Data = DATA,
) -> None:
    """Make views or facts anew from the log, beside those that serve, and then let them serve."""
    chosen = settings(data)
    with answering():
        if which is not ReadModels.FACTS:
            with progress("views", "steps") as report:
                bootstrap.rebuild_views(chosen, report)
            note("The views are rebuilt.")
        if which is not ReadModels.VIEWS:
            with progress("facts") as report:
                position = bootstrap.rebuild_facts(chosen, report)
            note(f"The facts are rebuilt up to position {position:,}.")


def verify(
    *,
    data: Data = DATA,
    sample: Annotated[
        int | None, typer.Option(min=1, help="So many random rows of each view; all if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Fold rows anew from the log and compare them with those that serve; code 1 if they differ."""
    chosen = settings(data)
    with answering():
        caught_up(chosen)
        with progress("verify", "rows") as report:
            told = bootstrap.verify_views(
                chosen, sample=sample, on_progress=lambda done: report(done, 0)
            )
    differences = [
        {"view": one.view, "key": str(one.key), "fields": one.fields} for one in told.differences
    ]
    if json:
        print_json(
            {
                "position": told.position, "compared": told.compared, "parked": told.parked,
                "differences": differences, "digests": told.digests,
            }
        )  # fmt: skip
    else:
        kept = f"{told.compared:,} rows are what the log says, at position {told.position:,}."
        out.print(kept if not differences else f"{len(differences)} rows differ.", markup=False)
        if told.parked:
            note(f"{told.parked} rows stand still and were left out.")
        if differences:
            print_rows(differences[:DIFFERENCES_SHOWN])
    if differences:
        raise typer.Exit(FAILED)


def unpark(
    view: Annotated[
        str | None, typer.Argument(help="Rows of this view; of all if left out.")
    ] = None,
    id: Annotated[UUID | None, typer.Argument(help="This row of it.")] = None,
    *,
    data: Data = DATA,
    json: Json = False,
) -> None:
    """Try rows again that stand still because of an event their view could not take.

    After a fix, that is; code 1 if any still stands. A server does it at its start.
    """
    chosen, names = settings(data), [one.name for one in VIEWS]
    with answering():
        if view is not None and view not in names:
            raise NotFound(
                "view.unknown", f"There is no view {view}; there are {', '.join(names)}."
            )
        caught_up(chosen)
        going_on = bootstrap.unpark_views(chosen, view=view, key=id)
        with closing(bootstrap.open_views(chosen)) as views:
            count, still = views.parked_count(), _parked(views)
    if json:
        print_json({"going_on": going_on, "set_aside": count, "first": still})
    else:
        note(f"{going_on} rows go on, {count} stand still.")
        if still:
            print_rows(still, title="Set aside")
    if count:
        raise typer.Exit(FAILED)


def _status(chosen: Settings, log: SQLiteLog, views: ViewReader) -> dict[str, Any]:
    head, generation = log.head(), log.generation()
    recorded = datetime.fromtimestamp(head.recorded_at / 1e6, UTC) if head.position else None
    return {
        "name": chosen.name, "position": head.position, "recorded_at": recorded,
        "generation": generation.number, "writer": _writer(chosen),
        "followers": [_followed(log, one) for one in _standings(chosen, views)],
        "parked": _parked(views), "sizes": _sizes(chosen),
    }  # fmt: skip


def _writer(chosen: Settings) -> str:
    try:
        WriterLock(chosen.folder.writer_lock).release()
    except WriterRunning as running:
        return f"process {running.pid}"
    return "none runs"


def _standings(chosen: Settings, views: ViewReader) -> list[Standing]:
    found, facts = standings(views, chosen.folder.pii), bootstrap.facts_standing(chosen)
    if facts is not None:
        parked = len(facts["parked"])
        found.append(Standing("facts", facts["position"], parked, facts["rejected"]))
    return found


def _followed(log: SQLiteLog, one: Standing) -> dict[str, Any]:
    lacking = log.read(one.position, 1)
    seconds = time_ns() / 1e9 - lacking[0].recorded_at / 1e6 if lacking else 0.0
    return {
        "follower": one.name, "position": one.position,
        "behind": log.head().position - one.position, "seconds": f"{max(seconds, 0.0):.1f}",
        "set aside": one.parked, "unread": one.rejected,
    }  # fmt: skip


def _parked(views: ViewReader) -> list[dict[str, Any]]:
    try:
        some = views.all_parked(limit=PARKED_SHOWN)
    except Unavailable:
        return []
    return [
        {
            "view": one.view,
            "id": str(UUID(bytes=one.key)),
            "since": one.since_position,
            "why": one.error,
        }
        for one in some
    ]


def _sizes(chosen: Settings) -> dict[str, int]:
    """Bytes of each file and folder of the tenant."""

    def size(path: Path) -> int:
        files = [path] if path.is_file() else path.rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())

    found = {path.name: size(path) for path in sorted(chosen.data.iterdir())}
    return {name: taken for name, taken in found.items() if taken}


COMMANDS = (status, rebuild, verify, unpark)
