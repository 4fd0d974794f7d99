"""A plan made in a process of its own: reading and mapping go on while the writer decides.

The process is forked before anything is opened and speaks over one pipe: first of the files, or
why they cannot be read, then, when asked, the steps in pieces, each as plain values, and last
whatever is asked of the rows. It ends when the pipe does.
"""

from __future__ import annotations

import marshal
import signal
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import starmap
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import duckdb

from crm_es.application import settle_memory
from crm_es.intake.ahead import ahead
from crm_es.intake.chunks import chunks
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping import Mapping as Whole
from crm_es.intake.plan import Plan
from crm_es.intake.spool import MEMORY, FileProfile
from crm_es.intake.units import Planned, Reject, Skip, Step, Unit

CHUNKS_AHEAD = 6
END_SECONDS = 60.0
"""What it may take to end once nobody listens: the longest statement on a span of rows."""
_FORK = get_context("fork")  # an interpreter of its own would load a second of modules first
_SKIP, _REJECT, _UNIT = range(3)
_SETUP, _END = -1, b""

Plain = tuple[Any, ...]
T = TypeVar("T")


class PlanAside:
    """As ``Plan``, but its steps come in pieces, and once only."""

    def __init__(
        self,
        mapping: Whole,
        files: Mapping[str, Sequence[Path]],
        *,
        folder: Path,
        limits: Limits = OPERATOR,
        memory: str = MEMORY,
    ) -> None:
        """Raises what ``Plan`` raises."""
        self.mapping = mapping
        self._line, theirs = _FORK.Pipe()
        make = partial(Plan, mapping, files, folder=folder, limits=limits, memory=memory)
        self._process = _FORK.Process(
            target=_serve, args=(self._line, theirs, make), name="plan", daemon=True
        )
        self._process.start()
        theirs.close()
        self.profiles: dict[str, FileProfile]
        self.import_id: UUID
        try:
            self.profiles, self.import_id = self._told()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def chunks(self) -> Generator[list[Step]]:
        """The steps in pieces that one transaction takes. Raises what planning raises."""
        self._line.send(None)
        steps = _Steps(self.mapping)
        while packed := self._heard(self._line.recv_bytes):
            yield steps.of(packed)
        self._told()

    def lines(self, role: str) -> list[int]:
        """Every data line of a file, those that are no record among them."""
        self._line.send(role)
        lines: list[int] = self._told()
        return lines

    def _told(self) -> Any:
        """What the other process answers. Raises what it failed of."""
        told = self._heard(self._line.recv)
        if isinstance(told, Exception):
            raise told
        return told

    def _heard(self, receive: Callable[[], T]) -> T:
        try:
            return receive()
        except EOFError:
            raise RuntimeError("The process that plans the import has ended.") from None


class _Steps:
    """Steps from plain values and back; what a unit shares with others stays where it is."""

    def __init__(self, mapping: Whole) -> None:
        self._rows = mapping.rows
        self._numbers = {id(rows): n for n, rows in enumerate(mapping.rows)}

    def plain(self, steps: Sequence[Step]) -> bytes:
        return marshal.dumps([self._plain(step) for step in steps])

    def _plain(self, step: Step) -> Plain:
        if isinstance(step, Skip):
            return _SKIP, *step
        if isinstance(step, Reject):
            return _REJECT, *step
        n = _SETUP if step.rows is None else self._numbers[id(step.rows)]
        commands, updates = map(tuple, step.commands), map(tuple, step.updates)
        return _UNIT, step.ordinal, n, step.lines, [*commands], [*updates]

    def of(self, packed: bytes) -> list[Step]:
        return [self._step(*values) for values in marshal.loads(packed)]  # noqa: S302 - ours

    def _step(self, kind: int, *values: Any) -> Step:
        if kind != _UNIT:
            return Skip(*values) if kind == _SKIP else Reject(*values)
        ordinal, n, lines, commands, updates = values
        rows = None if n == _SETUP else self._rows[n]
        return Unit(
            ordinal, rows, lines, [*starmap(Planned, commands)], [*starmap(Planned, updates)]
        )


def _serve(ours: Connection, line: Connection, make: Callable[[], Plan]) -> None:
    """The other process, from its start to its end."""
    ours.close()  # or this end would never be the last
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides when to stop
    settle_memory()
    with suppress(EOFError, ConnectionError):
        try:
            with make() as plan:
                line.send((plan.profiles, plan.import_id))
                _answer(plan, line)
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is raised over there
            line.send(failure)


def _answer(plan: Plan, line: Connection) -> None:
    steps = _Steps(plan.mapping)
    while True:
        role = line.recv()
        if role is not None:
            line.send(plan.lines(role))
            continue
        failure: Exception | None = None
        with closing(ahead(map(steps.plain, chunks(plan)), CHUNKS_AHEAD)) as coming:
            try:
                for packed in coming:
                    line.send_bytes(packed)
            except duckdb.Error as error:
                failure = error
        line.send_bytes(_END)
        line.send(failure)
