"""A dry run beside a running writer: what an import would do, as far as rows alone can tell."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from crm_es.intake.aside import PlanAside
from crm_es.intake.rejects import RejectsFile, rejects_path
from crm_es.intake.report import Report
from crm_es.intake.sending import Checker, Sendable
from crm_es.intake.tally import Tally
from crm_es.intake.units import Skip, Unit


def rehearse(plan: PlanAside, folder: Path) -> Report:
    """Everything but the sending: bodies are checked, lines accounted for, rejects written.

    What depends on what is in the log already - refusals, findings, what is known - is not told.
    Raises Unaccounted.
    """
    checker = Checker(plan.import_id, "rehearsal")
    path = rejects_path(folder, plan.import_id)
    with RejectsFile(path) as rejects:
        tally = Tally(plan, rejects)
        for step in chain.from_iterable(plan.chunks()):
            if isinstance(step, Skip):
                tally.skip(step)
            elif isinstance(step, Unit):
                made = checker.checked(step, step.commands)
                if isinstance(made, Sendable):
                    tally.record(step, step.commands)
                else:
                    tally.reject(made)
            else:
                tally.reject([step])
        figures = tally.figures(findings={}, seconds=0)
    return Report(
        plan.import_id, plan.mapping.name, figures, path, is_rehearsal=True, is_decided=False
    )
