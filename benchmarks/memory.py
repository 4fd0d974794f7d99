"""The most memory a rebuild, a fill or an import takes at one million events and at four."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.bulk import make_log
from benchmarks.figure import Figure, peak_mib, scaled
from crm_es import bootstrap
from crm_es.followers.facts import FactsFollower
from crm_es.followers.rebuild import rebuild
from crm_es.intake.mapping import read_mapping
from crm_es.projections.views import VIEWS
from crm_es.settings import Settings

SMALL, LARGE = scaled(1_000_000), scaled(4_000_000)
LIMIT_MIB, GROWTH_MAX = 700, 1.2

_MAPPING = """
name = "many_calls"
[files.calls]
match = "*.csv"
[[rows]]
from = "calls"
[[rows.do]]
command = "RecordCall"
call_id = { id = ["call", "{id}"] }
customer_id = { id = ["customer", "{customer}"] }
direction = { const = "inbound" }
seconds = { column = "seconds", number = "int" }
at = { column = "at", time = "iso" }
"""


def figures(folder: Path) -> list[Figure]:
    found = []
    for what in ("views", "facts", "rows"):
        small, large = (_peak(what, folder, events) for events in (SMALL, LARGE))
        found += [
            Figure(
                f"{_TITLES[what]}: memory at {LARGE // SMALL} million events", "at 1 million",
                GROWTH_MAX, large / small, is_most=True, detail=f"{small:.0f} MiB at 1 million",
            ),
            Figure(f"{_TITLES[what]}: memory", "-", LIMIT_MIB, large, "MiB", is_most=True),
        ]  # fmt: skip
    return found


def _peak(what: str, folder: Path, events: int) -> float:
    """MiB of a process of its own that does one thing."""
    place = folder / f"{what}-{events}"
    bootstrap.init(Settings(data=place))
    if what == "rows":
        _write_calls(place / "calls.csv", events)
    else:
        make_log(place, events)
    code = "import sys; from benchmarks.memory import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", code, what, str(place)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    shutil.rmtree(place)
    return float(told.stdout.split()[-1])


def main(what: str, place: str) -> None:
    _WORK[what](Settings(data=Path(place)))
    print(peak_mib())


def _views(settings: Settings) -> None:
    folder = settings.folder.views
    folder.mkdir(exist_ok=True)
    with closing(bootstrap.open_log(settings)) as log:
        rebuild(folder, log, VIEWS)


def _facts(settings: Settings) -> None:
    with closing(bootstrap.open_facts(settings)) as store:
        with closing(FactsFollower(store, lambda: bootstrap.open_log(settings))) as follower:
            follower.catch_up()
        for name in store.tables.facts:
            store.rebuild(name)


def _rows(settings: Settings) -> None:
    files = [settings.data / "calls.csv"]
    with bootstrap.planned_import(settings, read_mapping(_MAPPING), files) as plan:
        bootstrap.carry_out(settings, plan, actor="bench")


def _write_calls(path: Path, count: int) -> None:
    with path.open("w") as file:
        file.write("id,customer,seconds,at\n")
        for n in range(count):
            hour, minute, second = n // 3600 % 24, n // 60 % 60, n % 60
            day = n // 200_000 + 1
            file.write(
                f"{n},{n * 7919 % 50_000},{n % 900},"
                f"2024-01-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z\n"
            )


_WORK: dict[str, Callable[[Settings], None]] = {"views": _views, "facts": _facts, "rows": _rows}
_TITLES = {"views": "rebuild of all views", "facts": "fill and rebuild of facts", "rows": "import"}
