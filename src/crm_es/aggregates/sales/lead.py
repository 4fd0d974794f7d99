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
        self.campaign_id: UUID | None = None
        self.opportunity_id: UUID | None = None
        self.score: int | None = None
        self.name: str | None = None
        self.company: str | None = None
        self.email: str | None = None
        self.phone: str | None = None
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
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, lead: Lead) -> None:
            lead.customer_id, lead.origin = self.customer_id, self.origin
            lead.owner, lead.campaign_id = self.owner, self.campaign_id
            lead.name, lead.company = self.name, self.company
            lead.email, lead.phone = self.email, self.phone
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
        """``customer_id`` is whom it became, ``contact_id`` the person there, if a company.

        Whose lead it was is told too, if it was somebody else's.
        """

        TOPIC = "lead.converted"
        SUBJECTS = ("customer_id", "contact_id", "from_customer_id")
        from_customer_id: UUID | None
        from_owner: Plain | None
        contact_id: UUID | None
        opportunity_id: UUID | None

        def apply(self, lead: Lead) -> None:
            lead.stage, lead.customer_id = LeadStage.CONVERTED, self.customer_id
            lead.owner, lead.opportunity_id = self.owner, self.opportunity_id

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
    def capture(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(cls.Captured, on, id, facts)

    def assign(self, owner: str, on: Occasion) -> None:
        if owner == self.owner and self.stage not in {LeadStage.NEW, LeadStage.RECYCLED}:
            return
        self._must_be_alive(on)
        moved = {**self._moved(), "owner": owner}
        self.record(self.Assigned, on, **moved, from_owner=self.owner)

    def rate(self, score: int, model: str | None, on: Occasion) -> None:
        if score != self.score:
            self._must_be_alive(on)
            self.record(
                self.Scored, on, customer_id=self.customer_id, from_score=self.score,
                to_score=score, model=model,
            )  # fmt: skip

    def work(self, on: Occasion) -> None:
        if self.stage is not LeadStage.IN_PROCESS:
            self._must_stand(_ASSIGNED, on)
            self.record(self.Worked, on, **self._moved())

    def qualify(self, on: Occasion) -> None:
        if self.stage is not LeadStage.QUALIFIED:
            self._must_stand(_IN_HAND, on)
            self.record(self.Qualified, on, **self._moved())

    def convert(
        self,
        on: Occasion,
        *,
        customer_id: UUID,
        contact_id: UUID | None,
        opportunity_id: UUID | None,
        owner: str | None,
        is_reachable: bool,
    ) -> None:
        """Once, into one customer. ``is_reachable``: the customer has a contact point."""
        if self.is_converted_into(customer_id, opportunity_id):
            return
        self._must_be_alive(on)
        on.must(self.stage is LeadStage.QUALIFIED, "lead.unqualified", "It is not qualified.")
        on.must(self.owner or owner, "lead.unassigned", "Nobody looks after it yet.")
        can_reach = is_reachable or self.email is not None or self.phone is not None
        on.must(can_reach, "lead.unreachable", "There is no way to reach it.")
        moved = {**self._moved(), "customer_id": customer_id, "owner": owner or self.owner}
        self.record(
            self.Converted, on, **moved, from_customer_id=self.customer_id, from_owner=self.owner,
            contact_id=contact_id, opportunity_id=opportunity_id,
        )  # fmt: skip

    def is_converted_into(self, customer_id: UUID, opportunity_id: UUID | None) -> bool:
        is_same = self.customer_id == customer_id and opportunity_id in {None, self.opportunity_id}
        return self.stage is LeadStage.CONVERTED and is_same

    def recycle(self, reason: str, on: Occasion) -> None:
        if self.stage is not LeadStage.RECYCLED:
            self._must_be_unconverted(on)
            self.record(self.Recycled, on, **self._moved(), reason=reason)

    def disqualify(self, reason: str, on: Occasion) -> None:
        if self.stage is not LeadStage.DEAD:
            self._must_be_unconverted(on)
            self.record(self.Disqualified, on, **self._moved(), reason=reason)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, **self._moved(), reason=reason)

    def _moved(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "from_stage": self.stage, "origin": self.origin,
            "owner": self.owner,
        }  # fmt: skip

    def _must_stand(self, stages: set[LeadStage], on: Occasion) -> None:
        self._must_be_alive(on)
        on.must(self.owner, "lead.unassigned", "Nobody looks after it yet.")
        on.must(self.stage in stages, "lead.stage_order", f"A lead that is {self.stage} cannot.")

    def _must_be_alive(self, on: Occasion) -> None:
        on.must(self.stage is not LeadStage.DEAD, "lead.dead", "It is dead: recycle it first.")
        self._must_be_unconverted(on)

    def _must_be_unconverted(self, on: Occasion) -> None:
        on.must(self.stage is not LeadStage.CONVERTED, "lead.converted", "It is converted.")
        on.must(not self.is_retracted, "lead.retracted", "It was taken back.")


_ASSIGNED = {LeadStage.ASSIGNED}
_IN_HAND = {LeadStage.ASSIGNED, LeadStage.IN_PROCESS}
