"""Options every command takes, and the tenant they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from crm_es import bootstrap
from crm_es.access import NotLoopback
from crm_es.errors import NotFound, Refused, Unavailable
from crm_es.interfaces.cli.output import complain
from crm_es.interfaces.listening import PortTaken
from crm_es.log.backup import NotABackup
from crm_es.log.keys import KeyMissing
from crm_es.log.lock import Held
from crm_es.settings import Settings

FAILED, USAGE, REFUSED, NOT_THERE, NOT_NOW = 1, 2, 3, 4, 5
"""Exit codes: a fault or a check that failed; asked wrongly; turned down by a rule; no tenant or
nothing of that name; not now, but perhaps later."""

Data = Annotated[
    Path,
    typer.Option(
        "--data", envvar="CRM_ES_DATA", help="The folder of the tenant.", show_default=True
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

DATA = Path("data")

_HELD = (Held, NotABackup, KeyMissing, NotLoopback, PortTaken)


def settings(data: Path, **given: Any) -> Settings:
    """The settings of a folder; a wrong one ends the program with what is wrong.

    What is given goes before the environment and the folder's own; None is not given.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        return bootstrap.settings_of(data, **chosen)
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
    except Unavailable as reason:
        stop(NOT_NOW, f"{reason.detail} ({reason.code})")
    except NotFound as missing:
        stop(NOT_THERE, f"{missing.detail} ({missing.code})")
    except Refused as refusal:
        stop(REFUSED, f"{refusal.detail} ({refusal.code})")
    except bootstrap.NoTenant as missing:
        stop(NOT_THERE, str(missing))
    except _HELD as reason:
        stop(REFUSED, str(reason))


def stop(code: int, why: str) -> NoReturn:
    complain(why)
    raise typer.Exit(code)
