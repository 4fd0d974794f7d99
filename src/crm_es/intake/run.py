"""An import, carried out: planning, checking and recording go on side by side, in the plan's order.

Started before its first row and committed with its report. Run again it goes on where it stopped,
and comes to what one clean run comes to: command ids are functions of the import and the row, and
what was refused stays refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from crm_es.aggregates.platform.import_batch import ImportState
from crm_es.errors import Refused
from crm_es.intake.aside import PlanAside
from crm_es.intake.checking import Checked, check
from crm_es.intake.milestones import Halted, standing, tell
from crm_es.intake.pieces import Piece
from crm_es.intake.refusals import Refusal, Refusals
from crm_es.intake.rejects import RejectsFile, rejects_path
from crm_es.intake.report import Report
from crm_es.intake.sending import Outcome, Sendable, Sender
from crm_es.intake.shortcomings import refused
from crm_es.intake.tally import Tally
from crm_es.intake.texts import label
from crm_es.intake.units import Reject, Skip, Unit
from crm_es.log.queue import Submitter
from crm_es.log.recorder import LogRecorder

DETAIL_MAX = 1_000
"""Characters of why it failed."""

Progress = Callable[[int], None]
"""Told now and then how many lines were dealt with since it was last told."""
Dealt = Sendable | list[Reject] | Skip
"""What is to become of a piece: sent, rejected or passed over."""


class _UnderWay(NamedTuple):
    dealt: Sequence[Dealt]
    answer: Future[list[Outcome]]


class Run:
    """One import on its way into the log."""

    def __init__(
        self,
        plan: PlanAside,
        submitter: Submitter,
        log: LogRecorder,
        *,
        folder: Path,
        actor: str,
        progress: Progress = lambda lines: None,
    ) -> None:
        """``log`` is a reader, ``folder`` is where rejects and refusals are kept."""
        self._plan, self._submitter, self._log, self._folder = plan, submitter, log, folder
        self._actor, self._progress = actor, progress
        self._rejects = rejects_path(folder, plan.import_id)

    def carry_out(self) -> Report:
        """Raises Refused where it cannot begin or its setup is refused, Halted, Unaccounted."""
        known = standing(self._log, self._plan.import_id)
        if known is not None and known.state is ImportState.COMMITTED:
            return self._report(known.committed or {}, is_repeat=True)
        with closing(Refusals(self._folder, self._plan.import_id)) as refusals:
            self._start()
            try:
                figures = self._carry_out(refusals)
                self._tell("CommitImport", **figures)
            except Exception as error:
                self._fail(error)
                raise
            refusals.drop()
        return self._report(figures)

    def _carry_out(self, refusals: Refusals) -> dict[str, Any]:
        began = monotonic()
        with RejectsFile(self._rejects) as rejects:
            sender = Sender(self._submitter, self._plan.import_id, self._actor)
            course = _Course(Tally(self._plan, rejects), refusals, sender)
            course.follow(self._plan, self._progress)
            now = standing(self._log, self._plan.import_id)
            begun_at = now.begun_at if now else 0
            findings = self._log.findings(self._plan.import_id, after=begun_at)
            return course.tally.figures(findings=findings, seconds=round(monotonic() - began))

    def _start(self) -> None:
        mapping = self._plan.mapping
        files = [
            {"role": role, "name": label(name), "sha256": sha256}
            for role, found in self._plan.profiles.items()
            for name, sha256 in zip(found.paths, found.sha256, strict=True)
        ]
        self._tell("StartImport", mapping=mapping.name, mapping_sha256=mapping.digest, files=files)

    def _fail(self, error: Exception) -> None:
        """Tell the log, if it still listens; what stopped us is told to the caller anyway."""
        code = "import.halted" if isinstance(error, Halted) else "import.fault"
        if isinstance(error, Refused):
            code = error.code
        told = type(error).__name__ if code == "import.fault" else str(error)[:DETAIL_MAX]
        with suppress(Refused, Halted):
            self._tell("FailImport", code=code, detail=told)

    def _tell(self, name: str, **body: Any) -> None:
        tell(self._submitter, self._plan.import_id, self._actor, name, **body)

    def _report(self, figures: dict[str, Any], *, is_repeat: bool = False) -> Report:
        plan = self._plan
        return Report(plan.import_id, plan.mapping.name, figures, self._rejects, is_repeat)


class _Course:
    """The course of one run: what is checked while the piece before it is at the writer."""

    def __init__(self, tally: Tally, refusals: Refusals, sender: Sender) -> None:
        self.tally, self._refusals, self._sender = tally, refusals, sender

    def follow(self, plan: PlanAside, progress: Progress) -> None:
        with (
            closing(plan.chunks()) as coming,
            ThreadPoolExecutor(1, thread_name_prefix="send") as sending,
        ):
            under_way: _UnderWay | None = None
            for chunk in coming:
                dealt: list[Dealt] = [self._dealt(piece) for piece in chunk]
                if under_way is not None:
                    progress(self._settle(under_way))
                units = [one for one in dealt if isinstance(one, Sendable)]
                under_way = _UnderWay(dealt, sending.submit(self._sender.send, units))
            if under_way is not None:
                progress(self._settle(under_way))

    def _dealt(self, piece: Piece) -> Dealt:
        if isinstance(piece, Skip):
            return piece
        if isinstance(piece, Reject):
            return [piece]
        unit = piece.unit if isinstance(piece, Checked) else piece
        earlier = self._refusals.of(unit.ordinal)
        if earlier is not None:
            return refused(unit, earlier.code, earlier.detail)
        checked = piece if isinstance(piece, Checked) else check(piece, piece.commands)
        return [*checked.rejects] or self._sender.sendable(checked)

    def _settle(self, under_way: _UnderWay) -> int:
        """Account for a piece once the writer has answered. Returns how many lines were in it."""
        outcomes = iter(under_way.answer.result())
        lines = 0
        for one in under_way.dealt:
            if isinstance(one, Sendable):
                self._account(one.unit, next(outcomes))
                lines += len(one.unit.lines)
            elif isinstance(one, Skip):
                self.tally.skip(one)
                lines += len(one.lines)
            else:
                self.tally.reject(one)
                lines += len(one)
        self._refusals.flush()
        return lines

    def _account(self, unit: Unit, outcome: Outcome) -> None:
        if outcome.is_known and unit.known == "skip":
            self.tally.skip_known(unit)
        elif outcome.refusal is not None and unit.rows is None:
            raise outcome.refusal
        elif outcome.rejects:
            self.tally.reject(outcome.rejects)
            if outcome.refusal is not None:
                refusal = Refusal(unit.ordinal, outcome.refusal.code, str(outcome.refusal))
                self._refusals.add(refusal)
        else:
            self.tally.record(unit, outcome.sent.names, is_update=outcome.is_update)
