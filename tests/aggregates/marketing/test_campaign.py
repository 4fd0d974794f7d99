"""Campaigns: planned in arms, approved, run, paused, paid for, completed or called off."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from campaigns import SPEND, C, approved, moved, paid, planned, running, unpaid
from crm_es.aggregates.base import personal_fields
from crm_es.aggregates.marketing.campaign import (
    ARMS_MAX,
    SPEND_MAX,
    Arm,
    Campaign,
    CampaignState,
)
from crm_es.commands.base import Command
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
from crm_es.errors import Refused
from scenario import NOON, SUBJECT, Fact, Given, TestDesk, given, in_history

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


def decided(facts: tuple[Fact, ...], command: Command, *, is_history: bool = False) -> TestDesk:
    desk = TestDesk(Given(facts, is_history=is_history), command)
    command.decide(desk)
    return desk


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


# Spend.


def test_spend_is_told_with_all_the_source_says() -> None:
    full = spend(
        channel="ads", clicks=3, impressions=900, ad_group="brand", ad="a1", campaign="q2",
        source="ads", source_id="7",
    )  # fmt: skip
    given(*running(C.ACTIVE)).when(full).then(
        paid(
            channel="ads",
            clicks=3,
            impressions=900,
            ad_group="brand",
            ad="a1",
            campaign="q2",
            source="ads",
            source_id="7",
        )
    )


def test_spend_is_in_the_campaigns_channel_and_currency_if_none_is_named() -> None:
    given(*running(C.ACTIVE, currency="SEK")).when(spend()).then(paid(currency="SEK"))


def test_spend_in_another_currency_is_refused_in_history_too() -> None:
    krone = spend(currency="DKK")
    given(*running(C.ACTIVE)).when(krone).then_refused("money.currency_mismatch")
    in_history(*running(C.ACTIVE)).when(krone).then_refused("money.currency_mismatch")


def test_two_equal_records_of_spend_are_two() -> None:
    facts = (*running(C.ACTIVE), paid())
    given(*facts).when(spend(spend_id=SECOND)).then(paid(spend_id=SECOND))
    given(*facts).when(spend()).then_refused("spend.exists")
    in_history(*facts).when(spend()).then_refused("spend.exists")


@pytest.mark.parametrize(
    ("amount", "tolerance", "fits"),
    [("100", "0", True), ("100.0001", "0", False), ("110", "0.1", True), ("111", "0.1", False)],
)
def test_all_spend_stays_within_the_budget_and_its_tolerance(
    amount: str, tolerance: str, fits: Any
) -> None:
    facts = (planned(), approved(tolerance=tolerance))
    when = given(*facts).when(spend(amount))
    if fits:
        when.then(paid(amount=Decimal(amount)))
    else:
        when.then_refused("campaign.over_budget")
        in_history(*facts).when(spend(amount)).then_found("campaign.over_budget")


def test_what_was_spent_before_counts_against_the_budget() -> None:
    facts = (*running(C.ACTIVE), paid(amount=Decimal(80)))
    given(*facts).when(spend("21", spend_id=SECOND)).then_refused("campaign.over_budget")
    back = (*facts, unpaid(amount=Decimal(80)))
    given(*back).when(spend("21", spend_id=SECOND)).then(paid(spend_id=SECOND, amount=Decimal(21)))


def test_nothing_is_spent_on_a_campaign_without_a_budget() -> None:
    given(planned()).when(spend()).then_refused("campaign.no_budget")
    in_history(planned()).when(spend()).then(paid()).with_findings("campaign.no_budget")


@pytest.mark.parametrize("state", [C.APPROVED, C.ACTIVE, C.PAUSED, C.COMPLETE, C.CANCELLED])
def test_bills_may_come_before_and_after_a_campaign_runs(state: CampaignState) -> None:
    given(*running(state)).when(spend()).then(paid())


def test_nothing_is_spent_on_a_campaign_nobody_planned() -> None:
    given().when(spend()).then_refused("campaign.not_found")
    in_history().when(spend()).then_refused("campaign.not_found")


def test_a_campaign_takes_so_many_records_of_spend() -> None:
    desk = TestDesk(Given(running(C.ACTIVE)), spend())
    desk.get(Campaign, SUBJECT).spend = {UUID(int=n): None for n in range(100, 100 + SPEND_MAX)}
    with pytest.raises(Refused) as refusal:
        spend().decide(desk)
    assert refusal.value.code == "campaign.spend_max"


def test_spend_is_never_negative() -> None:
    with pytest.raises(ValidationError):
        spend("-1")


def test_spend_taken_back_tells_all_of_it_and_its_own_time() -> None:
    when = NOON - timedelta(days=3)
    full = {"clicks": 3, "impressions": 900, "ad_group": "brand", "ad": "a1", "campaign": "q2"}
    facts = (*running(C.ACTIVE), paid(when=when, **full))
    given(*facts).when(unspend).then(unpaid(took_place_at=when, **full))
    given(*facts, unpaid()).when(unspend).then_nothing()
    given(*facts, unpaid()).when(spend()).then_refused("spend.exists")


def test_nobody_takes_back_what_was_not_spent() -> None:
    given(*running(C.ACTIVE)).when(unspend).then_refused("spend.not_found")
    in_history(*running(C.ACTIVE)).when(unspend).then_refused("spend.not_found")


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


def test_a_campaign_has_as_many_arms_as_are_named() -> None:
    names = [ArmBody(name=f"arm {n}") for n in range(ARMS_MAX)]
    arms = tuple(Arm(body.name, is_control=False) for body in names)
    given().when(plan(arms=names)).then(planned(arms=arms))
    with pytest.raises(ValidationError):
        plan(arms=[*names, ArmBody(name="one more")])
