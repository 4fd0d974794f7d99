"""Facts about cases, every field filled in: a test names what matters to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import ANSWERED, CaseState, LinkKind, PendingOn
from crm_es.commands.service.case import (
    BlockCase,
    LinkCase,
    MarkCaseDuplicate,
    OpenCase,
    RecordCaseUpdate,
    RejectCase,
    RetractCase,
    UnblockCase,
    UnlinkCase,
)
from crm_es.commands.service.case_work import (
    AcknowledgeCase,
    AssignCase,
    CloseCase,
    EscalateCase,
    PendCase,
    ReopenCase,
    ResolveCase,
    ResumeCase,
    RouteCase,
    StartCase,
)
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


def blocked(state: S = S.RESOLVED, **more: Any) -> Fact:
    facts = {"assignee": "bob", "by_case_id": OTHER, **more}
    if state is S.RESOLVED:
        facts = {"resolved_at": NOON, **facts}
    return told(Case.Blocked, state, **facts)


def linked() -> Fact:
    return told(
        Case.Linked, S.CLOSED, assignee="bob", resolved_at=NOON, link=LinkKind.CASE,
        linked_id=OTHER,
    )  # fmt: skip


def unlinked() -> Fact:
    return told(
        Case.Unlinked, S.CLOSED, assignee="bob", resolved_at=NOON, link=LinkKind.CASE,
        linked_id=OTHER, reason="mixed up",
    )  # fmt: skip


def escalated(was: int, now: int) -> Fact:
    return told(Case.Escalated, S.NEW, from_level=was, to_level=now, to=None, reason=None)


def reattributed(to: Any, whose: Any) -> Fact:
    return told(Case.Reattributed, S.NEW, customer_id=to, from_customer_id=whose)


def retracted(state: S, **more: Any) -> Fact:
    return told(Case.Retracted, state, reason="test", **more)


def id_of(n: int) -> UUID:
    return UUID(int=1_000 + n)


# What is asked of them.


def open_case(**more: Any) -> OpenCase:
    body = {
        "case_id": SUBJECT, "kind": "complaint", "customer_id": ANN, "channel": "phone",
        "category": "noise", "priority": "low",
    }  # fmt: skip
    return OpenCase(**{**body, **more})


def update(**more: Any) -> RecordCaseUpdate:
    return RecordCaseUpdate(**{"case_id": SUBJECT, **more})


assign = AssignCase(case_id=SUBJECT, assignee="bob")
acknowledge = AcknowledgeCase(case_id=SUBJECT)
start = StartCase(case_id=SUBJECT)
pend = PendCase(case_id=SUBJECT, on=PendingOn.CUSTOMER)
resume = ResumeCase(case_id=SUBJECT)
resolve = ResolveCase(case_id=SUBJECT, code="repaired")
reopen = ReopenCase(case_id=SUBJECT)
close = CloseCase(case_id=SUBJECT)
repeat = MarkCaseDuplicate(case_id=SUBJECT, of_case_id=OTHER)
reject = RejectCase(case_id=SUBJECT, reason="spam")
retract = RetractCase(case_id=SUBJECT, reason="test")
route = RouteCase(case_id=SUBJECT, group="second line")
escalate = EscalateCase(case_id=SUBJECT, level=2)
link = LinkCase(case_id=SUBJECT, kind=LinkKind.CASE, linked_id=OTHER)
unlink = UnlinkCase(case_id=SUBJECT, kind=LinkKind.CASE, linked_id=OTHER, reason="mixed up")
block = BlockCase(case_id=SUBJECT, by_case_id=OTHER)
unblock = UnblockCase(case_id=SUBJECT, by_case_id=OTHER, reason="settled by phone")
