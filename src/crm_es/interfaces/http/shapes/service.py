"""Complaints, incidents and requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import RootModel

from crm_es.interfaces.http.shapes.pages import Text
from crm_es.interfaces.http.shapes.rows import Described


class CaseCounts(RootModel[dict[str, int]]):
    """How many cases stand in each state."""


class Case(Described):
    customer_id: UUID | None
    kind: str
    channel: str | None
    category: str | None
    subcategory: str | None
    product: str | None
    priority: str | None
    group: str | None
    assignee: str | None
    number: str | None
    region: str | None
    subject: Text | None
    description: Text | None
    state: str
    source_state: str | None
    """The word the source has for it."""
    resolved_at: datetime | None
    responded_at: datetime | None
    pending_on: str | None
    resolution: str | None
    level: int
    """How far it was escalated; 0 is not at all."""
    escalated_to: str | None
    reassignments: int
    reopenings: int
    is_in_sla: bool | None
    disputed: bool | None
    timely: bool | None
    reason: str | None
    duplicate_of: UUID | None
    links: list[list[str]]
    """(kind, id) of what it has to do with."""
    blockers: list[Any]
    """What must be done before it can be closed."""
