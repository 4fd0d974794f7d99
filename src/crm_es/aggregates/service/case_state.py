"""Where a case stands, and where it may go from there."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

REOPEN_WINDOW = timedelta(days=30)
"""How long after it was resolved a case may be reopened; later, a new one is opened."""
BLOCKERS_MAX = 100
LINKS_MAX = 1_000


class CaseState(StrEnum):
    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """A source says a word that tells us nothing; anything may follow."""


class PendingOn(StrEnum):
    """Who has to do something before the work can go on."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class LinkKind(StrEnum):
    CALL = "call"
    ORDER = "order"
    OPPORTUNITY = "opportunity"
    VISIT = "visit"
    CASE = "case"


NEXT: dict[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: frozenset({CaseState.ASSIGNED, CaseState.DUPLICATE, CaseState.REJECTED}),
    CaseState.ASSIGNED: frozenset({CaseState.IN_PROGRESS}),
    CaseState.IN_PROGRESS: frozenset({CaseState.PENDING, CaseState.RESOLVED}),
    CaseState.PENDING: frozenset({CaseState.IN_PROGRESS, CaseState.RESOLVED}),
    CaseState.RESOLVED: frozenset({CaseState.CLOSED, CaseState.REOPENED}),
    CaseState.REOPENED: frozenset({CaseState.IN_PROGRESS}),
    CaseState.CLOSED: frozenset(),
    CaseState.DUPLICATE: frozenset(),
    CaseState.REJECTED: frozenset(),
    CaseState.UNKNOWN: frozenset(CaseState),
}
SETTLED = frozenset({CaseState.RESOLVED, CaseState.CLOSED, CaseState.DUPLICATE, CaseState.REJECTED})
"""Nothing is left to be done."""
WORKED = frozenset({CaseState.ASSIGNED, CaseState.IN_PROGRESS, CaseState.RESOLVED})
"""Somebody looks after it, or did."""
ANSWERED = frozenset({CaseState.IN_PROGRESS, CaseState.PENDING}) | SETTLED
"""Whoever opened it has been answered."""
