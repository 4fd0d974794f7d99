"""What can be asked of a campaign."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.marketing.campaign import ARMS_MAX, Arm, Campaign
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import (
    Code,
    Count,
    Currency,
    Day,
    Handle,
    Id,
    Line,
    Note,
    PositiveAmount,
    Share,
    SourceId,
)
from crm_es.errors import Conflict, Invalid


class ArmBody(BaseModel):
    """One of the ways members are dealt with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)
    name: Code
    is_control: bool = Field(default=False, description="Nothing is sent to its members.")


class _CampaignCommand(Command):
    TARGET = "campaign_id"
    campaign_id: Id

    def named(self, desk: Desk) -> Campaign:
        return desk.get(Campaign, self.campaign_id)


class PlanCampaign(Command):
    """Plan a campaign with any number of arms, of which one may be the control."""

    TARGET = "campaign_id"
    campaign_id: Id
    name: Line
    kind: Code | None = Field(default=None, description="Mailing, advertising, event, ...")
    channel: Code | None = None
    currency: Currency | None = None
    arms: Annotated[list[ArmBody], Field(max_length=ARMS_MAX)] = []
    owner: Handle | None = None
    parent_id: Id | None = Field(default=None, description="The campaign it is part of.")
    starts_on: Day | None = None
    ends_on: Day | None = None
    description: Note | None = None
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        return (self.campaign_id, *definitions("campaign", self.attributes))

    def decide(self, desk: Desk) -> None:
        if desk.standing(Campaign, self.campaign_id) is not None:
            raise Conflict("campaign.exists", f"Campaign {self.campaign_id} is planned.")
        if len({arm.name for arm in self.arms}) < len(self.arms):
            raise Invalid("campaign.arm_twice", "Two arms have one name.", pointer="/arms")
        if sum(arm.is_control for arm in self.arms) > 1:
            raise Invalid("campaign.two_controls", "One arm at most is control.", pointer="/arms")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise Invalid("campaign.ends_early", "It would end before it starts.")
        plain, sealed = sort_attributes("campaign", self.attributes, desk)
        Campaign.plan(
            self.campaign_id, desk, name=self.name, kind=self.kind, channel=self.channel,
            currency=self.currency or desk.currency,
            arms=tuple(Arm(arm.name, arm.is_control) for arm in self.arms), owner=self.owner,
            parent_id=self.parent_id, starts_on=self.starts_on, ends_on=self.ends_on,
            description=self.description, source=self.source, source_id=self.source_id,
            attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class ApproveCampaignBudget(_CampaignCommand):
    """Approve what a campaign may cost. The first budget approves its plan."""

    budget: PositiveAmount = Field(description="In the campaign's currency.")
    tolerance: Share = Field(
        default=Decimal(0), description="0.1 lets spend be a tenth above the budget."
    )

    def decide(self, desk: Desk) -> None:
        self.named(desk).approve(self.budget, self.tolerance, desk)


class LaunchCampaign(_CampaignCommand):
    """Begin to run an approved campaign."""

    def decide(self, desk: Desk) -> None:
        self.named(desk).launch(desk)


class PauseCampaign(_CampaignCommand):
    """Stop sending for a while."""

    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.named(desk).pause(self.reason, desk)


class ResumeCampaign(_CampaignCommand):
    """Go on after a pause."""

    def decide(self, desk: Desk) -> None:
        self.named(desk).resume(desk)


class CompleteCampaign(_CampaignCommand):
    """End a campaign that ran. Responses and bills may still come."""

    def decide(self, desk: Desk) -> None:
        self.named(desk).complete(desk)


class CancelCampaign(_CampaignCommand):
    """Call a campaign off."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.named(desk).cancel(self.reason, desk)


class RecordSpend(_CampaignCommand):
    """Record what was paid for a campaign. Two records with equal figures are two."""

    spend_id: Id
    channel: Code | None = Field(default=None, description="The campaign's, if left out.")
    amount: PositiveAmount
    currency: Currency | None = Field(default=None, description="The campaign's, if left out.")
    clicks: Count | None = None
    impressions: Count | None = None
    ad_group: Line | None = None
    ad: Line | None = None
    campaign: Line | None = Field(default=None, description="As the source calls it.")
    source: Code | None = None
    source_id: SourceId | None = None

    def decide(self, desk: Desk) -> None:
        campaign = self.named(desk)
        if self.spend_id in campaign.spend:
            raise Conflict("spend.exists", f"Spend {self.spend_id} is recorded.")
        _same_currency(self.currency, campaign)
        campaign.spend_on(
            self.spend_id, self.amount, desk, channel=self.channel, currency=campaign.currency,
            clicks=self.clicks, impressions=self.impressions, ad_group=self.ad_group, ad=self.ad,
            campaign=self.campaign, source=self.source, source_id=self.source_id,
        )  # fmt: skip


class RetractSpend(_CampaignCommand):
    """Take back a record of spend."""

    spend_id: Id
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.named(desk).retract_spend(self.spend_id, self.reason, desk)


class RetractCampaign(_CampaignCommand):
    """Take back a campaign that was planned by mistake, with all spend on it."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.named(desk).retract(self.reason, desk)


def _same_currency(given: str | None, campaign: Campaign) -> None:
    if given not in {None, campaign.currency}:
        raise Conflict(
            "money.currency_mismatch", f"The campaign is paid in {campaign.currency}.",
            pointer="/currency",
        )  # fmt: skip


COMMANDS = (
    PlanCampaign, ApproveCampaignBudget, LaunchCampaign, PauseCampaign, ResumeCampaign,
    CompleteCampaign, CancelCampaign, RecordSpend, RetractSpend, RetractCampaign,
)  # fmt: skip
