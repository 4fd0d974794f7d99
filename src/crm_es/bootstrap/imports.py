"""Imports: planned from files, carried out or only rehearsed, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from crm_es.application import settle_memory
from crm_es.bootstrap.tenant import expect, open_log
from crm_es.bootstrap.writing import OwnCrm, open_submitter
from crm_es.errors import Invalid
from crm_es.intake.aside import PlanAside
from crm_es.intake.files import files_of
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping import Mapping, read_mapping, shipped
from crm_es.intake.rehearsal import rehearse
from crm_es.intake.report import Report
from crm_es.intake.reversal import Reversal, Reversed
from crm_es.intake.run import Run
from crm_es.log.lock import WriterRunning
from crm_es.log.queue import DirectSubmitter
from crm_es.settings import Settings

MEMORY_MIN = 96
"""MiB that DuckDB needs to sort and group rows on disk."""


def mapping_of(named: str) -> Mapping:
    """An operator's mapping: a TOML file, or the name of one that is shipped.

    Raises NotFound, Invalid.
    """
    path = Path(named)
    if path.suffix != ".toml":
        return shipped(named)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("mapping.unreadable", f"{path} cannot be read: {error}.") from None
    return read_mapping(text, allow_sql=True)


@contextmanager
def planned_import(
    settings: Settings, mapping: Mapping, paths: Sequence[Path], limits: Limits = OPERATOR
) -> Iterator[PlanAside]:
    """Raises NoTenant, and Invalid for files that cannot be read as the mapping says."""
    expect(settings)
    memory = f"{max(settings.memory_limit_mib // 4, MEMORY_MIN)}MiB"  # the writer needs the rest
    with PlanAside(
        mapping, files_of(paths, mapping), folder=settings.folder.imports, limits=limits,
        memory=memory,
    ) as plan:  # fmt: skip
        yield plan


def carry_out(
    settings: Settings,
    plan: PlanAside,
    *,
    actor: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Raises Refused, Halted, Unaccounted."""
    settle_memory()
    with closing(open_submitter(settings)) as submitter, closing(open_log(settings)) as log:
        run = Run(
            plan, submitter, log, folder=settings.folder.imports, actor=actor, progress=progress
        )
        return run.carry_out()


def rehearse_import(
    settings: Settings,
    plan: PlanAside,
    *,
    actor: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """What an import would do; nothing is recorded, and only its rejects are left behind.

    Beside a running writer only what the rows alone can tell. Raises Refused, Halted, Unaccounted.
    """
    imports = settings.folder.imports
    try:
        own = OwnCrm(settings, is_rehearsal=True)
    except WriterRunning:
        return rehearse(plan, imports)
    settle_memory()
    with closing(own), TemporaryDirectory(dir=imports) as scratch:
        submitter = DirectSubmitter(own.crm.stage, close=own.close)
        run = Run(plan, submitter, own.log, folder=Path(scratch), actor=actor, progress=progress)
        report = run.carry_out()
        rejects = imports / report.rejects.name
        if not report.is_repeat:
            report.rejects.replace(rejects)
        return replace(report, rejects=rejects, is_rehearsal=True)


def revert_import(
    settings: Settings,
    import_id: UUID,
    *,
    reason: str,
    actor: str,
    progress: Callable[[int], None] = lambda _: None,
) -> Reversed:
    """Raises NotFound, Refused, Halted."""
    with closing(open_submitter(settings)) as submitter, closing(open_log(settings)) as log:
        reversal = Reversal(
            import_id, submitter, log, folder=settings.folder.imports, actor=actor,
            progress=progress,
        )  # fmt: skip
        return reversal.carry_out(reason)
