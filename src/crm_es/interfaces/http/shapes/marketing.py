"""Campaigns, whom they reach, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from crm_es.interfaces.http.shapes.pages import Shape, Text
from crm_es.interfaces.http.shapes.rows import Amounts, Described, Money, Sourced


class Arm(Shape):
    name: str
    is_control: bool


class Campaign(Described):
    name: str
    kind: str | None
    channel: str | None
    currency: str
    arms: list[Arm]
    owner: str | None
    parent_id: UUID | None
    starts_on: date | None
    ends_on: date | None
    description: Text | None
    state: str
    budget: Money | None
    spent: Money
    spend_records: int
    clicks: int
    impressions: int
    launched_at: datetime | None
    reason: str | None


class ResponseKind(Shape):
    members: int
    rate: Money | None


class Results(Shape):
    """What came of it. A rate is a share of the members; what bots did is left out."""

    members: int
    targeted: int
    reached: int
    touches: int
    responders: int
    responses: int
    response_rate: Money | None
    by_kind: dict[str, ResponseKind]
    opted_out: int
    value: Amounts


class AllResults(Results):
    cost: Money
    cost_per_response: Money | None


class ArmResults(Results):
    arm: str | None
    is_control: bool


class Outcome(Shape):
    all: AllResults
    arms: list[ArmResults]


class CampaignWithResults(Campaign):
    results: Outcome


class Member(Sourced):
    """One customer in one campaign: targeted or control, touched, responded, opted out."""

    campaign_id: UUID
    customer_id: UUID
    arm: str | None
    is_control: bool
    previous_outcome: str | None
    previous_contacts: int | None
    days_since_previous: int | None
    stage: str
    is_targeted: bool
    touches: int
    touched_at: datetime | None
    responses: int
    bots: int
    """Responses that a machine gave."""
    responded_at: datetime | None
    kinds: dict[str, int]
    """Responses by kind."""
    values: Amounts
    opted_out_for: str | None
