"""The demo company: ``demo``."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from crm_es import bootstrap
from crm_es.intake.demo import company, loader
from crm_es.intake.demo.generator import last_midnight
from crm_es.interfaces.cli.options import DATA, FAILED, Data, answering, settings, stop
from crm_es.interfaces.cli.output import note, progress
from crm_es.interfaces.cli.run import run
from crm_es.settings import Settings

REFUSED_SHOWN = 5


def demo(
    *,
    data: Data = DATA,
    serve: Annotated[bool, typer.Option("--serve", help="Then run the server.")] = False,
) -> None:
    """Play two years of an invented company into an empty store, as commands.

    What is there already stays as it is; a demo that was broken off is played to its end.
    """
    chosen = settings(data)
    with answering():
        if not chosen.folder.is_made:
            chosen = settings(data, name=company.NAME)
            bootstrap.init(chosen)
        _play(chosen)
    if serve:
        run(chosen)
    else:
        note(f"crm-es serve --data {chosen.data} serves it; crm-es --help lists what can be asked.")


def _play(chosen: Settings) -> None:
    if chosen.currency != company.CURRENCY:
        stop(FAILED, f"{company.NAME} reports in {company.CURRENCY}; this is {chosen.currency}.")
    with closing(bootstrap.open_log(chosen)) as log:
        is_empty = log.head().position == 0
        until = last_midnight(datetime.now(UTC)) if is_empty else loader.begun(log)
        if until is None:
            note(f"{chosen.data} holds something else already; the demo is left out.")
            return
        if not is_empty and loader.is_whole(log, until):
            note(f"{company.NAME} is there already.")
            return
    submitter = bootstrap.open_submitter(chosen)
    try:
        with progress(f"Two years of {company.NAME}", "commands") as report:
            played = loader.play(submitter, until, report)
    finally:
        submitter.close()
    if played.refused:
        some = ", ".join(f"{n} {code}" for code, n in played.refused.most_common(REFUSED_SHOWN))
        stop(FAILED, f"{sum(played.refused.values())} commands of the demo were refused: {some}")
    note(f"{played.commands:,} commands of {company.NAME} are recorded in {chosen.data}.")


COMMANDS = (demo,)
