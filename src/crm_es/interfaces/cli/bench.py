"""The published figures: ``bench``, where there is a source tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from crm_es.interfaces.cli.options import NOT_THERE, stop


def bench(
    modules: Annotated[list[str] | None, typer.Argument(help="Which; all if left out.")] = None,
    *,
    small: Annotated[
        bool, typer.Option("--small", help="Only see that each can be measured; minutes, no page.")
    ] = False,
) -> None:
    """Measure the published figures, an hour or so; all of them are written to the docs.

    They come with the source tree, not with the package.
    """
    tree = Path(__file__).parents[4]
    if not (tree / "benchmarks" / "__main__.py").exists():
        stop(NOT_THERE, "The benchmarks come with the source tree: run it there.")
    asked = [*(["--small"] if small else []), *(modules or [])]
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "benchmarks", *asked], cwd=tree, check=False
    )
    raise typer.Exit(done.returncode)


COMMANDS = (bench,)
