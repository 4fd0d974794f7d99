"""A figure: what was measured, against what, the least it must be, and what it was."""

from __future__ import annotations

import os
import platform
import resource
import sqlite3
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import duckdb

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
"""What part of its size everything has. Below 1 the figures say nothing but that they are made."""


def scaled(count: int) -> int:
    """A number of events, commands or rows, in the size that was asked for."""
    return max(int(count * SCALE), 1)


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``floor`` and ``value`` have the same unit."""

    what: str
    against: str
    floor: float
    value: float
    unit: str = "x"
    is_most: bool = False
    """The floor is a ceiling: a latency, a memory."""
    detail: str = ""
    is_small: bool = SCALE < 1

    @property
    def holds(self) -> bool:
        return self.value <= self.floor if self.is_most else self.value >= self.floor

    def row(self) -> str:
        bound = f"{'<=' if self.is_most else '>='} {self.floor:g} {self.unit}"
        verdict = "holds" if self.holds else "**missed**"
        if self.is_small:
            verdict = "too small to tell"
        return (
            f"| {self.what} | {self.against} | {bound} | {self.value:.3g} {self.unit} |"
            f" {verdict} | {self.detail} |"
        )


HEAD = "| what | against | bound | measured | | |\n|---|---|---|---|---|---|"


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def paired(ours: Callable[[], float], floor: Callable[[], float], rounds: int = 3) -> float:
    """The median of floor seconds / our seconds, pair by pair: holds when the machine drifts."""
    return statistics.median(floor() / ours() for _ in range(rounds))


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * q))]


def peak_mib() -> float:
    """The most memory this process ever had, with the most of one that it forked and that ended.

    Not our own ``ru_maxrss``: that of a child begins at what its parent had when it forked. What a
    fork shares with us is counted twice.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kib,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return (int(kib) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def machine() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{os.cpu_count()} cores, {pages / 2**30:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, DuckDB {duckdb.__version__}"
    )
