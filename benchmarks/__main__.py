"""All figures, each module in a process of its own; written to docs/BENCHMARKS.md.

python -m benchmarks [--small] [MODULE ...]

``--small`` is to see that every figure can be made: a fiftieth of the sizes, and no page.
"""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from os import environ
from pathlib import Path

from benchmarks.figure import HEAD, Figure, machine

MODULES = (
    "commands", "http_commands", "imports", "rebuild", "facts", "freshness", "reads", "memory",
)  # fmt: skip
SMALL = "0.02"
PAGE = Path(__file__).parents[1] / "docs" / "BENCHMARKS.md"
_INTRODUCTION = """\
# Figures

Each is a ratio of two things measured in the same run, or a time. `make bench` measures them anew
and writes this page. They were taken on {machine}, {day}.

{table}
"""


def main(names: list[str]) -> int:
    is_small = "--small" in names
    names = [name for name in names if name != "--small"]
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        print(f"There is no {', '.join(unknown)}; there are {', '.join(MODULES)}.", file=sys.stderr)
        return 2
    if is_small:
        environ["BENCH_SCALE"] = SMALL
    rows: list[str] = []
    for name in names or MODULES:
        print(f"\n{name}\n{HEAD}", flush=True)
        for figure in _measured(name):
            rows.append(figure.row())
            print(rows[-1], flush=True)
    if not names and not is_small:
        day = datetime.now(UTC).date().isoformat()
        table = "\n".join([HEAD, *rows])
        text = _INTRODUCTION.format(machine=machine(), day=day, table=table)
        PAGE.write_text(text, encoding="utf-8")
        print(f"\nwritten to {PAGE}")
    return 0


def _measured(name: str) -> list[Figure]:
    """In a fresh process, so that no module's memory or caches are another's."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures"
        command = [sys.executable, "-m", "benchmarks", "--one", name, folder, str(out)]
        subprocess.run(command, check=True)  # noqa: S603 - this very package
        figures: list[Figure] = pickle.loads(out.read_bytes())  # noqa: S301 - we wrote it
        return figures


def _one(name: str, folder: str, out: str) -> int:
    module = importlib.import_module(f"benchmarks.{name}")
    Path(out).write_bytes(pickle.dumps(module.figures(Path(folder) / name)))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.exit(_one(*sys.argv[2:]))
    sys.exit(main(sys.argv[1:]))
