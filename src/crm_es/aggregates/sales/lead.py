"""A lead: someone who may become a customer, from the first word to its conversion or its end."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain


class LeadStage(StrEnum):
    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROCESS = "in_process"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    RECYCLED = "recycled"
    DEAD = "dead"


class _Moved(Aggregate.Event):
    """What every step of a lead carries."""

    customer_id: UUID | None
    from_stage: LeadStage
    origin: Plain | None
    owner: Plain | None


class Lead(Aggregate):
    """New -> assigned -> in process -> qualified -> converted; recycled or dead from anywhere.

    Converting links identities and moves nothing: the lead's history becomes the customer's.
    """

    TOPIC = "lead"

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.stage = LeadStage.NEW
        self.owner: str | None = None
        self.origin: str | None = None
        self.score: int | None = None
        self.has_contact_point = False
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Captured(Aggregate.Event, AggregateCreated):
        TOPIC = "lead.captured"
        customer_id: UUID | None
        origin: Plain | None
        page: Plain | None
        campaign_id: UUID | None
        campaign: Plain | None
        name: Personal[str] | None
        company: Personal[str] | None
        email: Personal[str] | None
        phone: Personal[str] | None
        owner: Plain | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]

        def apply(self, lead: Lead) -> None:
            lead.customer_id, lead.origin = self.customer_id, self.origin
            lead.owner = self.owner
            lead.has_contact_point = self.email is not None or self.phone is not None
            if self.owner is not None:
                lead.stage = LeadStage.ASSIGNED

    class Assigned(_Moved):
        TOPIC = "lead.assigned"
        from_owner: Plain | None

        def apply(self, lead: Lead) -> None:
            lead.owner = self.owner
            if lead.stage in {LeadStage.NEW, LeadStage.RECYCLED}:
                lead.stage = LeadStage.ASSIGNED

    class Scored(Aggregate.Event):
        TOPIC = "lead.scored"
        customer_id: UUID | None
        from_score: int | None
        to_score: int
        model: Plain | None

        def apply(self, lead: Lead) -> None:
            lead.score = self.to_score

    class Worked(_Moved):
        TOPIC = "lead.worked"

        def apply(self, lead: Lead) -> None:
            lead.stage = LeadStage.IN_PROCESS

    class Qualified(_Moved):
        TOPIC = "lead.qualified"

        def apply(self, lead: Lead) -> None:
            lead.stage = LeadStage.QUALIFIED

    class Converted(_Moved):
        TOPIC = "lead.converted"
        opportunity_id: UUID | None

        def apply(self, lead: Lead) -> None:
            lead.stage, lead.customer_id = LeadStage.CONVERTED, self.customer_id

    class Recycled(_Moved):
        TOPIC = "lead.recycled"
        reason: Plain

        def apply(self, lead: Lead) -> None:
            lead.stage = LeadStage.RECYCLED

    class Disqualified(_Moved):
        TOPIC = "lead.disqualified"
        reason: Plain

        def apply(self, lead: Lead) -> None:
            lead.stage = LeadStage.DEAD

    class Retracted(_Moved):
        TOPIC = "lead.retracted"
        reason: Plain

        def apply(self, lead: Lead) -> None:
            lead.is_retracted = True

    # What we allow.

    @classmethod
    def capture(cls, id: UUID, on: Occasion, **facts: Any) -> Self:
        return cls.begin(cls.Captured, on, id=id, **facts)

    def assign(self, owner: str, on: Occasion) -> None:
        self._must_be_alive(on)
        if owner != self.owner or self.stage in {LeadStage.NEW, LeadStage.RECYCLED}:
            moved = {**self._moved(), "owner": owner}
            self.record(self.Assigned, on, **moved, from_owner=self.owner)

    def rate(self, score: int, model: str | None, on: Occasion) -> None:
        self._must_be_alive(on)
        if score != self.score:
            self.record(
                self.Scored, on, customer_id=self.customer_id, from_score=self.score,
                to_score=score, model=model,
            )  # fmt: skip

    def work(self, on: Occasion) -> None:
        if self.stage is LeadStage.IN_PROCESS:
            return
        self._must_be_alive(on)
        on.must(self.owner, "lead.unassigned", "Nobody looks after it yet.")
        self.record(self.Worked, on, **self._moved())

    def qualify(self, on: Occasion) -> None:
        if self.stage is LeadStage.QUALIFIED:
            return
        self._must_be_alive(on)
        on.must(self.owner, "lead.unassigned", "Nobody looks after it yet.")
        self.record(self.Qualified, on, **self._moved())

    def convert(
        self, customer_id: UUID, opportunity_id: UUID | None, owner: str | None, on: Occasion
    ) -> None:
        if self.stage is LeadStage.CONVERTED and self.customer_id == customer_id:
            return
        on.must(self.stage is not LeadStage.CONVERTED, "lead.converted", "It is converted.")
        self._must_be_alive(on)
        on.must(self.owner or owner, "lead.unassigned", "Nobody looks after it yet.")
        on.must(self.has_contact_point, "lead.unreachable", "There is no way to reach it.")
        moved = {**self._moved(), "customer_id": customer_id, "owner": owner or self.owner}
        self.record(self.Converted, on, **moved, opportunity_id=opportunity_id)

    def recycle(self, reason: str, on: Occasion) -> None:
        if self.stage is not LeadStage.RECYCLED:
            on.must(self.stage is not LeadStage.CONVERTED, "lead.converted", "It is converted.")
            self.record(self.Recycled, on, **self._moved(), reason=reason)

    def disqualify(self, reason: str, on: Occasion) -> None:
        if self.stage is not LeadStage.DEAD:
            on.must(self.stage is not LeadStage.CONVERTED, "lead.converted", "It is converted.")
            self.record(self.Disqualified, on, **self._moved(), reason=reason)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, **self._moved(), reason=reason)

    def _moved(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "from_stage": self.stage, "origin": self.origin,
            "owner": self.owner,
        }  # fmt: skip

    def _must_be_alive(self, on: Occasion) -> None:
        on.must(self.stage is not LeadStage.DEAD, "lead.dead", "It is dead: recycle it first.")
        on.must(self.stage is not LeadStage.CONVERTED, "lead.converted", "It is converted.")
        on.must(not self.is_retracted, "lead.retracted", "It was taken back.")
