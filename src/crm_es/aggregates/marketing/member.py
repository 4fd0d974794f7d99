"""A customer in a campaign: targeted in an arm, touched, heard of, or gone from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Plain, Precision
from crm_es.aggregates.marketing.member_response import Responses
from crm_es.aggregates.marketing.member_state import (
    TOUCHES_MAX,
    MemberEvent,
    MemberStage,
    MemberState,
    Touch,
    member_id,
)


class CampaignMember(Responses):
    """Targeted -> touched -> responded; opting out closes it to further touches.

    A stream per campaign and customer, so that nothing grows with the size of a campaign. The arm
    a member was targeted in is kept as soon as anything came of it. Control members respond too.
    """

    TOPIC = "campaign_member"

    # What can happen, and the little of it that later decisions need.

    class Targeted(MemberEvent, AggregateCreated):
        TOPIC = "campaign_member.targeted"
        previous_outcome: Plain | None
        previous_contacts: int | None
        days_since_previous: int | None
        source: Plain | None
        source_id: Plain | None

        def apply(self, member: MemberState) -> None:
            super().apply(member)
            member.is_targeted, member.joined_at = True, self.timestamp

    class Noticed(MemberEvent, AggregateCreated):
        """Something is heard of a customer whom the campaign did not target."""

        TOPIC = "campaign_member.noticed"

        def apply(self, member: MemberState) -> None:
            super().apply(member)
            member.joined_at = self.timestamp

    class Retargeted(MemberEvent):
        TOPIC = "campaign_member.retargeted"
        from_arm: Plain | None
        from_is_control: bool
        was_targeted: bool

        def apply(self, member: MemberState) -> None:
            super().apply(member)
            member.is_targeted = True

    class Touched(MemberEvent):
        TOPIC = "campaign_member.touched"
        channel: Plain | None
        wave: Plain | None
        touches: int
        """This one counted."""
        touched_at: datetime | None
        """When, if the day of it is known."""

        def apply(self, member: MemberState) -> None:
            super().apply(member)
            member.touches.append(
                Touch(self.arm, self.is_control, self.channel, self.wave, self.timestamp)
            )
            member.touched_at = self.touched_at
            if self.wave is not None:
                member.waves.add(self.wave)

    class OptedOut(MemberEvent):
        TOPIC = "campaign_member.opted_out"
        reason: Plain | None

    class Retracted(MemberEvent):
        TOPIC = "campaign_member.retracted"
        was_targeted: bool
        touches: int
        touched: tuple[Touch, ...]
        """Each of them, to be counted with its sign turned."""
        took_place_at: datetime
        reason: Plain

        def apply(self, member: MemberState) -> None:
            super().apply(member)
            member.is_retracted = True

    # What we allow.

    @classmethod
    def target(cls, campaign_id: UUID, customer_id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(
            cls.Targeted, on, member_id(campaign_id, customer_id), facts, campaign_id=campaign_id,
            customer_id=customer_id, from_stage=None, to_stage=MemberStage.TARGETED,
        )  # fmt: skip

    @classmethod
    def notice(cls, campaign_id: UUID, customer_id: UUID, on: Occasion) -> Self:
        return cls.begin(
            cls.Noticed, on, member_id(campaign_id, customer_id), {}, campaign_id=campaign_id,
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
