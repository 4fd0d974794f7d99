"""Facts about contacts with a customer, every field filled in: a test names what matters to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_es.aggregates.engagement.activity import Activity, ActivityState, Phase
from crm_es.aggregates.engagement.call import Call
from crm_es.aggregates.engagement.call_state import CallResult, CallState, Direction
from crm_es.aggregates.engagement.interaction import Interaction, InteractionKind
from crm_es.aggregates.engagement.visit import Visit, VisitState
from crm_es.aggregates.engagement.web_session import PageKind, WebSession
from crm_es.aggregates.fields import Precision
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.customer_state import PartyKind
from scenario import NOON, Fact, fact

ANN, BOB, NOBODY = UUID(int=21), UUID(int=22), UUID(int=29)

_NEW: dict[str, Any] = {
    "source": None, "source_id": None, "attributes": {}, "sealed_attributes": {},
}  # fmt: skip
_STEP: dict[str, Any] = {
    "customer_id": None, "kind": "call back", "about_kind": None, "about_id": None,
    "owner": "bob", "by": None,
}  # fmt: skip
_VISIT: dict[str, Any] = {
    "customer_id": None, "agent": "bob", "company": None, "purpose": "survey", "about_kind": None,
    "about_id": None,
}  # fmt: skip
_TOLD: dict[str, Any] = {
    "customer_id": None, "kind": InteractionKind.EMAIL, "direction": Direction.OUTBOUND,
    "channel": "email", "agent": "bob", "type": None, "company": None, "product": None,
    "campaign_id": None, "about_kind": None, "about_id": None, "value": None, "currency": None,
    "seconds": None,
}  # fmt: skip
_SESSION: dict[str, Any] = {
    "customer_id": None, "visitor": "v1", "device": None, "campaign_id": None, "pages": 0,
    "searched": False, "messaged": False, "booked": False,
}  # fmt: skip


def after(*, minutes: float = 0, seconds: float = 0) -> datetime:
    """A time so long after the noon at which facts are, if nothing else is said."""
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def registered(id: UUID = ANN) -> Fact:
    return fact(
        Customer.Registered, on=id, kind=PartyKind.PERSON, name="Ann", tax_id=None, owner=None,
        country=None, tier=None, **_NEW,
    )  # fmt: skip


# Activities.


def activity(kind: type[Any], /, when: datetime = NOON, **more: Any) -> Fact:
    return fact(kind, when=when, **{**_STEP, **more})


def scheduled(**more: Any) -> Fact:
    plan = {"title": None, "notes": None, "planned_at": NOON, "planned_until": None}
    return activity(Activity.Scheduled, **{**plan, **_NEW, **more})


def step(**more: Any) -> Fact:
    told = {"phase": Phase.COMPLETED, "title": None, "notes": None, "outcome": None}
    return activity(Activity.Recorded, **{"owner": None, "seconds": None, **told, **_NEW, **more})


def started(**more: Any) -> Fact:
    exactly = {"at_precision": Precision.EXACT, "planned_at": NOON, "by": "bob"}
    return activity(Activity.Started, **{**exactly, **more})


def completed(**more: Any) -> Fact:
    done = {"planned_at": NOON, "started_at": None, "seconds": None, "notes": None, "by": "bob"}
    return activity(Activity.Completed, **{"outcome": "reached", **done, **more})


def cancelled(**more: Any) -> Fact:
    why = {"from_state": ActivityState.PLANNED, "planned_at": NOON, "reason": "ill"}
    return activity(Activity.Cancelled, **{**why, **more})


def missed(**more: Any) -> Fact:
    return activity(Activity.Missed, **{"planned_at": NOON, **more})


def retracted(**more: Any) -> Fact:
    was = {"state": ActivityState.PLANNED, "phase": None, "planned_at": NOON, "outcome": None}
    return activity(
        Activity.Retracted,
        **{"took_place_at": NOON, "seconds": None, "reason": "twice", **was, **more},
    )


# Visits.


def visit(kind: type[Any], /, when: datetime = NOON, **more: Any) -> Fact:
    return fact(kind, when=when, **{**_VISIT, **more})


def planned(**more: Any) -> Fact:
    return visit(Visit.Planned, **{"planned_at": NOON, "place": None, **_NEW, **more})


def recorded_visit(**more: Any) -> Fact:
    told = {
        "agent": None, "purpose": None, "place": None, "outcome": None, "report": None,
        "seconds": None, "lines": (), "line_count": 0, "value": None, "currency": None,
        "order_id": None,
    }  # fmt: skip
    return visit(Visit.Recorded, **{**told, **_NEW, **more})


def checked_in(**more: Any) -> Fact:
    exactly = {"at_precision": Precision.EXACT, "planned_at": NOON, "place": None}
    return visit(Visit.CheckedIn, **{**exactly, **more})


def checked_out(**more: Any) -> Fact:
    came = {"planned_at": NOON, "checked_in_at": NOON, "seconds": 1800}
    return visit(Visit.CheckedOut, **{**came, **more})


def reported(**more: Any) -> Fact:
    told = {
        "planned_at": NOON, "checked_in_at": NOON, "seconds": 1800, "outcome": "interested",
        "report": "Saw the boiler room.", "lines": (), "line_count": 0, "value": None,
        "currency": None, "order_id": None,
    }  # fmt: skip
    return visit(Visit.Reported, **{**told, **more})


def retracted_visit(**more: Any) -> Fact:
    was = {
        "state": VisitState.PLANNED, "took_place_at": NOON, "planned_at": NOON, "outcome": None,
        "seconds": None, "lines": (), "line_count": 0, "value": None, "currency": None,
        "reason": "twice",
    }  # fmt: skip
    return visit(Visit.Retracted, **{**was, **more})


# Interactions.


def interaction(kind: type[Any], /, when: datetime = NOON, **more: Any) -> Fact:
    return fact(kind, when=when, **{**_TOLD, **more})


def mail(**more: Any) -> Fact:
    texts = {"subject": None, "body": None, "evidence": None}
    return interaction(Interaction.Recorded, **{**texts, **_NEW, **more})


def corrected(**more: Any) -> Fact:
    before = {
        "from_kind": InteractionKind.EMAIL, "from_direction": Direction.OUTBOUND,
        "from_channel": "email", "from_agent": "bob", "from_type": None, "from_product": None,
        "from_value": None, "from_currency": None, "from_seconds": None,
    }  # fmt: skip
    texts = {"subject": None, "body": None, "took_place_at": NOON, "reason": "wrong"}
    return interaction(Interaction.Corrected, **{**before, **texts, **more})


# Web sessions.


def session(kind: type[Any], /, when: datetime = NOON, **more: Any) -> Fact:
    return fact(kind, when=when, **{**_SESSION, **more})


def session_started(**more: Any) -> Fact:
    whence = {"at_precision": Precision.EXACT, "entry_path": None, "referrer": None}
    return session(WebSession.Started, **{**whence, **_NEW, **more})


def page(number: int, /, when: datetime = NOON, **more: Any) -> Fact:
    seen = {
        "customer_id": None, "visitor": "v1", "device": None, "at_precision": Precision.EXACT,
        "kind": PageKind.PAGE, "path": "/", "sku": None, "terms": None,
    }  # fmt: skip
    return fact(WebSession.PageViewed, when=when, **{"number": number, **seen, **more})


def recorded_session(**more: Any) -> Fact:
    told = {"entry_path": None, "referrer": None, "ended_at": None, "seconds": None, "pages": None}
    return session(WebSession.Recorded, **{**told, **_NEW, **more})


def session_ended(**more: Any) -> Fact:
    end = {"started_at": NOON, "ended_at": NOON, "seconds": 0, "is_timeout": False}
    return session(WebSession.Ended, **{**end, **more})


# Calls.


def rung(direction: Direction = Direction.INBOUND, **more: Any) -> Fact:
    call = {
        "customer_id": None, "at_precision": Precision.EXACT, "agent": None, "type": None,
        "line": None, "campaign_id": None, "phone": None,
    }  # fmt: skip
    return fact(Call.Started, **{**call, **_NEW, "direction": direction, **more})


def call_step(kind: type[Any], when: datetime, /, **more: Any) -> Fact:
    return fact(kind, when=when, **{"customer_id": None, "at_precision": Precision.EXACT, **more})


def answered(seconds: float = 10, **more: Any) -> Fact:
    taken = {"agent": "bob", "wait_seconds": int(seconds)}
    return call_step(Call.Answered, after(seconds=seconds), **{**taken, **more})


def ended(**more: Any) -> Fact:
    call = {
        "customer_id": None, "agent": None, "direction": Direction.INBOUND,
        "result": CallResult.MISSED, "type": None, "outcome": None, "line": None,
        "campaign_id": None, "seconds": 0, "wait_seconds": 60, "hold_seconds": 0, "legs": (),
        "started_at": NOON, "needs_callback": True, "summary": None,
    }  # fmt: skip
    return fact(Call.Ended, **{**call, **more})


def recorded_call(**more: Any) -> Fact:
    call = {
        "customer_id": None, "agent": None, "direction": Direction.UNKNOWN,
        "result": CallResult.UNKNOWN, "type": None, "outcome": None, "seconds": None,
        "wait_seconds": None, "hold_seconds": None, "attempts": 1, "line": None,
        "campaign_id": None, "case_id": None, "needs_callback": False, "phone": None,
        "summary": None,
    }  # fmt: skip
    return fact(Call.Recorded, **{**call, **_NEW, **more})


def counted(kind: type[Any], /, **more: Any) -> Fact:
    """A call that is reattributed or taken back, with what it had been counted by."""
    call = {
        "customer_id": None, "took_place_at": NOON, "state": CallState.ENDED, "agent": None,
        "direction": Direction.UNKNOWN, "result": CallResult.UNKNOWN, "type": None,
        "outcome": None, "line": None, "campaign_id": None, "seconds": None,
        "wait_seconds": None, "hold_seconds": None, "attempts": 1, "callback": None,
    }  # fmt: skip
    return fact(kind, **{**call, **more})
