"""Everything about one customer, and its story in lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import create_model

from crm_es.interfaces.http.shapes.engagement import Activity, Call, Interaction, Visit, WebSession
from crm_es.interfaces.http.shapes.marketing import Member
from crm_es.interfaces.http.shapes.pages import Parked, Shape, Text
from crm_es.interfaces.http.shapes.party import Affiliation, ContactPoint, Customer
from crm_es.interfaces.http.shapes.rows import Amounts, Known
from crm_es.interfaces.http.shapes.sales import Lead, Opportunity, Order
from crm_es.interfaces.http.shapes.service import Case
from crm_es.projections.views.customer_figures import COUNTS, SUMS


class Point(ContactPoint):
    id: UUID


class Profile(Customer):
    contact_points: list[Point]  # type: ignore[assignment]
    parent_name: Text | None = None


class Employer(Affiliation):
    """With the name of the one at the other end."""

    name: Text | None


class InCampaign(Member):
    campaign: str | None
    """Its name."""


class Contact(Shape):
    kind: str
    id: UUID
    at: datetime


Figures = create_model(
    "Figures",
    __base__=Shape,
    __doc__="What it comes to: counts, and sums by currency.",
    **dict.fromkeys(COUNTS, (int, ...)),  # type: ignore[call-overload]
    **dict.fromkeys(SUMS, (Amounts, ...)),
)


class Customer360(Shape):
    """Everything about one customer, now or as of a moment; lists show their latest."""

    id: UUID
    is_registered: bool
    """False: the history tells of it, but nobody has registered it yet."""
    profile: Profile | None
    figures: Figures
    last_contact: Contact | None
    next_contact: Contact | None
    employers: list[Employer]
    former_employers: list[Employer]
    contacts: list[Employer]
    former_contacts: list[Employer]
    leads: list[Lead]
    open_opportunities: list[Opportunity]
    past_opportunities: list[Opportunity]
    orders: list[Order]
    open_cases: list[Case]
    past_cases: list[Case]
    calls: list[Call]
    visits: list[Visit]
    interactions: list[Interaction]
    sessions: list[WebSession]
    campaigns: list[InCampaign]
    planned_activities: list[Activity]
    activities: list[Activity]
    parked: Parked = None


class TimelineLine(Shape):
    """One event in words."""

    position: int
    event_id: UUID
    topic: str
    at: datetime
    precision: Known
    recorded_at: datetime
    actor: str
    on_behalf_of: str | None
    line: str
    texts: dict[str, Any]
    """What it says about people, opened."""
    links: list[dict[str, Any]]
    """What else it is about."""
    findings: list[str]
    version: int
