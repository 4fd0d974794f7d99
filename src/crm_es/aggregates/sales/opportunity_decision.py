"""How a deal ends: won, lost or given up; and how it is taken up again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Plain, Precision, Price
from crm_es.aggregates.sales.opportunity_state import (
    UNDECIDED,
    OpportunityState,
    OpportunityStatus,
    Transition,
)
from crm_es.aggregates.sales.pipeline import Edition, Stage


class _Decided(Transition):
    """A deal has left the pipeline for one of its ends."""

    owner: Plain | None
    product: Plain | None
    from_stage: Plain
    to_stage: Plain
    from_probability: Price
    amount: Decimal | None
    opened_at: datetime | None
    opened_precision: Precision


class Decision(OpportunityState):
    """The part of an opportunity that is fact: it is decided once, unless it is reopened."""

    # What can happen, and the little of it that later decisions need.

    class Won(_Decided):
        TOPIC = "opportunity.won"
        from_amount: Decimal | None
        order_id: UUID | None

        def apply(self, deal: Decision) -> None:
            deal.status, deal.stage = OpportunityStatus.WON, self.to_stage
            deal.probability, deal.amount = Decimal(1), self.amount

    class Lost(_Decided):
        TOPIC = "opportunity.lost"
        reason: Plain | None
        competitor: Plain | None

        def apply(self, deal: Decision) -> None:
            deal.status, deal.stage = OpportunityStatus.LOST, self.to_stage
            deal.probability = Decimal(0)

    class Abandoned(Transition):
        TOPIC = "opportunity.abandoned"
        owner: Plain | None
        stage: Plain
        from_probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Decision) -> None:
            deal.status, deal.probability = OpportunityStatus.ABANDONED, Decimal(0)

    class Reopened(Transition):
        TOPIC = "opportunity.reopened"
        owner: Plain | None
        from_stage: Plain
        to_stage: Plain
        from_probability: Price
        probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Decision) -> None:
            deal.status, deal.stage = OpportunityStatus.OPEN, self.to_stage
            deal.probability = self.probability

    class Retracted(Transition):
        TOPIC = "opportunity.retracted"
        owner: Plain | None
        stage: Plain
        probability: Price
        amount: Decimal | None
        reason: Plain

        def apply(self, deal: Decision) -> None:
            deal.is_retracted = True

    # What we allow.

    def win(
        self,
        to: Stage,
        edition: Edition,
        on: Occasion,
        *,
        amount: Decimal | None,
        order_id: UUID | None,
        has_none: bool,
    ) -> None:
        """``has_none`` says that no order belongs to it."""
        if self.status is OpportunityStatus.WON and amount in {None, self.amount}:
            return
        self._must_be_undecided(on)
        self._must_follow_opening(on)
        self._must_leave_for(to, edition, on, is_forward=True)
        on.must(
            order_id or has_none,
            "opportunity.order_missing",
            "Name the order, or say that it is won without one.",
        )
        self.record(
            self.Won, on, **self._end(to), from_amount=self.amount, order_id=order_id,
            amount=self.amount if amount is None else amount,
        )  # fmt: skip

    def lose(
        self,
        to: Stage,
        edition: Edition,
        on: Occasion,
        *,
        reason: str | None,
        competitor: str | None,
    ) -> None:
        if self.status is OpportunityStatus.LOST:
            return
        self._must_be_undecided(on)
        self._must_follow_opening(on)
        on.must(reason, "opportunity.reason_missing", "Say why it was lost.")
        is_known = reason is None or not edition.reasons or reason in edition.reasons
        on.must(is_known, "opportunity.reason_unknown", "That is none of the pipeline's reasons.")
        self.record(
            self.Lost, on, **self._end(to), amount=self.amount, reason=reason,
            competitor=competitor,
        )  # fmt: skip

    def abandon(self, reason: str, on: Occasion) -> None:
        if self.status is not OpportunityStatus.ABANDONED:
            self._must_be_undecided(on)
            self.record(
                self.Abandoned, on, **self._worth(), stage=self.stage,
                from_probability=self.probability, reason=reason,
            )  # fmt: skip

    def reopen(self, to: Stage, reason: str, on: Occasion) -> None:
        if self.status not in UNDECIDED:
            self._must_count(on)
            self.record(
                self.Reopened, on, **self._worth(), from_stage=self.stage, to_stage=to.name,
                from_probability=self.probability, probability=to.probability, reason=reason,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self._worth(), stage=self.stage,
                probability=self.probability, reason=reason,
            )  # fmt: skip

    def _end(self, to: Stage) -> dict[str, object]:
        return {
            **self._standing(), "owner": self.owner, "product": self.product,
            "from_stage": self.stage, "to_stage": to.name, "from_probability": self.probability,
            "opened_at": self.opened_at, "opened_precision": self.opened_precision,
        }  # fmt: skip
