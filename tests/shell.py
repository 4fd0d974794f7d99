"""The command line as a child process: ``crm_es("status", data=folder)``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

PROGRAM = Path(sys.executable).with_name("crm-es")


class Ran:
    """What a command said, and how it ended."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


def crm_es(*arguments: object, data: Path | None = None, **environment: str) -> Ran:
    """Run ``crm-es`` to its end."""
    command = [str(PROGRAM), *map(str, arguments)]
    if data is not None:
        command += ["--data", str(data)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CRM_ES_")}
    return Ran(
        subprocess.run(  # noqa: S603 - our own program
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**clean, "COLUMNS": "200", **environment},
        )
    )
