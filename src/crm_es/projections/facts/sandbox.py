"""Somebody's own SQL: answered from a snapshot in a process of its own that can do no harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from crm_es.errors import Invalid, Unavailable
from crm_es.projections.facts.catalogue import Column
from crm_es.projections.facts.snapshot import NoSnapshot, Snapshot, current

_PROGRAM = Path(__file__).parent / "sandboxed.py"
SQL_SIZE_MAX = 100_000
_SLACK = 1 << 20
"""What may come beyond the limit of bytes: the row that crossed it, and how it ended."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one question may take."""

    seconds: float = 10.0
    """On the wall; then the process is killed."""
    rows: int = 10_000
    bytes: int = 16 << 20
    memory_mib: int = 256
    """What DuckDB may use; the process as a whole has ``address_mib``."""
    address_mib: int = 1_536
    cpu_seconds: int = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and the snapshot it is true of."""

    columns: list[Column]
    rows: list[list[Any]]
    """JSON values: decimals, ids and times are text."""
    is_cut: bool
    """Whether there would have been more than the limits allow."""
    snapshot: Snapshot
    seconds: float


def ask_snapshot(
    snapshots: Path, sql: str, *, limits: Limits | None = None, as_of: int | None = None
) -> Answer:
    """One SELECT on the newest snapshot, or on what it knew at a position.

    Raises Unavailable ``sql.no_snapshot``; Invalid ``sql.too_long``, ``sql.not_one_select``,
    ``sql.failed`` with DuckDB's own words, ``sql.too_slow``, ``sql.too_large``.
    """
    if len(sql) > SQL_SIZE_MAX:
        raise Invalid("sql.too_long", f"A question has up to {SQL_SIZE_MAX} characters.")
    try:
        snapshot = current(snapshots)
    except NoSnapshot as none:
        raise Unavailable("sql.no_snapshot", str(none)) from None
    chosen = limits or Limits()
    request = {
        "snapshot": str(snapshot.path), "sql": sql, "as_of": as_of, "limits": asdict(chosen),
    }  # fmt: skip
    began = monotonic()
    said = _run(json.dumps(request).encode(), chosen)
    seconds = monotonic() - began
    lines = said.splitlines()
    ending = json.loads(lines.pop()) if said.endswith(b"\n") else None
    if not isinstance(ending, dict):  # it fell silent in the middle
        if seconds >= chosen.seconds:
            raise Invalid("sql.too_slow", f"It took more than {chosen.seconds:g} s.")
        raise Invalid("sql.too_large", "That takes more than there is for a question.")
    if ending["code"] is not None:
        raise Invalid(ending["code"], ending["detail"])
    columns, *rows = map(json.loads, lines)
    return Answer(
        [Column(name, kind) for name, kind in columns], rows, ending["is_cut"], snapshot, seconds
    )


def _run(request: bytes, limits: Limits) -> bytes:
    """What the child says until it ends, is too loud or too slow."""
    child = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-I", str(_PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True,
    )  # fmt: skip
    timer = threading.Timer(limits.seconds, _kill, [child.pid])
    timer.start()
    try:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - pipes
        with suppress(BrokenPipeError):
            child.stdin.write(request)
            child.stdin.close()
        return child.stdout.read(limits.bytes + _SLACK)
    finally:
        timer.cancel()
        _kill(child.pid)
        child.wait()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
