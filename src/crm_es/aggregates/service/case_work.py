"""How a case is worked on: assigned, begun, kept waiting, resolved, reopened and closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Personal, Plain, Precision, is_before
from crm_es.aggregates.service.case_file import CaseEvent, CaseFile
from crm_es.aggregates.service.case_state import REOPEN_WINDOW, CaseState, PendingOn


class CaseWork(CaseFile):
    """The part of a case that follows the steps of its work."""

    # What can happen, and the little of it that later decisions need.

    class Assigned(CaseEvent):
        TOPIC = "case.assigned"
        from_group: Plain | None
        from_assignee: Plain | None
        reassignments: int

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.reassignments = self.reassignments

    class Acknowledged(CaseEvent):
        TOPIC = "case.acknowledged"

    class Started(CaseEvent):
        TOPIC = "case.started"

    class Pended(CaseEvent):
        TOPIC = "case.pended"
        pending_on: PendingOn
        reason: Personal[str] | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.pending_on = self.pending_on

    class Resumed(CaseEvent):
        TOPIC = "case.resumed"
        pending_on: PendingOn | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.pending_on = None

    class Resolved(CaseEvent):
        TOPIC = "case.resolved"
        resolution: Plain
        summary: Personal[str] | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.resolution, case.pending_on = self.resolution, None

    class Reopened(CaseEvent):
        TOPIC = "case.reopened"
        from_resolution: Plain | None
        was_resolved_at: datetime | None
        reopenings: int
        reason: Personal[str] | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.resolution, case.reopenings = None, self.reopenings

    class Closed(CaseEvent):
        TOPIC = "case.closed"
        resolution: Plain | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.resolution = self.resolution

    class Escalated(CaseEvent):
        TOPIC = "case.escalated"
        from_level: int
        to_level: int
        to: Plain | None
        reason: Personal[str] | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.level = self.to_level

    # What we allow.

    def assign(self, assignee: str, group: str | None, on: Occasion) -> None:
        before, group = self.told, group or self.told.group
        is_new = self.state in {CaseState.NEW, CaseState.UNKNOWN}
        if (assignee, group) == (before.assignee, before.group) and not is_new:
            return
        self._must_be_open(on)
        is_again = before.assignee not in {None, assignee}
        self._tell(
            self.Assigned, on, CaseState.ASSIGNED if is_new else self.state, assignee=assignee,
            group=group, from_assignee=before.assignee, from_group=before.group,
            reassignments=self.reassignments + is_again,
        )  # fmt: skip

    def acknowledge(self, on: Occasion) -> None:
        if not self.is_answered:
            self._must_be_open(on)
            self._tell(self.Acknowledged, on, is_first_response=True)

    def start(self, on: Occasion) -> None:
        if self.state is not CaseState.IN_PROGRESS:
            on.must(self.state is not CaseState.PENDING, "case.pending", "Resume it instead.")
            self._tell(self.Started, on, CaseState.IN_PROGRESS)

    def pend(self, pending_on: PendingOn, reason: str | None, on: Occasion) -> None:
        if self.state is not CaseState.PENDING or self.pending_on is not pending_on:
            self._tell(self.Pended, on, CaseState.PENDING, pending_on=pending_on, reason=reason)

    def resume(self, on: Occasion) -> None:
        if self.state is not CaseState.IN_PROGRESS:
            on.must(self.state is CaseState.PENDING, "case.not_pending", "It waits for nobody.")
            self._tell(self.Resumed, on, CaseState.IN_PROGRESS, pending_on=self.pending_on)

    def resolve(self, resolution: str, summary: str | None, on: Occasion) -> None:
        is_resolved = self.state is CaseState.RESOLVED
        if is_resolved and self.resolution == resolution:
            return
        on.must(not is_resolved, "case.resolved", "It is resolved otherwise: reopen it first.")
        self._tell(self.Resolved, on, CaseState.RESOLVED, resolution=resolution, summary=summary)

    def reopen(self, reason: str | None, on: Occasion) -> None:
        if self.state is CaseState.REOPENED:
            return
        resolved_at = self.told.resolved_at
        is_late = resolved_at is not None and is_before(
            resolved_at + REOPEN_WINDOW, Precision.EXACT, on.at, on.precision
        )
        on.must(
            not is_late,
            "case.reopen_window",
            f"It was resolved more than {REOPEN_WINDOW.days} days before: open a new one.",
        )
        self._tell(
            self.Reopened, on, CaseState.REOPENED, from_resolution=self.resolution,
            was_resolved_at=resolved_at, reopenings=self.reopenings + 1, reason=reason,
        )  # fmt: skip

    def close(self, resolution: str | None, open_blockers: Collection[UUID], on: Occasion) -> None:
        """``open_blockers`` are those of its blockers that are not settled yet."""
        if self.state is CaseState.CLOSED:
            return
        is_other = resolution is not None and self.resolution not in {None, resolution}
        on.must(not is_other, "case.resolved", "It is resolved otherwise: reopen it first.")
        resolution = resolution or self.resolution
        on.must(resolution, "case.no_resolution", "What came of it must be said first.")
        on.must(not open_blockers, "case.blocked", f"{len(open_blockers)} cases are open below it.")
        self._tell(self.Closed, on, CaseState.CLOSED, resolution=resolution)

    def escalate(self, level: int, to: str | None, reason: str | None, on: Occasion) -> None:
        if level != self.level:
            self._must_be_open(on)
            on.must(level > self.level, "case.escalated", f"It stands at level {self.level}.")
            self._tell(
                self.Escalated, on, from_level=self.level, to_level=level, to=to, reason=reason
            )
