"""The command line within this process: ``crm_es("status", data=folder)``.

A child would spend a second on loading everything; ``PROGRAM`` is there for who needs one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import orjson
from typer.testing import CliRunner

from crm_es.interfaces.cli.main import app

PROGRAM = Path(sys.executable).with_name("crm-es")


class Ran:
    """What a command said, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


def crm_es(*arguments: object, data: Path | None = None, **environment: str) -> Ran:
    """Run ``crm-es`` to its end. Raises what it leaves to a traceback."""
    given = [*map(str, arguments), *(() if data is None else ("--data", str(data)))]
    unset = {name: None for name in os.environ if name.startswith("CRM_ES_")}
    done = CliRunner().invoke(app, given, env={**unset, **environment})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)
