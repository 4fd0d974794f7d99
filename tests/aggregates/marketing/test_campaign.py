"""Campaigns: planned in arms, approved, run, paused, completed or called off, taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from campaigns import (
    SECOND,
    C,
    approve,
    approved,
    cancel,
    complete,
    launch,
    moved,
    paid,
    pause,
    plan,
    planned,
    resume,
    retract,
    running,
    spend,
    unpaid,
    unspend,
)
from crm_es.aggregates.base import personal_fields
from crm_es.aggregates.marketing.campaign import ARMS_MAX, Arm, Campaign, CampaignState
from crm_es.commands.base import Command
from crm_es.commands.marketing.campaign import ApproveCampaignBudget, ArmBody
from scenario import SUBJECT, decided, given, in_history

# Planning.


def test_a_campaign_is_planned_in_arms_with_its_words_sealed() -> None:
    given().when(plan(description="For those who left")).then(
        planned(description="For those who left")
    )
    assert personal_fields(Campaign.Planned) == ("description", "sealed_attributes")


def test_a_campaign_may_have_no_arms_and_is_paid_in_the_tenants_currency() -> None:
    given().when(plan(arms=[], currency=None)).then(planned(arms=()))


def test_a_campaign_is_known_by_its_id() -> None:
    given(planned()).when(plan()).then_refused("campaign.exists")


def test_no_two_arms_have_one_name() -> None:
    twice = [ArmBody(name="mail"), ArmBody(name="mail", is_control=True)]
    given().when(plan(arms=twice)).then_refused("campaign.arm_twice")
    in_history().when(plan(arms=twice)).then_refused("campaign.arm_twice")


def test_one_arm_at_most_is_control() -> None:
    two = [ArmBody(name="a", is_control=True), ArmBody(name="b", is_control=True)]
    given().when(plan(arms=two)).then_refused("campaign.two_controls")


def test_no_campaign_is_planned_to_end_before_it_starts() -> None:
    days: dict[str, Any] = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 1)}
    given().when(plan(**days)).then_refused("campaign.ends_early")
    same: dict[str, Any] = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 2)}
    given().when(plan(**same)).then(planned(**same))


def test_an_attribute_nobody_defined_is_refused() -> None:
    given().when(plan(attributes={"goal": "10"})).then_refused("attribute.undefined")


# The steps: every command in every state.

ASK: dict[str, tuple[Command, type[Any], dict[CampaignState, CampaignState | str | None]]] = {
    "launch": (launch, Campaign.Launched, {
        C.PLANNING: "campaign.state_order", C.APPROVED: C.ACTIVE, C.ACTIVE: None,
        C.PAUSED: "campaign.paused", C.COMPLETE: "campaign.state_order",
        C.CANCELLED: "campaign.state_order",
    }),
    "pause": (pause, Campaign.Paused, {
        C.PLANNING: "campaign.state_order", C.APPROVED: "campaign.state_order",
        C.ACTIVE: C.PAUSED, C.PAUSED: None, C.COMPLETE: "campaign.state_order",
        C.CANCELLED: "campaign.state_order",
    }),
    "resume": (resume, Campaign.Resumed, {
        C.PLANNING: "campaign.not_paused", C.APPROVED: "campaign.not_paused", C.ACTIVE: None,
        C.PAUSED: C.ACTIVE, C.COMPLETE: "campaign.not_paused",
        C.CANCELLED: "campaign.not_paused",
    }),
    "complete": (complete, Campaign.Completed, {
        C.PLANNING: "campaign.state_order", C.APPROVED: "campaign.state_order",
        C.ACTIVE: C.COMPLETE, C.PAUSED: C.COMPLETE, C.COMPLETE: None,
        C.CANCELLED: "campaign.state_order",
    }),
    "cancel": (cancel, Campaign.Cancelled, {
        C.PLANNING: C.CANCELLED, C.APPROVED: C.CANCELLED, C.ACTIVE: C.CANCELLED,
        C.PAUSED: C.CANCELLED, C.COMPLETE: "campaign.state_order", C.CANCELLED: None,
    }),
}  # fmt: skip
STEPS = [
    pytest.param(state, *step, id=f"{name} when {state}")
    for name, step in ASK.items()
    for state in CampaignState
]


@pytest.mark.parametrize(("state", "command", "kind", "expected"), STEPS)
def test_a_step_is_taken_refused_or_there_is_nothing_to_do(
    state: CampaignState,
    command: Command,
    kind: type[Any],
    expected: dict[CampaignState, CampaignState | str | None],
) -> None:
    facts, there = running(state), expected[state]
    if there is not None and not isinstance(there, CampaignState):
        given(*facts).when(command).then_refused(there)
        desk = decided(facts, command, is_history=True)
        assert there in desk.findings
    else:
        desk = decided(facts, command)
    told = [(type(event), event.from_state, event.to_state) for _, event in desk.recorded]
    if there is None:
        assert told == []
    else:
        assert [(one, was) for one, was, _ in told] == [(kind, state)]
        assert not isinstance(there, CampaignState) or told[0][2] is there


@pytest.mark.parametrize("state", [C.APPROVED, C.ACTIVE, C.PAUSED])
def test_another_budget_leaves_the_campaign_where_it_is(state: CampaignState) -> None:
    more = ApproveCampaignBudget(campaign_id=SUBJECT, budget=Decimal(300), tolerance=Decimal("0.1"))
    given(*running(state)).when(more).then(
        moved(
            Campaign.BudgetApproved,
            state,
            budget=Decimal(300),
            from_budget=Decimal(100),
            tolerance=Decimal("0.1"),
        )
    )


def test_the_first_budget_approves_the_plan() -> None:
    given(planned()).when(approve).then(approved())
    given(planned(), approved()).when(approve).then_nothing()


@pytest.mark.parametrize("state", [C.COMPLETE, C.CANCELLED])
def test_a_campaign_that_is_over_gets_no_other_budget(state: CampaignState) -> None:
    more = ApproveCampaignBudget(campaign_id=SUBJECT, budget=Decimal(300))
    given(*running(state)).when(more).then_refused("campaign.over")
    in_history(*running(state)).when(more).then_found("campaign.over")


@pytest.mark.parametrize("tolerance", ["-0.1", "1.1"])
def test_a_tolerance_is_a_share(tolerance: str) -> None:
    with pytest.raises(ValidationError):
        ApproveCampaignBudget(campaign_id=SUBJECT, budget=Decimal(1), tolerance=Decimal(tolerance))


def test_a_step_tells_what_the_campaign_had_cost() -> None:
    facts = (*running(C.ACTIVE), paid(), paid(spend_id=SECOND, amount=Decimal("12.5")))
    given(*facts).when(complete).then(
        moved(Campaign.Completed, C.ACTIVE, C.COMPLETE, spent=Decimal("52.5"))
    )


# Taking back.


def test_a_campaign_taken_back_takes_all_its_spend_along() -> None:
    facts = (*running(C.ACTIVE), paid(), paid(spend_id=SECOND, amount=Decimal(5)))
    gone = moved(Campaign.Retracted, C.ACTIVE, reason="test")
    given(*facts).when(retract).then(
        unpaid(reason="test"), unpaid(spend_id=SECOND, amount=Decimal(5), reason="test"), gone
    )
    given(*facts, unpaid()).when(retract).then(
        unpaid(spend_id=SECOND, amount=Decimal(5), reason="test"), gone
    )


def test_a_campaign_is_taken_back_once() -> None:
    given(planned(), moved(Campaign.Retracted, C.PLANNING, reason="x")).when(retract).then_nothing()


@pytest.mark.parametrize(
    "command", [approve, launch, cancel, spend()], ids=lambda command: type(command).__name__
)
def test_nothing_more_happens_to_a_campaign_that_was_taken_back(command: Command) -> None:
    facts = (planned(), moved(Campaign.Retracted, C.PLANNING, reason="x"))
    given(*facts).when(command).then_refused("campaign.retracted")
    assert "campaign.retracted" in decided(facts, command, is_history=True).findings


def test_spend_told_of_a_campaign_that_was_taken_back_is_not_taken_back_as_if_it_counted() -> None:
    facts = (planned(), moved(Campaign.Retracted, C.PLANNING, reason="x"), paid())
    given(*facts).when(unspend).then_refused("campaign.retracted")
    assert decided(facts, unspend, is_history=True).findings == ["campaign.retracted"]


def test_a_campaign_has_as_many_arms_as_are_named() -> None:
    names = [ArmBody(name=f"arm {n}") for n in range(ARMS_MAX)]
    arms = tuple(Arm(body.name, is_control=False) for body in names)
    given().when(plan(arms=names)).then(planned(arms=arms))
    with pytest.raises(ValidationError):
        plan(arms=[*names, ArmBody(name="one more")])
