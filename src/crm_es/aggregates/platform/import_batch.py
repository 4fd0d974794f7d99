"""An import: begun, committed with its report or failed, and taken back if need be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain


class ImportState(StrEnum):
    STARTED = "started"
    COMMITTED = "committed"
    FAILED = "failed"
    ABANDONED = "abandoned"
    REVERTING = "reverting"
    REVERTED = "reverted"


@dataclass(frozen=True)
class SourceFile:
    """One file as stored. Files the mapping reads as one share a role."""

    role: Plain
    sha256: Plain


@dataclass(frozen=True)
class FileReport:
    """What was in the files of one role; every data line was used, skipped or rejected."""

    role: Plain
    rows: int
    columns: tuple[Plain, ...]
    blanks: dict[Plain, int]
    """By column, the cells without a value."""
    duplicates: int
    """Rows equal to one before, cell for cell."""


@dataclass(frozen=True)
class Kept:
    """A stream an import began and a revert left, and why."""

    kind: Plain
    stream_id: UUID
    code: Plain
    touched_by: UUID | None
    """The first event of others upon it, if that is why."""


class _Event(Aggregate.Event):
    SUBJECTS = ()
    from_state: ImportState | None
    to_state: ImportState

    def apply(self, batch: ImportBatch) -> None:
        batch.state = self.to_state


class ImportBatch(Aggregate):
    """Started -> committed, failed or abandoned; then reverting -> reverted.

    Its id is a function of the mapping and the files, and so are the ids of its commands: started
    again it goes on where it stopped, and once taken back it cannot be brought in again.
    """

    TOPIC = "import"

    def __init__(self) -> None:
        self.state = ImportState.STARTED
        self.mapping_sha256 = ""

    # What can happen, and the little of it that later decisions need.

    class Started(_Event, AggregateCreated):
        TOPIC = "import.started"
        mapping: Plain
        mapping_sha256: Plain
        files: tuple[SourceFile, ...]
        file_names: dict[Plain, Personal[str]]
        """By place among the files, from 1: a name may say who it is about."""
        is_history: bool

        def apply(self, batch: ImportBatch) -> None:
            super().apply(batch)
            batch.mapping_sha256 = self.mapping_sha256

    class Restarted(_Event):
        """It had failed or been given up, and is run again."""

        TOPIC = "import.restarted"

    class Committed(_Event):
        TOPIC = "import.committed"
        files: tuple[FileReport, ...]
        units: int
        rows: int
        used: int
        skipped: dict[Plain, int]
        rejected: dict[Plain, int]
        commands: dict[Plain, int]
        known: dict[Plain, int]
        findings: dict[Plain, int]
        seconds: int

    class Failed(_Event):
        TOPIC = "import.failed"
        code: Plain
        detail: Personal[str] | None
        units: int

    class Abandoned(_Event):
        TOPIC = "import.abandoned"
        reason: Plain

    class RevertStarted(_Event):
        TOPIC = "import.revert_started"
        reason: Plain

    class Reverted(_Event):
        TOPIC = "import.reverted"
        taken_back: dict[Plain, int]
        kept: dict[Plain, int]
        listed: tuple[Kept, ...]

    # What we allow.

    @classmethod
    def start(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(cls.Started, on, id, facts, from_state=None, to_state=ImportState.STARTED)

    def start_again(self, on: Occasion) -> None:
        """Go on after it stopped. Nothing is recorded if it runs or is done."""
        if self.state in {ImportState.STARTED, ImportState.COMMITTED}:
            return
        self._must_not_be_taken_back(on)
        self._move(self.Restarted, ImportState.STARTED, on)

    def commit(self, on: Occasion, **report: Any) -> None:
        if self.state is not ImportState.COMMITTED:
            self._must_run(on)
            self._move(self.Committed, ImportState.COMMITTED, on, **report)

    def fail(self, code: str, detail: str | None, units: int, on: Occasion) -> None:
        if self.state is not ImportState.FAILED:
            self._must_run(on)
            self._move(self.Failed, ImportState.FAILED, on, code=code, detail=detail, units=units)

    def abandon(self, reason: str, on: Occasion) -> None:
        if self.state is not ImportState.ABANDONED:
            waits = self.state in {ImportState.STARTED, ImportState.FAILED}
            on.must(waits, "import.not_running", f"It is {self.state}.")
            self._move(self.Abandoned, ImportState.ABANDONED, on, reason=reason)

    def revert(self, reason: str, on: Occasion) -> None:
        if self.state not in {ImportState.REVERTING, ImportState.REVERTED}:
            self._move(self.RevertStarted, ImportState.REVERTING, on, reason=reason)

    def finish_revert(
        self, taken_back: dict[str, int], kept: dict[str, int], listed: tuple[Kept, ...],
        on: Occasion,
    ) -> None:  # fmt: skip
        if self.state is not ImportState.REVERTED:
            begun = self.state is ImportState.REVERTING
            on.must(begun, "import.not_reverting", f"It is {self.state}.")
            self._move(
                self.Reverted, ImportState.REVERTED, on, taken_back=taken_back, kept=kept,
                listed=listed,
            )  # fmt: skip

    def _move(self, kind: type[_Event], to: ImportState, on: Occasion, /, **facts: Any) -> None:
        self.record(kind, on, from_state=self.state, to_state=to, **facts)

    def _must_run(self, on: Occasion) -> None:
        self._must_not_be_taken_back(on)
        runs = self.state is ImportState.STARTED
        on.must(runs, "import.not_running", f"It is {self.state}.")

    def _must_not_be_taken_back(self, on: Occasion) -> None:
        gone = self.state in {ImportState.REVERTING, ImportState.REVERTED}
        on.must(not gone, "import.reverted", "It was taken back: a corrected mapping is another.")
