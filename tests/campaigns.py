"""Facts about campaigns and their members, every field filled in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_es.aggregates.marketing.campaign import Arm, Campaign, CampaignState
from crm_es.aggregates.marketing.member import CampaignMember, Evidence, MemberStage, member_id
from scenario import NOON, SUBJECT, Fact, fact

ANN, SPEND, RESPONSE = UUID(int=21), UUID(int=31), UUID(int=41)
MEMBER = member_id(SUBJECT, ANN)
C = CampaignState
M = MemberStage
MAIL, CONTROL = Arm("mail", is_control=False), Arm("control", is_control=True)
ARMS = (MAIL, CONTROL)

_NEW: dict[str, Any] = {
    "source": None,
    "source_id": None,
    "attributes": {},
    "sealed_attributes": {},
}
_PLAN = {
    "name": "Spring", "kind": "mailing", "channel": "email", "currency": "EUR", "arms": ARMS,
    "owner": None, "parent_id": None, "starts_on": None, "ends_on": None, "description": None,
}  # fmt: skip
_PAID = {
    "spend_id": SPEND, "channel": "email", "amount": Decimal(40), "currency": "EUR",
    "clicks": None, "impressions": None, "ad_group": None, "ad": None, "campaign": None,
    "source": None, "source_id": None,
}  # fmt: skip
_MEMBER = {"campaign_id": SUBJECT, "customer_id": ANN, "arm": "mail", "is_control": False}
_RESPONSE = {
    "response_id": RESPONSE, "kind": "purchase", "value": None, "currency": None,
    "reference": None, "evidence": Evidence.UNKNOWN, "is_first": True, "touches": 1,
    "touched_at": NOON,
}  # fmt: skip
_TARGET = {
    "previous_outcome": None, "previous_contacts": None, "days_since_previous": None,
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


def member(
    kind: type[Any], was: M | None, now: M | None = None, /, *, when: datetime = NOON, **more: Any
) -> Fact:
    places = {"from_stage": was, "to_stage": now or was}
    return fact(kind, on=MEMBER, when=when, **{**_MEMBER, **places, **more})


def targeted(**more: Any) -> Fact:
    return member(CampaignMember.Targeted, None, M.TARGETED, **{**_TARGET, **more})


def noticed(**more: Any) -> Fact:
    return member(CampaignMember.Noticed, None, M.NOTICED, **{"arm": None, **more})


def touched(was: M = M.TARGETED, now: M = M.TOUCHED, **more: Any) -> Fact:
    sent = {"channel": "email", "wave": None, "touches": 1, "touched_at": more.get("when", NOON)}
    return member(CampaignMember.Touched, was, now, **{**sent, **more})


def responded(was: M = M.TOUCHED, now: M = M.RESPONDED, **more: Any) -> Fact:
    return member(CampaignMember.Responded, was, now, **{**_RESPONSE, **more})


def again(kind: type[Any], stage: M = M.RESPONDED, **more: Any) -> Fact:
    """A response once more: another opinion on it, or its taking back."""
    return member(kind, stage, stage, **{**_RESPONSE, "took_place_at": NOON, **more})


def opted_out(was: M, **more: Any) -> Fact:
    return member(CampaignMember.OptedOut, was, M.OPTED_OUT, **{"reason": None, **more})
