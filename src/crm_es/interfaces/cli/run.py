"""Running the server: ``serve``."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from typing import Annotated

import typer

from crm_es.interfaces import server
from crm_es.interfaces.cli.options import DATA, FAILED, Data, answering, settings, stop
from crm_es.interfaces.cli.output import note
from crm_es.interfaces.supervisor import GaveUp, Supervisor
from crm_es.settings import Settings


def serve(
    *,
    data: Data = DATA,
    host: Annotated[str | None, typer.Option(help="The address; loopback if not given.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 8470 if not given.")] = None,
) -> None:
    """Run the server: log, api, follow and facts, until Ctrl-C.

    A process that falls is started again.
    """
    run(settings(data, host=host, port=port))


def run(chosen: Settings, tell: Callable[[str], None] | None = None) -> None:
    """Serve until told to stop; ``tell`` is given the address once everything is ready."""
    logging.basicConfig(level=chosen.log_level.upper(), format="%(asctime)s %(message)s")
    with answering(), server.place(chosen) as port:
        supervisor = Supervisor(server.parts(chosen, port))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.stop())
        url = f"http://{f'[{chosen.host}]' if ':' in chosen.host else chosen.host}:{port}"
        try:
            supervisor.run(lambda: (tell or _tell)(url))
        except GaveUp as reason:
            stop(FAILED, str(reason))
    note("Stopped.")


def _tell(url: str) -> None:
    note(f"\nReady at {url}\n")
    note(f"  {url}/docs/            what can be asked, with examples")
    note(f"  {url}/v1/customers     the customers; each has a 360-degree view and a timeline")
    note(f"  {url}/v1/facts         the fact tables, as Parquet, CSV or Arrow")
    note(f"  {url}/readyz           how the server is\n\nCtrl-C stops it.")


COMMANDS = (serve,)
