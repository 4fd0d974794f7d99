"""Making, keeping and moving a tenant: ``init``, ``backup``, ``restore``, ``export``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from crm_es import bootstrap
from crm_es.interfaces.cli.options import DATA, USAGE, Data, Json, answering, settings, stop
from crm_es.interfaces.cli.output import note, out, print_fields, print_json, progress
from crm_es.log.backup import back_up
from crm_es.log.backup import restore as put_back
from crm_es.log.envelope import Record
from crm_es.log.export import lines
from crm_es.log.sealing import Sealer
from crm_es.log.sqlite import SQLiteLog

PAGE = 5_000


def init(
    *,
    data: Data = DATA,
    name: Annotated[str, typer.Option(help="What the company calls this CRM.")] = "tenant",
    zone: Annotated[str, typer.Option(help="The time zone of its days.")] = "UTC",
    currency: Annotated[str, typer.Option(help="Its reporting currency.")] = "EUR",
) -> None:
    """Make a new tenant; one that is there already is left as it is."""
    with answering():
        chosen = bootstrap.settings_of(data, name=name, business_zone=zone, currency=currency)
        made = bootstrap.init(chosen)
    out.print(f"{data} {'is made' if made else 'was there already'}.", markup=False)
    if made:
        note(f"Keep {chosen.folder.master_key} apart from backups: without it no name can be read.")


def backup(
    target: Annotated[Path, typer.Argument(help="An empty folder, or one that is not there yet.")],
    *,
    data: Data = DATA,
    json: Json = False,
) -> None:
    """Copy the log and its keys beside a running server; the master key is not copied."""
    with answering(), progress("backup", "pages") as report:
        kept = back_up(bootstrap.open_log(settings(data)).path.parent, target, report)
    _tell(kept._asdict(), json=json)


def restore(
    source: Annotated[Path, typer.Argument(help="A folder that backup made.")],
    *,
    data: Data = DATA,
    json: Json = False,
) -> None:
    """Put a backup into an empty folder as a new generation of the log.

    The master key is put beside it by hand. Views and facts are rebuilt from the log.
    """
    with answering():
        kept = put_back(source, data)
    _tell(kept._asdict(), json=json)
    key = settings(data).folder.master_key
    if not key.exists():
        note(f"Now put the master key at {key}: without it no name can be read.")


def export(
    *,
    data: Data = DATA,
    customer: Annotated[UUID | None, typer.Option(help="Only this customer's history.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only what came after this position.")] = 0,
    clear: Annotated[bool, typer.Option("--clear", help="Open personal texts.")] = False,
) -> None:
    """Write the log as lines of JSON to standard output, sealed as it is unless told otherwise."""
    with answering():
        chosen = settings(data)
        log = bootstrap.open_log(chosen)
        opened = Sealer(bootstrap.open_keys(chosen)).open if clear else None
        _write(_pages(log, customer, after), opened)


def _pages(log: SQLiteLog, customer: UUID | None, after: int) -> Iterator[list[Record]]:
    head = log.head().position
    if after > head:
        stop(USAGE, f"The log ends at position {head}.")
    while True:
        if customer is None:
            page = log.read(after, PAGE)
        else:
            page = log.of_subject(customer, after=after, limit=PAGE)
        if not page:
            return
        yield page
        after = page[-1].position


def _write(pages: Iterator[list[Record]], opened: Callable[[str], str | None] | None) -> None:
    for page in pages:
        sys.stdout.buffer.writelines(lines(page, opened))
    sys.stdout.flush()


def _tell(kept: dict[str, int], *, json: bool) -> None:
    if json:
        print_json(kept)
    else:
        print_fields(kept)


COMMANDS = (init, backup, restore, export)
