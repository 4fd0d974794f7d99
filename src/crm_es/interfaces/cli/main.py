"""``crm-es``: every command of the command line, in the order its help shows them."""

from __future__ import annotations

import typer

from crm_es.interfaces.cli import ask, bench, bring, demo, doctor, keep, order, run, tend

app = typer.Typer(
    name="crm-es",
    help="An event-sourced CRM. Commands go into the log; everything else is a fold of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

for module in (run, demo, order, ask, bring, tend, keep, doctor, bench):
    for command in module.COMMANDS:
        app.command(name=command.__name__.rstrip("_").replace("_", "-"))(command)
app.add_typer(bring.app, name="imports")

if __name__ == "__main__":
    app()
