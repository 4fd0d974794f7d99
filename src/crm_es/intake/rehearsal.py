"""A dry run beside a running writer: what an import would do, as far as rows alone can tell."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from crm_es.intake.aside import PlanAside
from crm_es.intake.checking import check
from crm_es.intake.rejects import RejectsFile, rejects_path
from crm_es.intake.report import Report
from crm_es.intake.tally import Tally
from crm_es.intake.units import Reject, Skip, Unit


def rehearse(plan: PlanAside, folder: Path) -> Report:
    """Everything but the sending: bodies are checked, lines accounted for, rejects written.

    What depends on what is in the log already - refusals, findings, what is known - is not told.
    Raises Unaccounted.
    """
    path = rejects_path(folder, plan.import_id)
    with RejectsFile(path) as rejects:
        tally = Tally(plan, rejects)
        for piece in chain.from_iterable(plan.chunks()):
            one = check(piece, piece.commands) if isinstance(piece, Unit) else piece
            if isinstance(one, Skip):
                tally.skip(one)
            elif isinstance(one, Reject):
                tally.reject([one])
            elif one.rejects:
                tally.reject(one.rejects)
            else:
                tally.record(one.unit, [command.name for command in one.commands])
        figures = tally.figures(findings={}, seconds=0)
    return Report(
        plan.import_id, plan.mapping.name, figures, path, is_rehearsal=True, is_decided=False
    )
