"""What a deal is thought to become: how much, when, how likely, by whom, against whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Price
from crm_es.aggregates.sales.opportunity_state import OpportunityState, Transition


class Estimate(OpportunityState):
    """The part of an opportunity that is opinion: it changes as long as nothing is decided."""

    # What can happen, and the little of it that later decisions need.

    class AmountRevised(Transition):
        TOPIC = "opportunity.amount_revised"
        owner: Plain | None
        stage: Plain
        probability: Price
        from_amount: Decimal | None
        to_amount: Decimal

        def apply(self, deal: Estimate) -> None:
            deal.amount = self.to_amount

    class CloseDateMoved(Transition):
        """``expected_close_on`` is the day before it moved, as ``from_date`` is."""

        TOPIC = "opportunity.close_date_moved"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        from_date: date | None
        to_date: date
        pushes: int

        def apply(self, deal: Estimate) -> None:
            deal.expected_close_on, deal.pushes = self.to_date, self.pushes

    class ProbabilityOverridden(Transition):
        TOPIC = "opportunity.probability_overridden"
        owner: Plain | None
        stage: Plain
        from_probability: Price
        to_probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Estimate) -> None:
            deal.probability = self.to_probability

    class Assigned(Transition):
        TOPIC = "opportunity.assigned"
        from_owner: Plain | None
        to_owner: Plain
        stage: Plain
        probability: Price
        amount: Decimal | None

        def apply(self, deal: Estimate) -> None:
            deal.owner = self.to_owner

    class CompetitorLinked(Aggregate.Event):
        TOPIC = "opportunity.competitor_linked"
        customer_id: UUID | None
        competitor: Plain

        def apply(self, deal: Estimate) -> None:
            deal.competitors.add(self.competitor)

    # What we allow.

    def revise(self, amount: Decimal, on: Occasion) -> None:
        if amount != self.amount:
            self._must_be_open(on)
            self.record(
                self.AmountRevised, on, **self._standing(), owner=self.owner, stage=self.stage,
                probability=self.probability, from_amount=self.amount, to_amount=amount,
            )  # fmt: skip

    def move_close_date(self, to: date, on: Occasion) -> None:
        if to == self.expected_close_on:
            return
        self._must_be_open(on)
        is_later = self.expected_close_on is not None and to > self.expected_close_on
        self.record(
            self.CloseDateMoved, on, **self._worth(), stage=self.stage,
            probability=self.probability, from_date=self.expected_close_on, to_date=to,
            pushes=self.pushes + is_later,
        )  # fmt: skip

    def override_probability(self, probability: Decimal, reason: str, on: Occasion) -> None:
        if probability != self.probability:
            self._must_be_open(on)
            self.record(
                self.ProbabilityOverridden, on, **self._worth(), stage=self.stage,
                from_probability=self.probability, to_probability=probability, reason=reason,
            )  # fmt: skip

    def assign(self, owner: str, on: Occasion) -> None:
        """A decided deal may change hands too."""
        if owner != self.owner:
            self._must_count(on)
            self.record(
                self.Assigned, on, **self._standing(), from_owner=self.owner, to_owner=owner,
                stage=self.stage, probability=self.probability, amount=self.amount,
            )  # fmt: skip

    def link(self, competitor: str, on: Occasion) -> None:
        if competitor not in self.competitors:
            self._must_count(on)
            self.record(
                self.CompetitorLinked, on, customer_id=self.customer_id, competitor=competitor
            )
