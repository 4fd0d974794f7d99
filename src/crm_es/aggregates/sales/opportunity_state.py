"""What an opportunity remembers, and what each change tells so that a fact needs no other."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Precision, is_before
from crm_es.aggregates.sales.pipeline import Edition, Stage


class OpportunityStatus(StrEnum):
    OPEN = "open"
    ON_HOLD = "on_hold"
    WON = "won"
    LOST = "lost"
    ABANDONED = "abandoned"


UNDECIDED = {OpportunityStatus.OPEN, OpportunityStatus.ON_HOLD}


class Transition(Aggregate.Event):
    """What a deal counts for has changed; with the rest of what it counts by, unchanged."""

    customer_id: UUID | None
    currency: Plain
    expected_close_on: date | None
    from_status: OpportunityStatus | None
    """None once it was taken back: it counts nowhere any more."""


class OpportunityState(Aggregate):
    """What the rules of a deal read."""

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.lead_id: UUID | None = None
        self.pipeline_id: UUID
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
        self.opened_at: datetime
        self.opened_precision: Precision
        self.competitors: set[str] = set()
        self.is_retracted = False

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
        on.must(self.status in UNDECIDED, "opportunity.decided", f"It is {self.status}.")
        self._must_count(on)

    def _must_count(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "opportunity.retracted", "It was taken back.")

    def _must_leave_for(
        self, to: Stage, edition: Edition, on: Occasion, *, is_forward: bool
    ) -> None:
        """Hold a move against what the pipeline says of the stage the deal is in."""
        here = edition.stage(self.stage)
        if here is None:
            return
        is_allowed = not here.leads_to or to.name in here.leads_to
        on.must(is_allowed, "opportunity.move_forbidden", f"{here.name} does not lead there.")
        for name in here.requires if is_forward else ():
            on.must(
                getattr(self, name) is not None,
                "opportunity.evidence_missing",
                f"The stage {here.name} is not left without {name}.",
            )

    def _must_follow_opening(self, on: Occasion) -> None:
        is_earlier = is_before(on.at, on.precision, self.opened_at, self.opened_precision)
        on.must(
            not is_earlier, "opportunity.closed_before_opened", "It would close before it opened."
        )
