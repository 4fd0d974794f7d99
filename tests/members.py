"""Facts about members of campaigns, every field filled in; and what is asked of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from campaigns import ANN, C, running
from contacts import registered
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.marketing.member_state import Evidence, MemberStage, member_id
from crm_es.commands.base import Command
from crm_es.commands.marketing.member import (
    OptOut,
    ReclassifyResponse,
    RecordResponse,
    RecordTouch,
    RetractMember,
    RetractResponse,
    TargetMember,
)
from crm_es.errors import Refused
from scenario import NOON, SUBJECT, Fact, TestDesk, fact

RESPONSE, SECOND = UUID(int=41), UUID(int=42)
MEMBER = member_id(SUBJECT, ANN)
M = MemberStage

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


def refusal(command: Command, desk: TestDesk) -> str:
    with pytest.raises(Refused) as refused:
        command.decide(desk)
    return refused.value.code


def unsaid(**more: Any) -> Fact:
    return again(CampaignMember.ResponseRetracted, **{"reason": "twice", **more})


def gone(stage: MemberStage, **more: Any) -> Fact:
    facts = {
        "was_targeted": True, "touches": 0, "touched": (), "took_place_at": NOON, "reason": "test",
    }  # fmt: skip
    return member(CampaignMember.Retracted, stage, **{**facts, **more})


# What is asked of members.

ACTIVE = (*running(C.ACTIVE), registered(ANN))
TARGETED = (*ACTIVE, targeted())
TOUCHED = (*TARGETED, touched())
RESPONDED = (*TOUCHED, responded())
IN_CONTROL = (*ACTIVE, targeted(arm="control", is_control=True))


def named(kind: type[Any], /, **more: Any) -> Any:
    return kind(campaign_id=SUBJECT, customer_id=ANN, **more)


def respond(**more: Any) -> Any:
    return named(RecordResponse, **{"response_id": RESPONSE, "kind": "purchase", **more})


target = named(TargetMember, arm="mail")
touch = named(RecordTouch)
opt_out = named(OptOut)
retract = named(RetractMember, reason="test")
unsay = named(RetractResponse, response_id=RESPONSE, reason="twice")
human = named(ReclassifyResponse, response_id=RESPONSE, evidence=Evidence.HUMAN)
