"""Spend: within the budget, each record by itself, taken back as it was counted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from campaigns import SECOND, C, approved, paid, planned, running, spend, unpaid, unspend
from crm_es.aggregates.marketing.campaign import SPEND_MAX, Campaign, CampaignState
from crm_es.errors import Refused
from scenario import NOON, SUBJECT, Given, TestDesk, given, in_history


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
