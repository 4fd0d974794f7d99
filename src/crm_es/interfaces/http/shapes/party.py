"""Customers, employees, and who is where."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from crm_es.interfaces.http.shapes.pages import Shape, Text
from crm_es.interfaces.http.shapes.rows import Described, Known, Sourced


class ContactPoint(Shape):
    channel: str
    value: Text
    label: str | None
    is_verified: bool
    is_valid: bool


class Restriction(Shape):
    is_active: bool
    """False: only proposed so far."""
    reason: str
    by: str
    since: datetime


class Customer(Described):
    """A person or an organisation one deals with."""

    kind: str
    name: Text | None
    tax_id: Text | None
    owner: str | None
    country: str | None
    tier: str | None
    lifecycle: str
    roles: list[str]
    parent_id: UUID | None
    closed_for: str | None
    is_unreachable: bool
    contact_points: dict[str, ContactPoint]
    """By id."""
    preferences: dict[str, str]
    restrictions: dict[str, Restriction]
    """By scope: sales, credit, marketing."""


class Employee(Sourced):
    handle: str
    name: Text | None
    team: str | None
    manager: str | None
    """A handle."""
    since: date | None
    has_left: bool


class Affiliation(Sourced):
    """A person at an organisation."""

    person_id: UUID
    organisation_id: UUID
    title: Text | None
    role: str | None
    is_primary: bool
    reason: str | None
    ended_at: datetime | None
    ended_precision: Known | None = None
