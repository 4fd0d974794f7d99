"""What a member of a campaign remembers, and what each of its events tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain

_MEMBERS = UUID("8d0b6c1f-6a52-5f8e-9a43-2f1c7e9d5b60")
RESPONSES_MAX = TOUCHES_MAX = 10_000


def member_id(campaign_id: UUID, customer_id: UUID) -> UUID:
    """The stream of one customer in one campaign."""
    return uuid5(_MEMBERS, f"{campaign_id}\x1f{customer_id}")


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


class MemberEvent(Aggregate.Event):
    """Who it is, in which arm of which campaign, and how far they have come."""

    campaign_id: UUID
    customer_id: UUID
    arm: Plain | None
    is_control: bool
    from_stage: MemberStage | None
    to_stage: MemberStage

    def apply(self, member: MemberState) -> None:
        member.campaign_id, member.customer_id = self.campaign_id, self.customer_id
        member.arm, member.is_control = self.arm, self.is_control
        member.stage = self.to_stage


class Response(MemberEvent):
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


class MemberState(Aggregate):
    """What the rules of a member read."""

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
        self.responses: dict[UUID, Response] = {}
        self.evidence: dict[UUID, Evidence] = {}
        self.is_retracted = False

    def _told(self, to: MemberStage) -> dict[str, Any]:
        return {
            "campaign_id": self.campaign_id, "customer_id": self.customer_id, "arm": self.arm,
            "is_control": self.is_control, "from_stage": self.stage, "to_stage": to,
        }  # fmt: skip

    def _stage_after(self, stage: MemberStage) -> MemberStage:
        """The farther of the two: a touch after a response does not lead back."""
        return max(self.stage, stage, key=_ORDER.index)

    def _must_be_in(self, on: Occasion) -> None:
        on.must(self.stage is not MemberStage.OPTED_OUT, "member.opted_out", "They opted out.")
        self._must_stand(on)

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "member.retracted", "It was taken back.")


_ORDER = tuple(MemberStage)
