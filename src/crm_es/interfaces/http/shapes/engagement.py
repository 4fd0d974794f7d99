"""Contacts with customers: calls, visits, activities, messages, the web."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_es.interfaces.http.shapes.pages import Text
from crm_es.interfaces.http.shapes.rows import Described, Money


class _Contact(Described):
    customer_id: UUID | None
    """None: nobody knows who it was."""


class Call(_Contact):
    agent: str | None
    direction: str
    result: str | None
    type: str | None
    """As the source names it."""
    outcome: str | None
    seconds: int | None
    wait_seconds: int | None
    hold_seconds: int | None
    line: str | None
    campaign_id: UUID | None
    phone: Text | None
    summary: Text | None
    state: str
    attempts: int
    cases: list[UUID]
    callback: str | None
    """Of a missed call: required, done or waived."""
    called_back_by: UUID | None = None
    """The call it was done by; absent until then."""
    waived_for: str | None = None


class Visit(_Contact):
    agent: str | None
    company: str | None
    purpose: str | None
    about_kind: str | None
    about_id: UUID | None
    place: Text | None
    outcome: str | None
    report: Text | None
    seconds: int | None
    value: Money | None
    currency: str | None
    order_id: UUID | None
    planned_at: datetime | None
    state: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    reason: str | None
    lines: list[dict[str, Any]]
    """The first of what was shown, left or spoken of."""
    line_count: int


class Activity(_Contact):
    """Something to do, or done, about anything."""

    kind: str
    about_kind: str | None
    about_id: UUID | None
    owner: str | None
    title: Text | None
    outcome: str | None
    seconds: int | None
    notes: Text | None
    planned_at: datetime | None
    planned_until: datetime | None
    phase: str | None
    state: str
    started_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    reason: str | None


class Interaction(_Contact):
    """An e-mail, a message, a meeting, material sent."""

    kind: str
    direction: str | None
    channel: str | None
    agent: str | None
    type: str | None
    company: str | None
    product: str | None
    campaign_id: UUID | None
    value: Money | None
    currency: str | None
    seconds: int | None
    subject: Text | None
    body: Text | None
    evidence: str | None
    about_kind: str | None
    about_id: UUID | None
    corrections: int


class WebSession(_Contact):
    visitor: str | None
    device: str | None
    campaign_id: UUID | None
    pages: int | None
    searched: bool | None
    messaged: bool | None
    booked: bool | None
    entry_path: str | None
    last_path: str | None
    referrer: str | None
    ended_at: datetime | None
    seconds: int | None
    is_ended: bool
