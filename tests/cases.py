"""Facts about cases, every field filled in: a test names what matters to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import ANSWERED, CaseState, PendingOn
from scenario import NOON, SUBJECT, Fact, fact

ANN, BOB, OTHER = UUID(int=21), UUID(int=22), UUID(int=29)
S = CaseState

_COUNTED = {
    "customer_id": ANN, "kind": "complaint", "channel": "phone", "category": "noise",
    "product": None, "priority": "low", "group": None, "assignee": None, "opened_at": NOON,
    "opened_precision": Precision.EXACT, "resolved_at": None, "is_first_response": False,
}  # fmt: skip
_NEW: dict[str, Any] = {
    "number": None, "subcategory": None, "region": None, "subject": None, "description": None,
    "call_id": None, "order_id": None, "source": None, "source_id": None, "attributes": {},
    "sealed_attributes": {},
}  # fmt: skip
_SAID = {
    "source_state": None, "pending_on": None, "resolution": None, "reassignments": None,
    "reopenings": None, "is_in_sla": None, "disputed": None, "timely": None,
}  # fmt: skip


def told(
    kind: type[Any], was: S, now: S | None = None, /, *, when: datetime = NOON, **more: Any
) -> Fact:
    """Something about a case that stood somewhere and stands somewhere now, or where it stood."""
    places = {"from_state": was, "to_state": now or was}
    return fact(kind, when=when, **{**_COUNTED, **places, **more})


def opened(*, on: UUID = SUBJECT, **more: Any) -> Fact:
    state = S.NEW if more.get("assignee") is None else S.ASSIGNED
    places = {"from_state": None, "to_state": state}
    return fact(Case.Opened, on=on, **{**_COUNTED, **places, **_NEW, **more})


def updated(was: S, now: S, **more: Any) -> Fact:
    return told(Case.Updated, was, now, **{**_SAID, **more})


def assigned(was: S = S.NEW, now: S = S.ASSIGNED, **more: Any) -> Fact:
    first = {"from_assignee": None, "from_group": None, "reassignments": 0, "assignee": "bob"}
    return told(Case.Assigned, was, now, **{**first, **more})


def standing(state: S, **more: Any) -> tuple[Fact, ...]:
    """A case that somehow came to be there, in the hands of bob and answered if that answers it."""
    facts = {"assignee": "bob", "is_first_response": state in ANSWERED, **more}
    if state in {S.RESOLVED, S.CLOSED}:
        facts = {"resolved_at": NOON, "resolution": "repaired", **facts}
    if state is S.PENDING:
        facts = {"pending_on": PendingOn.CUSTOMER, **facts}
    return (opened(), updated(S.NEW, state, **facts))
