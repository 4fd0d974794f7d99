"""What a case remembers, and what each of its events tells so that a fact needs no other."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Precision, is_before
from crm_es.aggregates.service.case_state import (
    ANSWERED,
    NEXT,
    SETTLED,
    WORKED,
    CaseState,
    LinkKind,
    PendingOn,
)

_COUNTED_BY = (
    "customer_id", "kind", "channel", "category", "product", "priority", "group", "assignee",
    "opened_at", "opened_precision", "resolved_at",
)  # fmt: skip


class CaseEvent(Aggregate.Event):
    """Where the case stood and stands, and all it is counted by."""

    customer_id: UUID | None
    kind: Plain
    channel: Plain | None
    category: Plain | None
    product: Plain | None
    priority: Plain | None
    group: Plain | None
    assignee: Plain | None
    from_state: CaseState | None
    to_state: CaseState
    opened_at: datetime
    opened_precision: Precision
    resolved_at: datetime | None
    """When it was resolved, while it stands resolved or closed; None if no day of it is known."""
    is_first_response: bool

    def apply(self, case: CaseFile) -> None:
        case.state, case.told = self.to_state, self
        case.is_answered = case.is_answered or self.is_first_response


class CaseFile(Aggregate):
    """What the rules of a case read."""

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

    @property
    def customer_id(self) -> UUID | None:
        """Whose story it is, as the last event has it."""
        return self.told.customer_id

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
        facts = {name: getattr(self.told, name) for name in _COUNTED_BY}
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
