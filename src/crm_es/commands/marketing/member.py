"""What can be asked of a customer in a campaign."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.marketing.campaign import Campaign
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.marketing.member_state import Evidence, member_id
from crm_es.aggregates.party.restrictions import Scope
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Amount, Code, Count, Currency, Id, Line, SourceId
from crm_es.commands.party.reference import known_customer
from crm_es.errors import Conflict


class _MemberCommand(Command):
    campaign_id: Id
    customer_id: Id

    @property
    def target(self) -> UUID:
        return member_id(self.campaign_id, self.customer_id)

    def reads(self) -> Iterable[UUID]:
        return (self.target, self.campaign_id, self.customer_id)

    def campaign(self, desk: Desk) -> Campaign:
        return desk.get(Campaign, self.campaign_id)

    def member(self, desk: Desk) -> CampaignMember:
        return desk.get(CampaignMember, self.target)

    def member_or_new(self, desk: Desk, *, may_be_new: bool = False) -> CampaignMember:
        """Live, only opting out needs nobody to have targeted them before."""
        found = desk.standing(CampaignMember, self.target)
        if found is not None:
            return found
        desk.must(may_be_new, "member.not_targeted", "The campaign does not target them.")
        return CampaignMember.notice(self.campaign_id, self.customer_id, desk)


class TargetMember(_MemberCommand):
    """Take a customer into a campaign, in one of its arms, before anything is sent to them."""

    arm: Code | None = None
    is_control: bool | None = Field(default=None, description="As the arm says, if left out.")
    previous_outcome: Code | None = Field(default=None, description="Of an earlier campaign.")
    previous_contacts: Count | None = Field(default=None, description="In earlier campaigns.")
    days_since_previous: Count | None = None
    source: Code | None = None
    source_id: SourceId | None = None

    def decide(self, desk: Desk) -> None:
        campaign, member = self.campaign(desk), desk.standing(CampaignMember, self.target)
        is_control = self.is_control
        if is_control is None:
            known = campaign.arms.get(self.arm or "")
            is_control = known is not None and known.is_control
        if member is not None and member.is_in(self.arm, is_control=is_control):
            return
        known_customer(desk, self.customer_id, Scope.MARKETING)
        campaign.must_take_members(self.arm, desk, is_control=self.is_control)
        if member is not None:
            member.retarget(self.arm, desk, is_control=is_control)
            return
        CampaignMember.target(
            self.campaign_id, self.customer_id, desk, is_control=is_control, arm=self.arm,
            previous_outcome=self.previous_outcome, previous_contacts=self.previous_contacts,
            days_since_previous=self.days_since_previous, source=self.source,
            source_id=self.source_id,
        )  # fmt: skip


class RecordTouch(_MemberCommand):
    """Record that something of the campaign reached for a member; a wave once for each."""

    channel: Code | None = Field(default=None, description="The campaign's, if left out.")
    wave: Code | None = None

    def decide(self, desk: Desk) -> None:
        campaign = self.campaign(desk)
        known_customer(desk, self.customer_id, Scope.MARKETING)
        campaign.must_run(desk)
        channel = self.channel or campaign.channel
        self.member_or_new(desk).touch(channel, self.wave, desk)


class RecordResponse(_MemberCommand):
    """Record what a member did, be they in the control group or not. Two equal ones are two."""

    response_id: Id
    kind: Code = Field(description="Opened, clicked, visit, purchase, accepted, declined, ...")
    value: Amount | None = None
    currency: Currency | None = Field(default=None, description="The campaign's, if left out.")
    reference: Line | None = Field(default=None, description="An order, a coupon, a form.")
    evidence: Evidence = Evidence.UNKNOWN

    def decide(self, desk: Desk) -> None:
        campaign = self.campaign(desk)
        campaign.must_have_run(desk)
        member = self.member_or_new(desk)
        if self.response_id in member.responses:
            raise Conflict("response.exists", f"Response {self.response_id} is recorded.")
        currency = (self.currency or campaign.currency) if self.value is not None else None
        member.respond(
            self.response_id, desk, kind=self.kind, value=self.value, currency=currency,
            reference=self.reference, evidence=self.evidence,
        )  # fmt: skip


class ReclassifyResponse(_MemberCommand):
    """Say whether a response came from a person or a machine."""

    response_id: Id
    evidence: Evidence

    def decide(self, desk: Desk) -> None:
        self.member(desk).reclassify(self.response_id, self.evidence, desk)


class RetractResponse(_MemberCommand):
    """Take back a response that was recorded by mistake."""

    response_id: Id
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.member(desk).retract_response(self.response_id, self.reason, desk)


class OptOut(_MemberCommand):
    """Send them nothing more of this campaign. It needs no membership and is never refused."""

    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.campaign(desk)
        self.member_or_new(desk, may_be_new=True).opt_out(self.reason, desk)


class RetractMember(_MemberCommand):
    """Take back that a customer was in a campaign, with all their responses."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.member(desk).retract(self.reason, desk)


COMMANDS = (
    TargetMember, RecordTouch, RecordResponse, ReclassifyResponse, RetractResponse, OptOut,
    RetractMember,
)  # fmt: skip
