"""Rows in: ``import``, and what became of imports: ``imports list | show | revert``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from crm_es import bootstrap
from crm_es.errors import NotFound
from crm_es.intake.mappings import shipped_names
from crm_es.intake.milestones import Halted
from crm_es.interfaces.cli.fresh import reading
from crm_es.interfaces.cli.options import (
    DATA,
    FAILED,
    NOT_NOW,
    Data,
    Json,
    answering,
    settings,
    stop,
)
from crm_es.interfaces.cli.output import note, print_fields, print_json, print_rows, progress
from crm_es.interfaces.opening import opened
from crm_es.projections.views.imports import VIEW, imports
from crm_es.projections.views.paging import found as rows_of
from crm_es.settings import Settings

if TYPE_CHECKING:
    from crm_es.intake.aside import PlanAside
    from crm_es.intake.report import Report

COUNTS = ("rows", "used", "units", "seconds")
"""What a report is summed up by."""

app = typer.Typer(help="What became of imports.", no_args_is_help=True)


def import_(
    mapping: Annotated[
        str, typer.Argument(help=f"A TOML file, or one of: {', '.join(shipped_names())}.")
    ],
    files: Annotated[list[Path], typer.Argument(help="The files, or the one folder they lie in.")],
    *,
    data: Data = DATA,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would happen; nothing is recorded.")
    ] = False,
    actor: Annotated[str, typer.Option(help="Who imports.")] = "import",
    json: Json = False,
) -> None:
    """Bring files in as a mapping says. Broken off, the same again goes on where it stopped."""
    chosen = settings(data)
    with _importing():
        known = bootstrap.mapping_of(mapping)
        with bootstrap.planned_import(chosen, known, files) as plan:
            way = bootstrap.rehearse_import if dry_run else bootstrap.carry_out
            report = _carried_out(way, chosen, plan, actor)
    _tell(report, json=json)


@app.command(name="list")
def list_(*, data: Data = DATA, json: Json = False) -> None:
    """List imports, the latest first."""
    with answering(), reading(settings(data)) as found:
        items = opened(imports(found.views.db).items, found.sealer)
    if json:
        print_json(items)
    else:
        names = ("id", "at", "mapping", "state")
        print_rows([{name: one[name] for name in names} for one in items])


@app.command()
def show(id: UUID, *, data: Data = DATA, json: Json = False) -> None:
    """Show one import with its report."""
    with answering(), reading(settings(data)) as found:
        items = rows_of(found.views.db, VIEW.table, [id])
        if not items:
            raise NotFound("import.not_found", f"There is no import {id}.")
        shown = opened(items[0], found.sealer)
    if json:
        print_json(shown)
    else:
        print_fields(shown)


@app.command()
def revert(
    id: UUID,
    *,
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    data: Data = DATA,
    actor: Annotated[str, typer.Option(help="Who takes it back.")] = "import",
    json: Json = False,
) -> None:
    """Take an import back: what it began and nobody has touched since."""
    chosen, done = settings(data), 0
    with _importing(), progress("revert", "things") as report:

        def told(count: int) -> None:
            nonlocal done
            done += count
            report(done, 0)

        came = bootstrap.revert_import(chosen, id, reason=reason, actor=actor, progress=told)
    result = {"taken_back": came.taken_back, "kept": came.kept, "listed": str(came.listed)}
    if json:
        print_json(result)
    else:
        print_fields(result)


@contextmanager
def _importing() -> Iterator[None]:
    from crm_es.intake.accounting import Unaccounted  # noqa: PLC0415 - with DuckDB, for these only

    with answering():
        try:
            yield
        except Halted as reason:
            stop(NOT_NOW, f"{reason} The same again goes on where it stopped.")
        except Unaccounted as fault:
            stop(FAILED, str(fault))


def _carried_out(
    way: Callable[..., Report], chosen: Settings, plan: PlanAside, actor: str
) -> Report:
    done, total = 0, sum(profile.rows for profile in plan.profiles.values())
    with progress("import", "lines") as report:

        def told(lines: int) -> None:
            nonlocal done
            done += lines
            report(done, total)

        return way(chosen, plan, actor=actor, progress=told)


def _tell(report: Report, *, json: bool) -> None:
    figures = report.figures
    if json:
        print_json(
            {
                "import_id": report.import_id, "mapping": report.mapping,
                "is_repeat": report.is_repeat, "is_rehearsal": report.is_rehearsal,
                "is_decided": report.is_decided,
                "rejects": str(report.rejects), **figures,
            }
        )  # fmt: skip
        return
    print_fields(
        {"import": str(report.import_id), **{name: figures[name] for name in COUNTS}},
        title=f"{report.mapping}{', rehearsed' if report.is_rehearsal else ''}",
    )
    for name in ("commands", "skipped", "rejected", "known", "findings"):
        if figures[name]:
            print_fields(figures[name], title=f"\n{name.capitalize()}")
    if report.is_repeat:
        note("It was imported before; nothing was done.")
    if not report.is_decided:
        note(
            "A server runs here: what depends on what it has recorded was not asked."
            " Stop it to rehearse that as well."
        )
    if figures["rejected"]:
        note(f"What was rejected, and why, stands in {report.rejects}.")


COMMANDS = (import_,)
