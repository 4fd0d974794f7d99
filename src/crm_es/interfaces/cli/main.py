"""``crm-es``: every command of the command line, in the order its help shows them."""

from __future__ import annotations

import typer

from crm_es.interfaces.cli import ask, demo, doctor, keep, order, run, tend

app = typer.Typer(
    name="crm-es",
    help="An event-sourced CRM. Commands go into the log; everything else is a fold of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

for module in (keep, run, order, ask, tend, doctor, demo):
    for command in module.COMMANDS:
        app.command(name=command.__name__.rstrip("_").replace("_", "-"))(command)

if __name__ == "__main__":
    app()
