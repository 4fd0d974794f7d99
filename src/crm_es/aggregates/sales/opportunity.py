"""An opportunity: a possible sale on its way through a pipeline, until it is decided."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Precision, Price, is_before
from crm_es.aggregates.sales.pipeline import Edition, Stage, StageKind


class OpportunityStatus(StrEnum):
    OPEN = "open"
    ON_HOLD = "on_hold"
    WON = "won"
    LOST = "lost"
    ABANDONED = "abandoned"


class _Transition(Aggregate.Event):
    """What a deal counts for has changed; with the rest of what it counts by, unchanged."""

    customer_id: UUID | None
    currency: Plain
    expected_close_on: date | None
    from_status: OpportunityStatus | None
    """None once it was taken back: it counts nowhere any more."""


class _Moved(_Transition):
    """A deal has gone from one open stage to another."""

    owner: Plain | None
    from_stage: Plain
    to_stage: Plain
    from_probability: Price
    probability: Price
    amount: Decimal | None

    def apply(self, deal: Opportunity) -> None:
        deal.stage, deal.probability = self.to_stage, self.probability


class Opportunity(Aggregate):
    """Open <-> on hold, then won, lost or abandoned; reopened with a reason.

    It pins the edition of its pipeline. Every move carries what the deal is worth at that moment,
    so that the pipeline of any past day is a sum over single events.
    """

    TOPIC = "opportunity"

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.pipeline_id: UUID | None = None
        self.edition = 0
        self.stage = ""
        self.probability = Decimal(0)
        self.status = OpportunityStatus.OPEN
        self.amount: Decimal | None = None
        self.currency = ""
        self.owner: str | None = None
        self.product: str | None = None
        self.expected_close_on: date | None = None
        self.pushes = 0
        self.opened_at: datetime | None = None
        self.precision = Precision.EXACT
        self.competitors: set[str] = set()
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Opened(Aggregate.Event, AggregateCreated):
        TOPIC = "opportunity.opened"
        customer_id: UUID | None
        pipeline_id: UUID
        edition: int
        title: Personal[str] | None
        owner: Plain | None
        product: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        currency: Plain
        expected_close_on: date | None
        opened_precision: Precision
        lead_id: UUID | None
        campaign_id: UUID | None
        origin: Plain | None
        campaign: Plain | None
        content: Plain | None
        term: Plain | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]

        def apply(self, deal: Opportunity) -> None:
            deal.customer_id, deal.pipeline_id = self.customer_id, self.pipeline_id
            deal.edition, deal.stage = self.edition, self.stage
            deal.probability, deal.amount = self.probability, self.amount
            deal.currency, deal.owner, deal.product = self.currency, self.owner, self.product
            deal.expected_close_on = self.expected_close_on
            deal.opened_at, deal.precision = self.timestamp, self.opened_precision

    class StageAdvanced(_Moved):
        TOPIC = "opportunity.stage_advanced"

    class StageRegressed(_Moved):
        TOPIC = "opportunity.stage_regressed"

    class AmountRevised(_Transition):
        TOPIC = "opportunity.amount_revised"
        owner: Plain | None
        stage: Plain
        probability: Price
        from_amount: Decimal | None
        to_amount: Decimal

        def apply(self, deal: Opportunity) -> None:
            deal.amount = self.to_amount

    class CloseDateMoved(_Transition):
        """``expected_close_on`` is the day before it moved, as ``from_date`` is."""

        TOPIC = "opportunity.close_date_moved"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        from_date: date | None
        to_date: date
        pushes: int

        def apply(self, deal: Opportunity) -> None:
            deal.expected_close_on, deal.pushes = self.to_date, self.pushes

    class ProbabilityOverridden(_Transition):
        TOPIC = "opportunity.probability_overridden"
        owner: Plain | None
        stage: Plain
        from_probability: Price
        to_probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.probability = self.to_probability

    class Assigned(_Transition):
        TOPIC = "opportunity.assigned"
        from_owner: Plain | None
        to_owner: Plain
        stage: Plain
        probability: Price
        amount: Decimal | None

        def apply(self, deal: Opportunity) -> None:
            deal.owner = self.to_owner

    class Held(_Transition):
        TOPIC = "opportunity.held"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.status = OpportunityStatus.ON_HOLD

    class Resumed(_Transition):
        TOPIC = "opportunity.resumed"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None

        def apply(self, deal: Opportunity) -> None:
            deal.status = OpportunityStatus.OPEN

    class CompetitorLinked(Aggregate.Event):
        TOPIC = "opportunity.competitor_linked"
        customer_id: UUID | None
        competitor: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.competitors.add(self.competitor)

    class Migrated(Aggregate.Event):
        TOPIC = "opportunity.migrated"
        customer_id: UUID | None
        pipeline_id: UUID
        from_edition: int
        to_edition: int

        def apply(self, deal: Opportunity) -> None:
            deal.edition = self.to_edition

    class Won(_Transition):
        TOPIC = "opportunity.won"
        owner: Plain | None
        product: Plain | None
        from_stage: Plain
        to_stage: Plain
        from_amount: Decimal | None
        from_probability: Price
        amount: Decimal | None
        order_id: UUID | None
        opened_at: datetime | None

        def apply(self, deal: Opportunity) -> None:
            deal.status, deal.stage = OpportunityStatus.WON, self.to_stage
            deal.probability, deal.amount = Decimal(1), self.amount

    class Lost(_Transition):
        TOPIC = "opportunity.lost"
        owner: Plain | None
        product: Plain | None
        from_stage: Plain
        to_stage: Plain
        from_probability: Price
        amount: Decimal | None
        reason: Plain | None
        competitor: Plain | None
        opened_at: datetime | None

        def apply(self, deal: Opportunity) -> None:
            deal.status, deal.stage = OpportunityStatus.LOST, self.to_stage
            deal.probability = Decimal(0)

    class Abandoned(_Transition):
        TOPIC = "opportunity.abandoned"
        owner: Plain | None
        stage: Plain
        from_probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.status, deal.probability = OpportunityStatus.ABANDONED, Decimal(0)

    class Reopened(_Transition):
        TOPIC = "opportunity.reopened"
        owner: Plain | None
        from_stage: Plain
        to_stage: Plain
        from_probability: Price
        probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.status, deal.stage = OpportunityStatus.OPEN, self.to_stage
            deal.probability = self.probability

    class Retracted(_Transition):
        TOPIC = "opportunity.retracted"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.is_retracted = True

    # What we allow.

    @classmethod
    def open(cls, id: UUID, on: Occasion, stage: Stage, **facts: Any) -> Self:
        return cls.begin(
            cls.Opened, on, id=id, stage=stage.name, probability=stage.probability,
            opened_precision=on.precision, **facts,
        )  # fmt: skip

    def move(self, to: Stage, edition: Edition, on: Occasion) -> None:
        """Along the open stages, forwards or back. A decision has commands of its own."""
        on.must(to.kind is StageKind.OPEN, "opportunity.stage_decides", "Win or lose it instead.")
        if to.name == self.stage:
            return
        self._must_be_open(on)
        here = edition.stage(self.stage)
        is_forward = here is None or edition.rank(to.name) > edition.rank(self.stage)
        if is_forward and here is not None:
            self._must_have(here.requires, on)
        self.record(
            self.StageAdvanced if is_forward else self.StageRegressed, on, **self._worth(),
            from_stage=self.stage, to_stage=to.name, from_probability=self.probability,
            probability=to.probability,
        )  # fmt: skip

    def revise(self, amount: Decimal, on: Occasion) -> None:
        self._must_be_open(on)
        if amount != self.amount:
            self.record(
                self.AmountRevised, on, **self._standing(), owner=self.owner, stage=self.stage,
                probability=self.probability, from_amount=self.amount, to_amount=amount,
            )  # fmt: skip

    def move_close_date(self, to: date, on: Occasion) -> None:
        self._must_be_open(on)
        if to == self.expected_close_on:
            return
        is_later = self.expected_close_on is not None and to > self.expected_close_on
        self.record(
            self.CloseDateMoved, on, **self._worth(), stage=self.stage,
            probability=self.probability, from_date=self.expected_close_on, to_date=to,
            pushes=self.pushes + is_later,
        )  # fmt: skip

    def override_probability(self, probability: Decimal, reason: str, on: Occasion) -> None:
        self._must_be_open(on)
        if probability != self.probability:
            self.record(
                self.ProbabilityOverridden, on, **self._worth(), stage=self.stage,
                from_probability=self.probability, to_probability=probability, reason=reason,
            )  # fmt: skip

    def assign(self, owner: str, on: Occasion) -> None:
        if owner != self.owner:
            self.record(
                self.Assigned, on, **self._standing(), from_owner=self.owner, to_owner=owner,
                stage=self.stage, probability=self.probability, amount=self.amount,
            )  # fmt: skip

    def hold(self, reason: str, on: Occasion) -> None:
        if self.status is not OpportunityStatus.ON_HOLD:
            self._must_be_open(on)
            self.record(
                self.Held, on, **self._worth(), stage=self.stage, probability=self.probability,
                reason=reason,
            )  # fmt: skip

    def resume(self, on: Occasion) -> None:
        if self.status is not OpportunityStatus.OPEN:
            held = self.status is OpportunityStatus.ON_HOLD
            on.must(held, "opportunity.decided", "It is decided: reopen it instead.")
            self.record(
                self.Resumed, on, **self._worth(), stage=self.stage, probability=self.probability
            )

    def link(self, competitor: str, on: Occasion) -> None:
        if competitor not in self.competitors:
            self.record(
                self.CompetitorLinked, on, customer_id=self.customer_id, competitor=competitor
            )

    def migrate(self, edition: int, on: Occasion) -> None:
        if edition != self.edition:
            self.record(
                self.Migrated, on, customer_id=self.customer_id, pipeline_id=self.pipeline_id,
                from_edition=self.edition, to_edition=edition,
            )  # fmt: skip

    def win(
        self, stage: Stage, amount: Decimal | None, order_id: UUID | None, on: Occasion
    ) -> None:
        if self.status is OpportunityStatus.WON and amount in {None, self.amount}:
            return
        self._must_be_undecided(on)
        self._must_follow_opening(on)
        self.record(
            self.Won, on, **self._standing(), owner=self.owner, product=self.product,
            from_stage=self.stage, to_stage=stage.name, from_amount=self.amount,
            from_probability=self.probability, order_id=order_id,
            amount=self.amount if amount is None else amount, opened_at=self.opened_at,
        )  # fmt: skip

    def lose(self, stage: Stage, reason: str | None, competitor: str | None, on: Occasion) -> None:
        if self.status is OpportunityStatus.LOST:
            return
        self._must_be_undecided(on)
        self._must_follow_opening(on)
        on.must(reason, "opportunity.reason_missing", "Say why it was lost.")
        self.record(
            self.Lost, on, **self._worth(), product=self.product, from_stage=self.stage,
            to_stage=stage.name, from_probability=self.probability, reason=reason,
            competitor=competitor, opened_at=self.opened_at,
        )  # fmt: skip

    def abandon(self, reason: str, on: Occasion) -> None:
        if self.status is not OpportunityStatus.ABANDONED:
            self._must_be_undecided(on)
            self.record(
                self.Abandoned, on, **self._worth(), stage=self.stage,
                from_probability=self.probability, reason=reason,
            )  # fmt: skip

    def reopen(self, stage: Stage, reason: str, on: Occasion) -> None:
        if self.status in _UNDECIDED:
            return
        self.record(
            self.Reopened, on, **self._worth(), from_stage=self.stage, to_stage=stage.name,
            from_probability=self.probability, probability=stage.probability, reason=reason,
        )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self._worth(), stage=self.stage,
                probability=self.probability, reason=reason,
            )  # fmt: skip

    def _standing(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "currency": self.currency,
            "expected_close_on": self.expected_close_on,
            "from_status": None if self.is_retracted else self.status,
        }  # fmt: skip

    def _worth(self) -> dict[str, Any]:
        return {**self._standing(), "owner": self.owner, "amount": self.amount}

    def _must_be_open(self, on: Occasion) -> None:
        on.must(self.status is not OpportunityStatus.ON_HOLD, "opportunity.held", "It is on hold.")
        self._must_be_undecided(on)

    def _must_be_undecided(self, on: Occasion) -> None:
        on.must(self.status in _UNDECIDED, "opportunity.decided", f"It is {self.status}.")
        on.must(not self.is_retracted, "opportunity.retracted", "It was taken back.")

    def _must_have(self, requires: tuple[str, ...], on: Occasion) -> None:
        for name in requires:
            on.must(
                getattr(self, name, None) is not None,
                "opportunity.evidence_missing",
                f"The stage {self.stage} is not left without {name}.",
            )

    def _must_follow_opening(self, on: Occasion) -> None:
        if self.opened_at is None:
            return
        is_earlier = is_before(on.at, on.precision, self.opened_at, self.precision)
        on.must(
            not is_earlier, "opportunity.closed_before_opened", "It would close before it opened."
        )


_UNDECIDED = {OpportunityStatus.OPEN, OpportunityStatus.ON_HOLD}
