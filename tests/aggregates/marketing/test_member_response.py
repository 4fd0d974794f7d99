"""Responses: of anyone, any number, judged, taken back as they were counted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from campaigns import ANN, C, running
from contacts import registered
from crm_es.aggregates.marketing.campaign import CampaignState
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.marketing.member_state import RESPONSES_MAX, Evidence
from crm_es.commands.base import Command
from crm_es.commands.marketing.member import ReclassifyResponse, TargetMember
from members import (
    ACTIVE,
    IN_CONTROL,
    MEMBER,
    RESPONDED,
    RESPONSE,
    SECOND,
    TARGETED,
    TOUCHED,
    M,
    again,
    human,
    member,
    named,
    noticed,
    opted_out,
    refusal,
    respond,
    responded,
    targeted,
    touched,
    unsaid,
    unsay,
)
from scenario import NOON, Given, TestDesk, given, in_history

# Responding.


def test_a_response_tells_what_came_before_it() -> None:
    later = NOON + timedelta(days=2)
    bought = respond(value=Decimal("20.5"), currency="SEK", reference="order 7", at=later)
    given(*TARGETED, touched(when=later)).when(bought).then(
        responded(value=Decimal("20.5"), currency="SEK", reference="order 7", touched_at=later)
    )


def test_a_value_is_in_the_campaigns_currency_if_none_is_named() -> None:
    given(*TOUCHED).when(respond(value=Decimal(0))).then(
        responded(value=Decimal(0), currency="EUR")
    )
    given(*TOUCHED).when(respond(currency="SEK")).then(responded(currency=None))


def test_two_equal_responses_are_two() -> None:
    given(*RESPONDED).when(respond()).then_refused("response.exists")
    in_history(*RESPONDED).when(respond()).then_refused("response.exists")
    given(*RESPONDED).when(respond(response_id=SECOND)).then(
        responded(M.RESPONDED, response_id=SECOND, is_first=False)
    )


def test_the_control_group_responds_too() -> None:
    control: dict[str, Any] = {
        "arm": "control",
        "is_control": True,
        "touches": 0,
        "touched_at": None,
    }
    given(*IN_CONTROL).when(respond()).then(responded(M.TARGETED, **control)).with_findings()


def test_a_response_without_a_touch_is_a_finding() -> None:
    given(*TARGETED).when(respond()).then_refused("member.untouched")
    in_history(*TARGETED).when(respond()).then(
        responded(M.TARGETED, touches=0, touched_at=None)
    ).with_findings("member.untouched")


def test_a_response_of_someone_nobody_targeted_is_a_finding() -> None:
    given(*ACTIVE).when(respond()).then_refused("member.not_targeted")
    in_history(*ACTIVE).when(respond()).then(
        noticed(), responded(M.NOTICED, arm=None, touches=0, touched_at=None)
    ).with_findings("member.not_targeted", "member.untouched")


@pytest.mark.parametrize("state", [C.ACTIVE, C.PAUSED, C.COMPLETE, C.CANCELLED])
def test_responses_come_after_the_end_too(state: CampaignState) -> None:
    facts = (*running(state), registered(ANN), targeted(), touched())
    given(*facts).when(respond()).then(responded())


@pytest.mark.parametrize("state", [C.PLANNING, C.APPROVED])
def test_nobody_responds_to_a_campaign_that_never_ran(state: CampaignState) -> None:
    facts = (*running(state), registered(ANN), targeted(), touched())
    given(*facts).when(respond()).then_refused("campaign.not_launched")
    in_history(*facts).when(respond()).then_found("campaign.not_launched")


def test_who_opted_out_may_still_buy_and_stays_out() -> None:
    facts = (*TOUCHED, opted_out(M.TOUCHED))
    given(*facts).when(respond()).then(responded(M.OPTED_OUT, M.OPTED_OUT))


def test_a_member_gives_so_many_responses() -> None:
    desk = TestDesk(Given(RESPONDED), respond(response_id=SECOND))
    found = desk.get(CampaignMember, MEMBER)
    (one,) = found.responses.values()
    found.responses = {UUID(int=1_000 + n): one for n in range(RESPONSES_MAX)}
    assert refusal(respond(response_id=SECOND), desk) == "member.responses_max"


# Where a response came from.


def test_another_opinion_on_a_response_tells_both() -> None:
    judged = again(
        CampaignMember.ResponseReclassified, evidence=Evidence.HUMAN,
        from_evidence=Evidence.UNKNOWN,
    )  # fmt: skip
    given(*RESPONDED).when(human).then(judged)
    given(*RESPONDED, judged).when(human).then_nothing()
    bot = named(ReclassifyResponse, response_id=RESPONSE, evidence=Evidence.BOT)
    given(*RESPONDED, judged).when(bot).then(
        again(
            CampaignMember.ResponseReclassified,
            evidence=Evidence.BOT,
            from_evidence=Evidence.HUMAN,
        )
    )


@pytest.mark.parametrize("command", [human, unsay])
def test_there_must_be_a_response_to_say_something_of_it(command: Command) -> None:
    given(*TOUCHED).when(command).then_refused("response.not_found")
    in_history(*TOUCHED).when(command).then_refused("response.not_found")
    given(*ACTIVE).when(command).then_refused("campaign_member.not_found")


def test_a_response_taken_back_tells_all_of_it_as_it_was_counted() -> None:
    when = NOON - timedelta(days=1)
    paid: dict[str, Any] = {"value": Decimal("20.5"), "currency": "EUR", "reference": "order 7"}
    judged = again(
        CampaignMember.ResponseReclassified, evidence=Evidence.BOT,
        from_evidence=Evidence.UNKNOWN, **paid,
    )  # fmt: skip
    facts = (*TOUCHED, responded(when=when, **paid), judged)
    gone = unsaid(took_place_at=when, evidence=Evidence.BOT, **paid)
    given(*facts).when(unsay).then(gone)
    given(*facts, gone).when(unsay).then_nothing()
    given(*facts, gone).when(respond()).then_refused("response.exists")
    given(*facts, gone).when(human).then_refused("response.not_found")


def test_a_response_is_taken_out_of_the_arm_it_was_counted_in() -> None:
    """History may move a member who responded; the response stays where it was made."""
    moved = member(
        CampaignMember.Retargeted, M.RESPONDED, arm="control", is_control=True, from_arm="mail",
        from_is_control=False, was_targeted=True,
    )  # fmt: skip
    gone = unsaid()
    given(*RESPONDED, moved).when(unsay).then(gone)
    control = named(TargetMember, arm="control")
    given(*RESPONDED, moved, gone).when(control).then_nothing()
