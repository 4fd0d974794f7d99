"""The demo's campaigns: whom they target, who answers, what they cost, and one that works."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from crm_es.intake.demo.people import Person
from crm_es.intake.demo.script import Script, money

CONTROL_SHARE = 0.2


class Campaign(NamedTuple):
    """``effect`` is how often the mailed respond, by segment; ``base`` how often anyone does."""

    name: str
    days_before_end: int
    base: float
    effect: dict[str, float]
    mail_cost: float


CAMPAIGNS = (
    Campaign("Autumn check-up", 640, 0.05, {"home": 0.07, "small business": 0.06}, 0.45),
    Campaign("Winter service", 520, 0.04, {"home": 0.06, "small business": 0.05}, 0.45),
    # The one that works, and for one segment only: small businesses answer it four times as often.
    Campaign("Second building", 300, 0.05, {"home": 0.05, "small business": 0.21}, 0.60),
    Campaign("Controller upgrade", 130, 0.06, {"home": 0.09, "industry": 0.10}, 0.45),
    Campaign("Spring offer", 20, 0.05, {"home": 0.08, "small business": 0.08}, 0.45),
)


def tell(script: Script, people: list[Person]) -> None:
    for campaign in CAMPAIGNS:
        _run(script, campaign, people)


def _run(script: Script, campaign: Campaign, people: list[Person]) -> None:
    random = script.chance("campaign", campaign.name)
    start = script.until - timedelta(days=campaign.days_before_end)
    id = script.id(start, "campaign", campaign.name)
    known = [p for p in people if p.since < start - timedelta(days=5)]
    targets = random.sample(known, min(len(known), 420))
    budget = len(targets) * campaign.mail_cost * 1.5 + 400
    script.add(
        start - timedelta(days=20), "PlanCampaign", campaign_id=id, name=campaign.name,
        kind="mailing", channel="email", currency="EUR",
        arms=[{"name": "mail", "is_control": False}, {"name": "control", "is_control": True}],
    )  # fmt: skip
    script.add(
        start - timedelta(days=12), "ApproveCampaignBudget", campaign_id=id, budget=money(budget)
    )
    script.add(start, "LaunchCampaign", campaign_id=id)
    for n, person in enumerate(targets):
        _member(script, random, campaign, id, person, start + timedelta(seconds=5 + n))
    script.add(
        start + timedelta(days=1), "RecordSpend", campaign_id=id, currency="EUR",
        spend_id=script.id(start, "spend", campaign.name), channel="email",
        amount=money(len(targets) * campaign.mail_cost),
    )  # fmt: skip
    script.add(start + timedelta(days=45), "CompleteCampaign", campaign_id=id)


def _member(
    script: Script, random: Random, campaign: Campaign, id: UUID, person: Person, at: datetime
) -> None:
    is_control = random.random() < CONTROL_SHARE
    member = {"campaign_id": id, "customer_id": person.id}
    script.add(
        at, "TargetMember", **member, arm="control" if is_control else "mail",
        is_control=is_control,
    )  # fmt: skip
    if not is_control:
        script.add(at + timedelta(hours=1), "RecordTouch", **member, channel="email")
    chance = campaign.base if is_control else campaign.effect.get(person.segment, campaign.base)
    if random.random() < chance:
        answered = at + timedelta(days=random.uniform(0.2, 30))
        script.add(
            answered, "RecordResponse", **member, kind="purchase",
            response_id=script.id(answered, "response", campaign.name, person.number),
            value=money(random.uniform(80, 900)), currency="EUR",
        )  # fmt: skip
    elif not is_control and random.random() < 0.02:  # noqa: PLR2004
        script.add(at + timedelta(days=1), "OptOut", **member, reason="too many mails")
