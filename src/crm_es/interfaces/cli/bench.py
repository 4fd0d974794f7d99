"""The published figures: ``bench``, where there is a source tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from crm_es.interfaces.cli.options import NOT_THERE, stop


def bench() -> None:
    """Measure the published figures; they come with the source tree, not with the package."""
    tree = Path(__file__).parents[4]
    if not (tree / "benchmarks" / "__main__.py").exists():
        stop(NOT_THERE, "The benchmarks come with the source tree: run it there.")
    done = subprocess.run([sys.executable, "-m", "benchmarks"], cwd=tree, check=False)
    raise typer.Exit(done.returncode)


COMMANDS = (bench,)
