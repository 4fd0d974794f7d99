"""A plan made in a process of its own: reading and mapping go on while the writer decides.

The process is forked before anything is opened and speaks over one pipe: first of the files, or
why they cannot be read, then, each time it is asked, of one transaction's steps, and last whatever
is asked of the rows. While nobody asks it checks the steps that come next, so that the work divides
itself between the two. It ends when the pipe does.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from crm_es.application import settle_memory
from crm_es.intake.ahead import ahead
from crm_es.intake.checking import check
from crm_es.intake.chunks import chunks
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping import Mapping as Whole
from crm_es.intake.pieces import Piece, Pieces
from crm_es.intake.plan import Plan
from crm_es.intake.spool import MEMORY, FileProfile
from crm_es.intake.units import Step, Unit

CHUNKS_AHEAD = 6
CHECKED_MAX = 32
"""So many steps are checked before it is seen whether somebody asks."""
LIGHT_MAX = 600
"""Bytes of a command that is checked ahead: an order with lines costs as much to hand over."""
END_SECONDS = 60.0
"""What it may take to end once nobody listens: the longest statement on a span of rows."""
_FORK = get_context("fork")  # an interpreter of its own would load a second of modules first
_END = b""

T = TypeVar("T")


class PlanAside:
    """As ``Plan``, but its steps come in pieces, each time to their end."""

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

    def chunks(self) -> Generator[list[Piece]]:
        """The steps in pieces that one transaction takes. Raises what planning raises."""
        pieces = Pieces(self.mapping)
        self._ask(None)
        while packed := self._asked(None, self._line.recv_bytes):
            yield pieces.of(packed)
        self._told()

    def lines(self, role: str) -> list[int]:
        """Every data line of a file, those that are no record among them."""
        lines: list[int] = self._told(role)
        return lines

    def _told(self, role: str | None = None) -> Any:
        """What the other process answers, of a file if asked. Raises what it failed of."""
        told = self._heard(self._line.recv) if role is None else self._asked(role, self._line.recv)
        if isinstance(told, Exception):
            raise told
        return told

    def _asked(self, what: str | None, receive: Callable[[], T]) -> T:
        self._ask(what)
        return self._heard(receive)

    def _ask(self, what: str | None) -> None:
        with suppress(BrokenPipeError):  # then there is nothing to be heard either
            self._line.send(what)

    def _heard(self, receive: Callable[[], T]) -> T:
        try:
            return receive()
        except (EOFError, ConnectionError):
            raise RuntimeError("The process that plans the import has ended.") from None


def _serve(ours: Connection, line: Connection, make: Callable[[], Plan]) -> None:
    """The other process, from its start to its end."""
    ours.close()  # or this end would never be the last
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides when to stop
    settle_memory()
    with suppress(EOFError, ConnectionError):
        try:
            with make() as plan:
                line.send((plan.profiles, plan.import_id))
                while True:
                    _await(plan, line)
                    _send_steps(plan, line)
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is raised over there
            line.send(failure)


def _send_steps(plan: Plan, line: Connection) -> None:
    """All of them, each time somebody asks for some."""
    pieces = Pieces(plan.mapping)
    failure: Exception | None = None
    with closing(ahead(chunks(plan), CHUNKS_AHEAD)) as coming:
        try:
            for chunk in coming:
                packed = pieces.packed(_looked_at(chunk, line))
                _await(plan, line)
                line.send_bytes(packed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised over there
            failure = error
    _await(plan, line)
    line.send_bytes(_END)
    line.send(failure)


def _await(plan: Plan, line: Connection) -> None:
    """Wait until steps are asked for, and answer what else is asked until then."""
    while (role := line.recv()) is not None:
        line.send(plan.lines(role))


def _looked_at(chunk: Sequence[Step], line: Connection) -> Iterator[Piece]:
    """The same, with light units checked until somebody asks."""
    is_asked = False
    for n, step in enumerate(chunk):
        is_asked = is_asked or (n % CHECKED_MAX == 0 and line.poll())
        if isinstance(step, Unit) and not is_asked and _is_light(step):
            yield check(step, step.commands)
        else:
            yield step


def _is_light(unit: Unit) -> bool:
    return all(len(planned.body) <= LIGHT_MAX for planned in unit.commands)
