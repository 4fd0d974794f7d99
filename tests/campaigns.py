"""Facts about campaigns, every field filled in; and what is asked of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_es.aggregates.marketing.campaign import Arm, Campaign, CampaignState
from crm_es.commands.marketing.campaign import (
    ApproveCampaignBudget,
    ArmBody,
    CancelCampaign,
    CompleteCampaign,
    LaunchCampaign,
    PauseCampaign,
    PlanCampaign,
    RecordSpend,
    ResumeCampaign,
    RetractCampaign,
    RetractSpend,
)
from scenario import NOON, SUBJECT, Fact, fact

ANN, SPEND = UUID(int=21), UUID(int=31)
C = CampaignState
MAIL, CONTROL = Arm("mail", is_control=False), Arm("control", is_control=True)
ARMS = (MAIL, CONTROL)

_NEW: dict[str, Any] = {
    "source": None, "source_id": None, "attributes": {}, "sealed_attributes": {},
}  # fmt: skip
_PLAN = {
    "name": "Spring", "kind": "mailing", "channel": "email", "currency": "EUR", "arms": ARMS,
    "owner": None, "parent_id": None, "starts_on": None, "ends_on": None, "description": None,
}  # fmt: skip
_PAID = {
    "spend_id": SPEND, "channel": "email", "amount": Decimal(40), "currency": "EUR",
    "clicks": None, "impressions": None, "ad_group": None, "ad": None, "campaign": None,
    "source": None, "source_id": None,
}  # fmt: skip


def planned(**more: Any) -> Fact:
    return fact(Campaign.Planned, **{**_PLAN, **_NEW, **more})


def moved(kind: type[Any], was: C, now: C | None = None, **more: Any) -> Fact:
    """From one state to another, or within it, with a budget of a hundred."""
    money = {"budget": Decimal(100), "spent": Decimal(0), "currency": "EUR"}
    return fact(kind, **{"from_state": was, "to_state": now or was, **money, **more})


def approved(budget: int = 100, tolerance: str = "0", **more: Any) -> Fact:
    facts = {"from_budget": None, "budget": Decimal(budget), "tolerance": Decimal(tolerance)}
    return moved(Campaign.BudgetApproved, C.PLANNING, C.APPROVED, **{**facts, **more})


def running(state: C, **more: Any) -> tuple[Fact, ...]:
    """A campaign that somehow came to be there."""
    plan = (planned(**more),)
    if state is C.PLANNING:
        return plan
    if state is C.APPROVED:
        return (*plan, approved())
    return (*plan, approved(), moved(Campaign.Launched, C.APPROVED, state))


def paid(**more: Any) -> Fact:
    return fact(Campaign.SpendRecorded, **{**_PAID, **more})


def unpaid(**more: Any) -> Fact:
    back = {"took_place_at": NOON, "reason": "twice"}
    return fact(Campaign.SpendRetracted, **{**_PAID, **back, **more})


# What is asked of them.

SECOND = UUID(int=32)
BODIES = [ArmBody(name="mail"), ArmBody(name="control", is_control=True)]


def plan(**more: Any) -> PlanCampaign:
    body = {
        "campaign_id": SUBJECT, "name": "Spring", "kind": "mailing", "channel": "email",
        "currency": "EUR", "arms": BODIES,
    }  # fmt: skip
    return PlanCampaign(**{**body, **more})


def spend(amount: str = "40", **more: Any) -> RecordSpend:
    body = {"campaign_id": SUBJECT, "spend_id": SPEND, "amount": Decimal(amount)}
    return RecordSpend(**{**body, **more})


approve = ApproveCampaignBudget(campaign_id=SUBJECT, budget=Decimal(100))
launch = LaunchCampaign(campaign_id=SUBJECT)
pause = PauseCampaign(campaign_id=SUBJECT, reason="complaints")
resume = ResumeCampaign(campaign_id=SUBJECT)
complete = CompleteCampaign(campaign_id=SUBJECT)
cancel = CancelCampaign(campaign_id=SUBJECT, reason="no stock")
unspend = RetractSpend(campaign_id=SUBJECT, spend_id=SPEND, reason="twice")
retract = RetractCampaign(campaign_id=SUBJECT, reason="test")
