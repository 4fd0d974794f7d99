"""An opportunity: a possible sale on its way through a pipeline, until it is decided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Precision, Price
from crm_es.aggregates.sales.opportunity_decision import Decision
from crm_es.aggregates.sales.opportunity_estimate import Estimate
from crm_es.aggregates.sales.opportunity_state import UNDECIDED, OpportunityStatus, Transition
from crm_es.aggregates.sales.pipeline import Edition, Stage, StageKind


class _Moved(Transition):
    """A deal has gone from one open stage to another."""

    owner: Plain | None
    from_stage: Plain
    to_stage: Plain
    from_probability: Price
    probability: Price
    amount: Decimal | None

    def apply(self, deal: Opportunity) -> None:
        deal.stage, deal.probability = self.to_stage, self.probability


class Opportunity(Estimate, Decision):
    """Open <-> on hold, then won, lost or abandoned; reopened with a reason.

    It pins the edition of its pipeline. Every move carries what the deal is worth at that moment,
    so that the pipeline of any past day is a sum over single events.
    """

    TOPIC = "opportunity"

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
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, deal: Opportunity) -> None:
            deal.customer_id, deal.lead_id = self.customer_id, self.lead_id
            deal.pipeline_id, deal.edition = self.pipeline_id, self.edition
            deal.stage, deal.probability = self.stage, self.probability
            deal.amount, deal.currency = self.amount, self.currency
            deal.owner, deal.product = self.owner, self.product
            deal.expected_close_on = self.expected_close_on
            deal.opened_at, deal.opened_precision = self.timestamp, self.opened_precision

    class StageAdvanced(_Moved):
        TOPIC = "opportunity.stage_advanced"

    class StageRegressed(_Moved):
        TOPIC = "opportunity.stage_regressed"

    class Held(Transition):
        TOPIC = "opportunity.held"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Opportunity) -> None:
            deal.status = OpportunityStatus.ON_HOLD

    class Resumed(Transition):
        TOPIC = "opportunity.resumed"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None

        def apply(self, deal: Opportunity) -> None:
            deal.status = OpportunityStatus.OPEN

    class Migrated(Transition):
        TOPIC = "opportunity.migrated"
        pipeline_id: UUID
        from_edition: int
        to_edition: int
        owner: Plain | None
        stage: Plain
        from_probability: Price
        probability: Price
        amount: Decimal | None

        def apply(self, deal: Opportunity) -> None:
            deal.edition, deal.probability = self.to_edition, self.probability

    class LeadLinked(Transition):
        """The deal came out of a lead. ``customer_id`` is whom the lead became."""

        TOPIC = "opportunity.lead_linked"
        SUBJECTS = ("customer_id", "from_customer_id")
        lead_id: UUID
        from_customer_id: UUID | None
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None

        def apply(self, deal: Opportunity) -> None:
            deal.lead_id, deal.customer_id = self.lead_id, self.customer_id

    # What we allow.

    @classmethod
    def open(cls, id: UUID, on: Occasion, stage: Stage, /, **facts: Any) -> Self:
        on.must(
            stage.kind is StageKind.OPEN, "opportunity.stage_decides", "Win or lose it afterwards."
        )
        return cls.begin(
            cls.Opened, on, id, facts, stage=stage.name, probability=stage.probability,
            opened_precision=on.precision,
        )  # fmt: skip

    def move(self, to: Stage, edition: Edition, on: Occasion) -> None:
        """Along the open stages, forwards or back. A decision has commands of its own."""
        if to.name == self.stage:
            return
        on.must(to.kind is StageKind.OPEN, "opportunity.stage_decides", "Win or lose it instead.")
        self._must_be_open(on)
        is_forward = edition.rank(to.name) > edition.rank(self.stage)
        self._must_leave_for(to, edition, on, is_forward=is_forward)
        is_undecided = self.status in UNDECIDED
        self.record(
            self.StageAdvanced if is_forward else self.StageRegressed, on, **self._worth(),
            from_stage=self.stage, to_stage=to.name, from_probability=self.probability,
            probability=to.probability if is_undecided else self.probability,
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
            self._must_be_undecided(on)
            self.record(
                self.Resumed, on, **self._worth(), stage=self.stage, probability=self.probability
            )

    def migrate(self, number: int, edition: Edition, on: Occasion) -> None:
        """To another edition of its pipeline; the stage is rated as that edition rates it."""
        if number == self.edition:
            return
        self._must_be_undecided(on)
        stage = edition.stage(self.stage)
        on.must(stage, "opportunity.stage_gone", "Its stage is not there any more.")
        self.record(
            self.Migrated, on, **self._worth(), pipeline_id=self.pipeline_id,
            from_edition=self.edition, to_edition=number, stage=self.stage,
            from_probability=self.probability,
            probability=stage.probability if stage else self.probability,
        )  # fmt: skip

    def link_lead(self, lead_id: UUID, customer_id: UUID, on: Occasion) -> None:
        """Note which lead it came out of, and with it whose deal it is."""
        if (self.lead_id, self.customer_id) == (lead_id, customer_id):
            return
        self._must_count(on)
        is_theirs = self.customer_id in {None, customer_id}
        on.must(is_theirs, "opportunity.of_other_customer", "It is another customer's deal.")
        on.must(
            self.lead_id in {None, lead_id}, "opportunity.of_other_lead", "It has another lead."
        )
        self.record(
            self.LeadLinked, on, **{**self._worth(), "customer_id": customer_id}, lead_id=lead_id,
            from_customer_id=self.customer_id, stage=self.stage, probability=self.probability,
        )  # fmt: skip
