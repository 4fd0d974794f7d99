"""A customer in a campaign: targeted in an arm, touched, heard of, or gone from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Precision

MEMBERS = UUID("8d0b6c1f-6a52-5f8e-9a43-2f1c7e9d5b60")
RESPONSES_MAX = TOUCHES_MAX = 10_000


def member_id(campaign_id: UUID, customer_id: UUID) -> UUID:
    """The stream of one customer in one campaign."""
    return uuid5(MEMBERS, f"{campaign_id}\x1f{customer_id}")


class MemberStage(StrEnum):
    NOTICED = "noticed"
    """Heard of in the campaign without having been targeted."""
    TARGETED = "targeted"
    TOUCHED = "touched"
    RESPONDED = "responded"
    OPTED_OUT = "opted_out"


class Evidence(StrEnum):
    """Whether a response came from a person, as far as is known."""

    HUMAN = "human"
    BOT = "bot"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Touch:
    """Something sent to a member."""

    arm: Plain | None
    is_control: bool
    channel: Plain | None
    wave: Plain | None
    took_place_at: datetime


class _Event(Aggregate.Event):
    """Who it is, in which arm of which campaign, and how far they have come."""

    campaign_id: UUID
    customer_id: UUID
    arm: Plain | None
    is_control: bool
    from_stage: MemberStage | None
    to_stage: MemberStage

    def apply(self, member: CampaignMember) -> None:
        member.campaign_id, member.customer_id = self.campaign_id, self.customer_id
        member.arm, member.is_control = self.arm, self.is_control
        member.stage = self.to_stage


class _Response(_Event):
    """One response. The first is told from those that follow; so is one after no touch."""

    response_id: UUID
    kind: Plain
    value: Decimal | None
    currency: Plain | None
    reference: Plain | None
    evidence: Evidence
    is_first: bool
    touches: int
    touched_at: datetime | None
    """The last touch before it; None without one or if its day is not known."""


_ANSWER = (
    "arm", "is_control", "response_id", "kind", "value", "currency", "reference", "is_first",
    "touches", "touched_at",
)  # fmt: skip


class CampaignMember(Aggregate):
    """Targeted -> touched -> responded; opting out closes it to further touches.

    A stream per campaign and customer, so that nothing grows with the size of a campaign. The arm
    a member was targeted in is kept as soon as anything came of it. Control members respond too.
    """

    TOPIC = "campaign_member"

    def __init__(self) -> None:
        self.campaign_id: UUID
        self.customer_id: UUID
        self.arm: str | None = None
        self.is_control = False
        self.stage = MemberStage.NOTICED
        self.is_targeted = False
        self.joined_at: datetime
        self.touches: list[Touch] = []
        self.touched_at: datetime | None = None
        self.waves: set[str] = set()
        self.responses: dict[UUID, CampaignMember.Responded] = {}
        self.evidence: dict[UUID, Evidence] = {}
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Targeted(_Event, AggregateCreated):
        TOPIC = "campaign_member.targeted"
        previous_outcome: Plain | None
        previous_contacts: int | None
        days_since_previous: int | None
        source: Plain | None
        source_id: Plain | None

        def apply(self, member: CampaignMember) -> None:
            super().apply(member)
            member.is_targeted, member.joined_at = True, self.timestamp

    class Noticed(_Event, AggregateCreated):
        """Something is heard of a customer whom the campaign did not target."""

        TOPIC = "campaign_member.noticed"

        def apply(self, member: CampaignMember) -> None:
            super().apply(member)
            member.joined_at = self.timestamp

    class Retargeted(_Event):
        TOPIC = "campaign_member.retargeted"
        from_arm: Plain | None
        from_is_control: bool
        was_targeted: bool

        def apply(self, member: CampaignMember) -> None:
            super().apply(member)
            member.is_targeted = True

    class Touched(_Event):
        TOPIC = "campaign_member.touched"
        channel: Plain | None
        wave: Plain | None
        touches: int
        """This one counted."""
        touched_at: datetime | None
        """When, if the day of it is known."""

        def apply(self, member: CampaignMember) -> None:
            super().apply(member)
            member.touches.append(
                Touch(self.arm, self.is_control, self.channel, self.wave, self.timestamp)
            )
            member.touched_at = self.touched_at
            if self.wave is not None:
                member.waves.add(self.wave)

    class Responded(_Response):
        TOPIC = "campaign_member.responded"

        def apply(self, member: CampaignMember) -> None:
            super().apply(member)
            member.responses[self.response_id] = self
            member.evidence[self.response_id] = self.evidence

    class ResponseReclassified(_Response):
        """Another opinion on where it came from. It bears the arm it was counted in."""

        TOPIC = "campaign_member.response_reclassified"
        took_place_at: datetime
        from_evidence: Evidence

        def apply(self, member: CampaignMember) -> None:
            member.evidence[self.response_id] = self.evidence

    class ResponseRetracted(_Response):
        """The response once more, to be counted with its sign turned."""

        TOPIC = "campaign_member.response_retracted"
        took_place_at: datetime
        reason: Plain

        def apply(self, member: CampaignMember) -> None:
            del member.evidence[self.response_id]

    class OptedOut(_Event):
        TOPIC = "campaign_member.opted_out"
        reason: Plain | None

    class Retracted(_Event):
        TOPIC = "campaign_member.retracted"
        was_targeted: bool
        touches: int
        touched: tuple[Touch, ...]
        """Each of them, to be counted with its sign turned."""
        took_place_at: datetime
        reason: Plain

        def apply(self, member: CampaignMember) -> None:
            super().apply(member)
            member.is_retracted = True

    # What we allow.

    @classmethod
    def target(
        cls, campaign_id: UUID, customer_id: UUID, on: Occasion, *, is_control: bool, **facts: Any
    ) -> Self:
        return cls.begin(
            cls.Targeted, on, id=member_id(campaign_id, customer_id), campaign_id=campaign_id,
            customer_id=customer_id, is_control=is_control, from_stage=None,
            to_stage=MemberStage.TARGETED, **facts,
        )  # fmt: skip

    @classmethod
    def notice(cls, campaign_id: UUID, customer_id: UUID, on: Occasion) -> Self:
        return cls.begin(
            cls.Noticed, on, id=member_id(campaign_id, customer_id), campaign_id=campaign_id,
            customer_id=customer_id, arm=None, is_control=False, from_stage=None,
            to_stage=MemberStage.NOTICED,
        )  # fmt: skip

    def is_in(self, arm: str | None, *, is_control: bool) -> bool:
        """Whether they were targeted, and in this very arm."""
        return self.is_targeted and (arm, is_control) == (self.arm, self.is_control)

    def retarget(self, arm: str | None, on: Occasion, *, is_control: bool) -> None:
        self._must_be_in(on)
        is_fresh = self.stage in {MemberStage.NOTICED, MemberStage.TARGETED}
        on.must(is_fresh, "member.arm_kept", "Something came of the arm it is in.")
        told = {**self._told(self._stage_after(MemberStage.TARGETED)), "arm": arm}
        self.record(
            self.Retargeted, on, **{**told, "is_control": is_control}, from_arm=self.arm,
            from_is_control=self.is_control, was_targeted=self.is_targeted,
        )  # fmt: skip

    def touch(self, channel: str | None, wave: str | None, on: Occasion) -> None:
        self._must_be_in(on)
        on.must(not self.is_control, "member.control", "Nothing is sent to the control group.")
        on.must(wave not in self.waves, "member.wave_sent", "This wave was sent to them.")
        on.must(
            len(self.touches) < TOUCHES_MAX, "member.touches_max", f"{TOUCHES_MAX} is the limit."
        )
        self.record(
            self.Touched, on, **self._told(self._stage_after(MemberStage.TOUCHED)),
            channel=channel, wave=wave, touches=len(self.touches) + 1,
            touched_at=on.at if on.precision >= Precision.DAY else None,
        )  # fmt: skip

    def respond(self, response_id: UUID, on: Occasion, **facts: Any) -> None:
        """Whatever their arm; who opted out may still buy."""
        self._must_stand(on)
        on.must(self.touches or self.is_control, "member.untouched", "Nothing was sent to them.")
        on.must(
            len(self.responses) < RESPONSES_MAX, "member.responses_max",
            f"{RESPONSES_MAX} is the limit.",
        )  # fmt: skip
        self.record(
            self.Responded, on, **self._told(self._stage_after(MemberStage.RESPONDED)),
            response_id=response_id, is_first=not self.responses, touches=len(self.touches),
            touched_at=self.touched_at, **facts,
        )  # fmt: skip

    def reclassify(self, response_id: UUID, evidence: Evidence, on: Occasion) -> None:
        before = self._standing(response_id, on)
        if evidence is not before:
            self.record(
                self.ResponseReclassified, on, **self._again(response_id), evidence=evidence,
                from_evidence=before,
            )  # fmt: skip

    def retract_response(self, response_id: UUID, reason: str, on: Occasion) -> None:
        if response_id in self.responses and response_id not in self.evidence:
            return
        before = self._standing(response_id, on)
        self.record(
            self.ResponseRetracted, on, **self._again(response_id), evidence=before, reason=reason
        )

    def opt_out(self, reason: str | None, on: Occasion) -> None:
        if self.stage is not MemberStage.OPTED_OUT:
            self.record(self.OptedOut, on, **self._told(MemberStage.OPTED_OUT), reason=reason)

    def retract(self, reason: str, on: Occasion) -> None:
        """Take it back, and before it all its responses, each by itself."""
        if not self.is_retracted:
            for response_id in list(self.evidence):
                self.retract_response(response_id, reason, on)
            self.record(
                self.Retracted, on, **self._told(self.stage), was_targeted=self.is_targeted,
                touches=len(self.touches), touched=tuple(self.touches),
                took_place_at=self.joined_at, reason=reason,
            )  # fmt: skip

    def _told(self, to: MemberStage) -> dict[str, Any]:
        return {
            "campaign_id": self.campaign_id, "customer_id": self.customer_id, "arm": self.arm,
            "is_control": self.is_control, "from_stage": self.stage, "to_stage": to,
        }  # fmt: skip

    def _again(self, response_id: UUID) -> dict[str, Any]:
        response = self.responses[response_id]
        return {
            **self._told(self.stage), **{name: getattr(response, name) for name in _ANSWER},
            "took_place_at": response.timestamp,
        }  # fmt: skip

    def _stage_after(self, stage: MemberStage) -> MemberStage:
        """The farther of the two: a touch after a response does not lead back."""
        return max(self.stage, stage, key=_ORDER.index)

    def _standing(self, response_id: UUID, on: Occasion) -> Evidence:
        if response_id not in self.evidence:
            on.unknown("response.not_found", f"There is no response {response_id} here.")
        return self.evidence[response_id]

    def _must_be_in(self, on: Occasion) -> None:
        on.must(self.stage is not MemberStage.OPTED_OUT, "member.opted_out", "They opted out.")
        self._must_stand(on)

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "member.retracted", "It was taken back.")


_ORDER = tuple(MemberStage)
