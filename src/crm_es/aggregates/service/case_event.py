"""What every event of a case tells, so that a fact needs no other event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from crm_es.aggregates.base import Aggregate
from crm_es.aggregates.fields import Plain, Precision
from crm_es.aggregates.service.case_state import CaseState

if TYPE_CHECKING:
    from crm_es.aggregates.service.case import Case

COUNTED_BY = (
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

    def apply(self, case: Case) -> None:
        case.state, case.told = self.to_state, self
        case.is_answered = case.is_answered or self.is_first_response
