"""What a member of a campaign did: each response by itself, judged, and taken back if need be."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Plain
from crm_es.aggregates.marketing.member_state import (
    RESPONSES_MAX,
    Evidence,
    MemberStage,
    MemberState,
    Response,
)

_ANSWER = (
    "arm", "is_control", "response_id", "kind", "value", "currency", "reference", "is_first",
    "touches", "touched_at",
)  # fmt: skip


class Responses(MemberState):
    """The part of a member that answers. Control members and those who opted out do too."""

    # What can happen, and the little of it that later decisions need.

    class Responded(Response):
        TOPIC = "campaign_member.responded"

        def apply(self, member: MemberState) -> None:
            super().apply(member)
            member.responses[self.response_id] = self
            member.evidence[self.response_id] = self.evidence

    class ResponseReclassified(Response):
        """Another opinion on where it came from. It bears the arm it was counted in."""

        TOPIC = "campaign_member.response_reclassified"
        took_place_at: datetime
        from_evidence: Evidence

        def apply(self, member: MemberState) -> None:
            member.evidence[self.response_id] = self.evidence

    class ResponseRetracted(Response):
        """The response once more, to be counted with its sign turned."""

        TOPIC = "campaign_member.response_retracted"
        took_place_at: datetime
        reason: Plain

        def apply(self, member: MemberState) -> None:
            del member.evidence[self.response_id]

    # What we allow.

    def respond(self, response_id: UUID, on: Occasion, /, **facts: Any) -> None:
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

    def _again(self, response_id: UUID) -> dict[str, Any]:
        response = self.responses[response_id]
        return {
            **self._told(self.stage), **{name: getattr(response, name) for name in _ANSWER},
            "took_place_at": response.timestamp,
        }  # fmt: skip

    def _standing(self, response_id: UUID, on: Occasion) -> Evidence:
        if response_id not in self.evidence:
            on.unknown("response.not_found", f"There is no response {response_id} here.")
        return self.evidence[response_id]
