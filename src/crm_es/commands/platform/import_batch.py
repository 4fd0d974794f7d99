"""What can be asked of an import. Whoever runs one issues these around the commands of its rows."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.platform.import_batch import FileReport, ImportBatch, Kept, SourceFile
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Count, Id, Line, Note, Seconds
from crm_es.errors import Conflict, Invalid

FILES_MAX, COLUMNS_MAX, CODES_MAX, KEPT_MAX = 1_000, 2_000, 1_000, 1_000

_SHAPE = ConfigDict(
    frozen=True, extra="forbid", strict=True, str_strip_whitespace=True,
    use_attribute_docstrings=True,
)  # fmt: skip
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

Digest = Annotated[str, Field(pattern=rf"^{_DIGEST.pattern}$", examples=["0" * 64])]
Counts = Annotated[dict[Code, Count], Field(max_length=CODES_MAX)]


class SourceFileBody(BaseModel):
    """One file as it is stored."""

    model_config = _SHAPE
    role: Code
    """The name the mapping gives to it; several files may be read as one."""
    name: Line
    """What the file is called; sealed, for it may say who it is about."""
    sha256: Digest


class FileReportBody(BaseModel):
    """What was in the files of one role."""

    model_config = _SHAPE
    role: Code
    rows: Count
    """Data lines, with those that are no record."""
    columns: Annotated[list[Line], Field(max_length=COLUMNS_MAX)] = []
    blanks: Annotated[dict[Line, Count], Field(max_length=COLUMNS_MAX)] = {}
    """By column, the cells without a value."""
    duplicates: Count = 0
    """Rows equal to one before, cell for cell."""


class KeptBody(BaseModel):
    """Something a revert left as it is: somebody has touched it since, or it may not go."""

    model_config = _SHAPE
    kind: Code
    """What it is: ``customer``, ``call``."""
    stream_id: Id
    code: Code
    """Why: ``touched``, or the code it was refused with."""
    touched_by: Id | None = None
    """The event that did."""


class _ImportCommand(Command):
    TARGET = "import_id"
    import_id: Id

    def batch(self, desk: Desk) -> ImportBatch:
        return desk.get(ImportBatch, self.import_id)


class StartImport(Command):
    """Begin an import, or go on with one that stopped. One that is done stays done."""

    TARGET = "import_id"
    import_id: Id
    """A function of the mapping's and the files' digests."""
    mapping: Code
    mapping_sha256: Digest
    files: Annotated[list[SourceFileBody], Field(min_length=1, max_length=FILES_MAX)]
    is_history: bool = True
    """Whether broken rules are noted as findings, not refused."""

    def decide(self, desk: Desk) -> None:
        batch = desk.find(ImportBatch, self.import_id)
        if batch is not None:
            if batch.mapping_sha256 != self.mapping_sha256:
                raise Conflict("import.other_mapping", "It was begun with another mapping.")
            batch.start_again(desk)
            return
        ImportBatch.start(
            self.import_id, desk, mapping=self.mapping, mapping_sha256=self.mapping_sha256,
            files=tuple(SourceFile(file.role, file.sha256) for file in self.files),
            file_names={str(n): file.name for n, file in enumerate(self.files, start=1)},
            is_history=self.is_history,
        )  # fmt: skip


class CommitImport(_ImportCommand):
    """Report an import that came to its end. Every row was used, skipped or rejected."""

    files: Annotated[list[FileReportBody], Field(max_length=FILES_MAX)] = []
    units: Count
    """Transactions: rows or groups of them, and the commands of the setup."""
    rows: Count
    """Data lines of all files that are not only looked things up in."""
    used: Count
    """Lines that became commands."""
    skipped: Counts = {}
    """Lines by the rule of the mapping that passes them over."""
    rejected: Counts = {}
    """Lines by the code of the first thing that is wrong with them."""
    commands: Counts = {}
    """By name, those that were recorded."""
    known: Counts = {}
    """By what became of them, units about things known before: skipped, updated."""
    findings: Counts = {}
    """By code, events that break one of today's rules."""
    seconds: Seconds = 0

    def decide(self, desk: Desk) -> None:
        told = self.used + sum(self.skipped.values()) + sum(self.rejected.values())
        if told != self.rows:
            raise Invalid(
                "import.unaccounted", f"{self.rows} rows, of which {told} are accounted for.",
                pointer="/rows",
            )  # fmt: skip
        self.batch(desk).commit(
            desk, units=self.units, rows=self.rows, used=self.used, skipped=self.skipped,
            files=tuple(
                FileReport(f.role, f.rows, tuple(f.columns), f.blanks, f.duplicates)
                for f in self.files
            ),
            rejected=self.rejected, commands=self.commands, known=self.known,
            findings=self.findings, seconds=self.seconds,
        )  # fmt: skip


class FailImport(_ImportCommand):
    """Report that an import stopped. What it recorded stays; it can be started again."""

    code: Code
    """Why, as a stable code: ``file.header_column``."""
    detail: Note | None = None
    """Why, for people; sealed."""
    units: Count = 0
    """So many were recorded by then."""

    def decide(self, desk: Desk) -> None:
        self.batch(desk).fail(self.code, self.detail, self.units, desk)


class AbandonImport(_ImportCommand):
    """Give up an import that did not come to its end."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.batch(desk).abandon(self.reason, desk)


class RevertImport(_ImportCommand):
    """Begin to take an import back, at whatever point it stands.

    A running server, or ``crm-es imports revert``, then retracts what the import began and nobody
    else has touched, and tells what came of it by ``FinishRevert``: the import is then reverted.
    Asked again it records nothing.
    """

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.batch(desk).revert(self.reason, desk)


class FinishRevert(_ImportCommand):
    """Report what a revert took back and what it left."""

    taken_back: Counts = {}
    """Streams by kind."""
    kept: Counts = {}
    """Streams by kind that were left as they are, all of them counted."""
    listed: Annotated[list[KeptBody], Field(max_length=KEPT_MAX)] = []
    """The first of those that were kept."""

    def decide(self, desk: Desk) -> None:
        listed = tuple(Kept(o.kind, o.stream_id, o.code, o.touched_by) for o in self.listed)
        self.batch(desk).finish_revert(self.taken_back, self.kept, listed, desk)


COMMANDS = (StartImport, CommitImport, FailImport, AbandonImport, RevertImport, FinishRevert)
