"""A case: a complaint, an incident or a request, from its opening until it is closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Precision, is_before
from crm_es.aggregates.service.case_event import COUNTED_BY, CaseEvent
from crm_es.aggregates.service.case_state import (
    ANSWERED,
    BLOCKERS_MAX,
    LINKS_MAX,
    NEXT,
    REOPEN_WINDOW,
    SETTLED,
    WORKED,
    CaseState,
    LinkKind,
    PendingOn,
)


class Case(Aggregate):
    """New -> assigned -> in progress <-> pending -> resolved -> closed; reopened when resolved.

    A new one may turn out to be a duplicate or be rejected. An update is what a source reports of
    its own case; it is recorded even if nothing in it is new.
    """

    TOPIC = "case"

    def __init__(self) -> None:
        self.state = CaseState.NEW
        self.told: CaseEvent
        self.is_answered = False
        self.pending_on: PendingOn | None = None
        self.resolution: str | None = None
        self.level = 0
        self.reassignments = 0
        self.reopenings = 0
        self.links: set[tuple[LinkKind, UUID]] = set()
        self.blockers: set[UUID] = set()
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Opened(CaseEvent, AggregateCreated):
        TOPIC = "case.opened"
        number: Plain | None
        subcategory: Plain | None
        region: Plain | None
        subject: Personal[str] | None
        description: Personal[str] | None
        call_id: UUID | None
        order_id: UUID | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, case: Case) -> None:
            super().apply(case)
            found = {LinkKind.CALL: self.call_id, LinkKind.ORDER: self.order_id}
            case.links = {(kind, id) for kind, id in found.items() if id is not None}

    class Routed(CaseEvent):
        TOPIC = "case.routed"
        from_group: Plain | None
        reason: Plain | None

    class Assigned(CaseEvent):
        TOPIC = "case.assigned"
        from_group: Plain | None
        from_assignee: Plain | None
        reassignments: int

        def apply(self, case: Case) -> None:
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

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.pending_on = self.pending_on

    class Resumed(CaseEvent):
        TOPIC = "case.resumed"
        pending_on: PendingOn | None

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.pending_on = None

    class Resolved(CaseEvent):
        TOPIC = "case.resolved"
        resolution: Plain
        summary: Personal[str] | None

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.resolution, case.pending_on = self.resolution, None

    class Reopened(CaseEvent):
        TOPIC = "case.reopened"
        from_resolution: Plain | None
        was_resolved_at: datetime | None
        reopenings: int
        reason: Personal[str] | None

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.resolution, case.reopenings = None, self.reopenings

    class Closed(CaseEvent):
        TOPIC = "case.closed"
        resolution: Plain | None

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.resolution = self.resolution

    class Escalated(CaseEvent):
        TOPIC = "case.escalated"
        from_level: int
        to_level: int
        to: Plain | None
        reason: Personal[str] | None

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.level = self.to_level

    class Reclassified(CaseEvent):
        TOPIC = "case.reclassified"
        from_kind: Plain
        from_category: Plain | None
        from_product: Plain | None
        from_priority: Plain | None

    class MarkedDuplicate(CaseEvent):
        TOPIC = "case.marked_duplicate"
        of_case_id: UUID

    class Rejected(CaseEvent):
        TOPIC = "case.rejected"
        reason: Plain

    class Linked(CaseEvent):
        TOPIC = "case.linked"
        link: LinkKind
        linked_id: UUID

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.links.add((self.link, self.linked_id))

    class Blocked(CaseEvent):
        TOPIC = "case.blocked"
        by_case_id: UUID

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.blockers.add(self.by_case_id)

    class Unblocked(CaseEvent):
        TOPIC = "case.unblocked"
        by_case_id: UUID
        reason: Plain

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.blockers.discard(self.by_case_id)

    class Updated(CaseEvent):
        """What a source reports, beside its own words; None is what it does not say."""

        TOPIC = "case.updated"
        source_state: Plain | None
        pending_on: PendingOn | None
        resolution: Plain | None
        reassignments: int | None
        reopenings: int | None
        is_in_sla: bool | None
        disputed: bool | None
        timely: bool | None

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.pending_on = self.pending_on
            case.resolution = self.resolution
            if self.reassignments is not None:
                case.reassignments = self.reassignments
            if self.reopenings is not None:
                case.reopenings = self.reopenings

    class Reattributed(CaseEvent):
        """It was about somebody else: both parties' stories tell so."""

        TOPIC = "case.reattributed"
        SUBJECTS = ("customer_id", "from_customer_id")
        from_customer_id: UUID | None

    class Retracted(CaseEvent):
        TOPIC = "case.retracted"
        reason: Plain

        def apply(self, case: Case) -> None:
            super().apply(case)
            case.is_retracted = True

    # What we allow.

    @classmethod
    def open(cls, id: UUID, on: Occasion, **facts: Any) -> Self:
        """Begin it; with an assignee it is assigned from the start."""
        state = CaseState.NEW if facts["assignee"] is None else CaseState.ASSIGNED
        return cls.begin(
            cls.Opened, on, id=id, from_state=None, to_state=state, opened_at=on.at,
            opened_precision=on.precision, resolved_at=None, is_first_response=False, **facts,
        )  # fmt: skip

    def route(self, group: str, reason: str | None, on: Occasion) -> None:
        if group != self.told.group:
            self._must_be_open(on)
            self._tell(self.Routed, on, group=group, from_group=self.told.group, reason=reason)

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

    def reclassify(self, on: Occasion, **new: str | None) -> None:
        """Change what is given of kind, category, product and priority."""
        before = {name: getattr(self.told, name) for name in new}
        changed = {n: value for n, value in new.items() if value not in {None, before[n]}}
        if changed:
            self._must_stand(on)
            was = {f"from_{name}": value for name, value in before.items()}
            self._tell(self.Reclassified, on, **was, **changed)

    def mark_duplicate(self, of_case_id: UUID, on: Occasion) -> None:
        if self.state is not CaseState.DUPLICATE:
            on.must(of_case_id != self.id, "case.duplicate_of_itself", "It cannot repeat itself.")
            self._tell(self.MarkedDuplicate, on, CaseState.DUPLICATE, of_case_id=of_case_id)

    def reject(self, reason: str, on: Occasion) -> None:
        if self.state is not CaseState.REJECTED:
            self._tell(self.Rejected, on, CaseState.REJECTED, reason=reason)

    def link(self, link: LinkKind, id: UUID, on: Occasion) -> None:
        if (link, id) not in self.links:
            self._must_stand(on)
            on.must(len(self.links) < LINKS_MAX, "case.links_max", f"{LINKS_MAX} is the limit.")
            self._tell(self.Linked, on, link=link, linked_id=id)

    def block(self, by_case_id: UUID, on: Occasion) -> None:
        if by_case_id not in self.blockers:
            self._must_be_open(on)
            on.must(by_case_id != self.id, "case.blocked_by_itself", "It cannot wait for itself.")
            on.must(
                len(self.blockers) < BLOCKERS_MAX, "case.blockers_max",
                f"{BLOCKERS_MAX} is the limit.",
            )  # fmt: skip
            self._tell(self.Blocked, on, by_case_id=by_case_id)

    def unblock(self, by_case_id: UUID, reason: str, on: Occasion) -> None:
        if by_case_id in self.blockers:
            self._tell(self.Unblocked, on, by_case_id=by_case_id, reason=reason)

    def update(self, state: CaseState, changed: dict[str, Any], on: Occasion, **said: Any) -> None:
        """``changed`` are those of the things it is counted by that the source names."""
        pending_on, resolution = said.pop("pending_on"), said.pop("resolution")
        self._tell(
            self.Updated, on, state, **changed, **said,
            pending_on=pending_on if state is CaseState.PENDING else None,
            resolution=resolution or (self.resolution if state in SETTLED else None),
        )  # fmt: skip

    def reattribute(self, customer_id: UUID | None, on: Occasion) -> None:
        if customer_id != self.told.customer_id:
            self._must_stand(on)
            self._tell(
                self.Reattributed, on, customer_id=customer_id,
                from_customer_id=self.told.customer_id,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, **self._facts(self.state, on), reason=reason)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be done."""
        return self.is_retracted or self.state in SETTLED

    def _tell(
        self, kind: type[CaseEvent], on: Occasion, to: CaseState | None = None, /, **facts: Any
    ) -> None:
        """Record an event that moves the case, or leaves it in its state."""
        state, told = to or self.state, self.told
        self._must_stand(on)
        if state is not self.state:
            on.must(
                state in NEXT[self.state], "case.state_order", f"It is {self.state}, not {state}."
            )
            is_kept = facts.get("assignee", told.assignee) is not None
            on.must(is_kept or state not in WORKED, "case.unassigned", "Nobody looks after it.")
        is_early = is_before(on.at, on.precision, told.opened_at, told.opened_precision)
        on.must(not is_early, "case.before_opening", "It was not open yet.")
        self.record(kind, on, **{**self._facts(state, on), **facts})

    def _facts(self, state: CaseState, on: Occasion) -> dict[str, Any]:
        facts = {name: getattr(self.told, name) for name in COUNTED_BY}
        if state not in {CaseState.RESOLVED, CaseState.CLOSED}:
            facts["resolved_at"] = None
        elif facts["resolved_at"] is None and on.precision >= Precision.DAY:
            facts["resolved_at"] = on.at
        return {
            **facts, "from_state": self.state, "to_state": state,
            "is_first_response": state in ANSWERED and not self.is_answered,
        }  # fmt: skip

    def _must_be_open(self, on: Occasion) -> None:
        on.must(self.state not in SETTLED, "case.settled", f"It is {self.state}.")

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "case.retracted", "It was taken back.")
