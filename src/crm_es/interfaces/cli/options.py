"""Options every command takes, and the tenant they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from crm_es import bootstrap
from crm_es.errors import Refused
from crm_es.interfaces.cli.output import complain
from crm_es.log.backup import NotABackup
from crm_es.log.keys import KeyMissing
from crm_es.log.lock import WriterRunning
from crm_es.settings import Settings

USAGE, REFUSED, NOT_THERE = 2, 3, 4
"""Exit codes: asked wrongly, turned down by a rule, no tenant or nothing of that name."""

Data = Annotated[
    Path,
    typer.Option(
        "--data", envvar="CRM_ES_DATA", help="The folder of the tenant.", show_default=True
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

DATA = Path("data")


def settings(data: Path) -> Settings:
    """The settings of a folder; a wrong one ends the program with what is wrong."""
    try:
        return bootstrap.settings_of(data)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        for one in wrong:
            complain(f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
        raise typer.Exit(USAGE) from None


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the CRM says no with into a line and an exit code; bugs keep their traceback."""
    try:
        yield
    except Refused as refusal:
        stop(REFUSED, f"{refusal.detail} ({refusal.code})")
    except bootstrap.NoTenant as missing:
        stop(NOT_THERE, str(missing))
    except (WriterRunning, NotABackup, KeyMissing) as reason:
        stop(REFUSED, str(reason))


def stop(code: int, why: str) -> NoReturn:
    complain(why)
    raise typer.Exit(code)
