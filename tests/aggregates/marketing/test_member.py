"""Members of campaigns: targeted, touched, gone from them, taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from campaigns import ANN, C, planned, running
from contacts import registered
from crm_es.aggregates.fields import Precision
from crm_es.aggregates.marketing.campaign import Campaign, CampaignState
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.marketing.member_state import TOUCHES_MAX, Touch, member_id
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.restrictions import Scope
from crm_es.commands.base import Command
from crm_es.commands.marketing.member import OptOut, RecordTouch, TargetMember
from members import (
    ACTIVE,
    IN_CONTROL,
    MEMBER,
    RESPONDED,
    TARGETED,
    TOUCHED,
    M,
    gone,
    member,
    named,
    noticed,
    opt_out,
    opted_out,
    refusal,
    respond,
    retract,
    target,
    targeted,
    touch,
    touched,
    unsaid,
)
from scenario import NOON, SUBJECT, Fact, Given, TestDesk, decided, fact, given, in_history

# Targeting.


def test_a_member_is_a_stream_of_its_own_that_both_ids_name() -> None:
    assert target.target == MEMBER == member_id(SUBJECT, ANN)
    assert member_id(ANN, SUBJECT) != MEMBER
    (aggregate, event) = decided(ACTIVE, target).recorded[0]
    assert (aggregate.id, event.campaign_id, event.customer_id) == (MEMBER, SUBJECT, ANN)


def test_targeting_records_nothing_on_the_campaign() -> None:
    given(*ACTIVE).when(target).then(targeted())


def test_the_arm_says_whether_it_is_control() -> None:
    given(*ACTIVE).when(named(TargetMember, arm="control")).then(
        targeted(arm="control", is_control=True)
    )
    otherwise = named(TargetMember, arm="mail", is_control=True)
    given(*ACTIVE).when(otherwise).then_refused("campaign.arm_otherwise")
    in_history(*ACTIVE).when(otherwise).then(targeted(is_control=True)).with_findings(
        "campaign.arm_otherwise"
    )


def test_nobody_is_targeted_in_an_arm_the_campaign_does_not_have() -> None:
    for arm in ("post", None):
        unknown = named(TargetMember, arm=arm)
        given(*ACTIVE).when(unknown).then_refused("campaign.arm_unknown")
        in_history(*ACTIVE).when(unknown).then_found("campaign.arm_unknown")


def test_a_campaign_without_arms_takes_any() -> None:
    facts = (*running(C.ACTIVE, arms=()), registered(ANN))
    given(*facts).when(named(TargetMember, arm="A", is_control=True)).then(
        targeted(arm="A", is_control=True)
    )
    given(*facts).when(named(TargetMember)).then(targeted(arm=None))


def test_what_earlier_campaigns_came_to_is_kept() -> None:
    known = {"previous_outcome": "success", "previous_contacts": 2, "days_since_previous": 6}
    given(*ACTIVE).when(named(TargetMember, arm="mail", **known)).then(targeted(**known))


@pytest.mark.parametrize("state", [C.PLANNING, C.APPROVED, C.ACTIVE, C.PAUSED])
def test_members_are_targeted_before_and_while_a_campaign_runs(state: CampaignState) -> None:
    given(*running(state), registered(ANN)).when(target).then(targeted())


@pytest.mark.parametrize("state", [C.COMPLETE, C.CANCELLED])
def test_nobody_is_targeted_when_a_campaign_is_over(state: CampaignState) -> None:
    given(*running(state), registered(ANN)).when(target).then_refused("campaign.over")
    in_history(*running(state)).when(target).then_found("campaign.over")
    given(*running(state), registered(ANN), targeted()).when(target).then_nothing()


def test_nobody_is_targeted_twice() -> None:
    given(*TARGETED).when(target).then_nothing()
    given(*RESPONDED).when(target).then_nothing()


def test_a_member_of_whom_nothing_was_heard_can_move_to_another_arm() -> None:
    control = named(TargetMember, arm="control")
    moved = member(
        CampaignMember.Retargeted, M.TARGETED, arm="control", is_control=True, from_arm="mail",
        from_is_control=False, was_targeted=True,
    )  # fmt: skip
    given(*TARGETED).when(control).then(moved)
    given(*TARGETED, moved).when(control).then_nothing()


@pytest.mark.parametrize("facts", [TOUCHED, RESPONDED])
def test_the_arm_is_kept_when_something_came_of_it(facts: tuple[Fact, ...]) -> None:
    control = named(TargetMember, arm="control")
    given(*facts).when(control).then_refused("member.arm_kept")
    in_history(*facts).when(control).then_found("member.arm_kept")


def test_who_was_only_heard_of_can_be_targeted() -> None:
    given(*ACTIVE, noticed()).when(target).then(
        member(
            CampaignMember.Retargeted,
            M.NOTICED,
            M.TARGETED,
            from_arm=None,
            from_is_control=False,
            was_targeted=False,
        )
    )


def test_nobody_is_targeted_against_a_restriction() -> None:
    restricted = fact(Customer.Restricted, on=ANN, scope=Scope.MARKETING, reason="asked", by="ann")
    for command in (target, touch):
        given(*TARGETED[:-1], restricted).when(command).then_refused(
            "customer.restricted_marketing"
        )


@pytest.mark.parametrize("command", [target, touch, respond(), opt_out])
def test_there_is_no_member_of_a_campaign_nobody_planned(command: Command) -> None:
    given(registered(ANN)).when(command).then_refused("campaign.not_found")
    in_history().when(command).then_refused("campaign.not_found")


@pytest.mark.parametrize("command", [target, touch])
def test_no_stranger_becomes_a_member(command: Command) -> None:
    given(*running(C.ACTIVE)).when(command).then_refused("customer.unknown")


# Touching.


def test_a_member_is_touched_in_the_campaigns_channel_if_none_is_named() -> None:
    given(*TARGETED).when(touch).then(touched())
    given(*TARGETED).when(named(RecordTouch, channel="post")).then(touched(channel="post"))


def test_two_touches_are_two() -> None:
    given(*TOUCHED).when(touch).then(touched(M.TOUCHED, touches=2))


def test_a_touch_after_a_response_does_not_lead_back() -> None:
    given(*RESPONDED).when(touch).then(touched(M.RESPONDED, M.RESPONDED, touches=2))


def test_a_wave_is_sent_once() -> None:
    wave = named(RecordTouch, wave="first")
    given(*TARGETED).when(wave).then(touched(wave="first"))
    sent = (*TARGETED, touched(wave="first"))
    given(*sent).when(wave).then_refused("member.wave_sent")
    in_history(*sent).when(wave).then_found("member.wave_sent")
    given(*sent).when(named(RecordTouch, wave="second")).then(
        touched(M.TOUCHED, wave="second", touches=2)
    )


def test_nothing_is_sent_to_the_control_group() -> None:
    given(*IN_CONTROL).when(touch).then_refused("member.control")
    in_history(*IN_CONTROL).when(touch).then_found("member.control")


@pytest.mark.parametrize("state", [C.PLANNING, C.APPROVED, C.PAUSED, C.COMPLETE, C.CANCELLED])
def test_nothing_is_sent_unless_the_campaign_runs(state: CampaignState) -> None:
    facts = (*running(state), registered(ANN), targeted())
    given(*facts).when(touch).then_refused("campaign.not_running")
    in_history(*facts).when(touch).then_found("campaign.not_running")


def test_nothing_is_sent_to_whom_the_campaign_does_not_target() -> None:
    given(*ACTIVE).when(touch).then_refused("member.not_targeted")
    in_history(*ACTIVE).when(touch).then(noticed(), touched(M.NOTICED, arm=None)).with_findings(
        "member.not_targeted"
    )


def test_a_touch_of_an_unknown_day_has_no_time() -> None:
    some_day = named(RecordTouch, at=NOON, at_precision=Precision.MONTH)
    given(*TARGETED).when(some_day).then(touched(touched_at=None))


def test_a_member_takes_so_many_touches() -> None:
    desk = TestDesk(Given(TARGETED), touch)
    sent = Touch("mail", is_control=False, channel=None, wave=None, took_place_at=NOON)
    desk.get(CampaignMember, MEMBER).touches = [sent] * TOUCHES_MAX
    assert refusal(touch, desk) == "member.touches_max"


# Opting out.


@pytest.mark.parametrize("state", list(CampaignState))
def test_opting_out_is_never_refused(state: CampaignState) -> None:
    given(*running(state), targeted()).when(opt_out).then(opted_out(M.TARGETED))
    given(*running(state)).when(opt_out).then(noticed(), opted_out(M.NOTICED, arm=None))


def test_opting_out_says_why_and_happens_once() -> None:
    why = named(OptOut, reason="too many mails")
    given(*TOUCHED).when(why).then(opted_out(M.TOUCHED, reason="too many mails"))
    given(*TOUCHED, opted_out(M.TOUCHED)).when(why).then_nothing()


def test_opting_out_closes_a_member_to_further_touches() -> None:
    facts = (*TOUCHED, opted_out(M.TOUCHED))
    given(*facts).when(touch).then_refused("member.opted_out")
    in_history(*facts).when(touch).then(touched(M.OPTED_OUT, M.OPTED_OUT, touches=2)).with_findings(
        "member.opted_out"
    )
    out = (*TARGETED, opted_out(M.TARGETED))
    given(*out).when(named(TargetMember, arm="control")).then_refused("member.opted_out")


# Taking back.


def test_a_member_taken_back_tells_every_touch_and_takes_its_responses_along() -> None:
    sent = Touch("mail", is_control=False, channel="email", wave=None, took_place_at=NOON)
    given(*RESPONDED).when(retract).then(
        unsaid(reason="test"),
        gone(M.RESPONDED, touches=1, touched=(sent,)),
    )
    given(*RESPONDED, unsaid()).when(retract).then(gone(M.RESPONDED, touches=1, touched=(sent,)))


def test_a_member_is_taken_back_once() -> None:
    given(*TARGETED).when(retract).then(gone(M.TARGETED))
    given(*TARGETED, gone(M.TARGETED)).when(retract).then_nothing()
    given(*ACTIVE, noticed()).when(retract).then(gone(M.NOTICED, arm=None, was_targeted=False))


@pytest.mark.parametrize("command", [touch, respond()])
def test_a_member_taken_back_is_none_until_somebody_targets_it_anew(command: Command) -> None:
    facts = (*TARGETED, gone(M.TARGETED))
    given(*facts).when(command).then_refused("member.not_targeted")
    assert "member.not_targeted" in decided(facts, command, is_history=True).findings
    anew = decided(facts, named(TargetMember, arm="control"))
    assert [type(event).TOPIC for _, event in anew.recorded] == ["campaign_member.targeted"]


@pytest.mark.parametrize("command", [target, touch, respond()])
def test_a_campaign_that_was_taken_back_has_no_new_members(command: Command) -> None:
    back = fact(
        Campaign.Retracted, from_state=C.PLANNING, to_state=C.PLANNING, budget=None,
        spent=Decimal(0), currency="EUR", reason="test",
    )  # fmt: skip
    facts = (planned(), back, registered(ANN))
    given(*facts).when(command).then_refused("campaign.retracted")
    assert "campaign.retracted" in decided(facts, command, is_history=True).findings
