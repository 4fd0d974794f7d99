"""A campaign: planned in arms, given a budget, run, paid for, and over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Price, plain

ARMS_MAX = 100
SPEND_MAX = 50_000
"""So many records of spend a campaign takes; beyond, it is several campaigns."""


class CampaignState(StrEnum):
    PLANNING = "planning"
    APPROVED = "approved"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Arm:
    """One of the ways its members are dealt with; of a control arm nothing is sent to anyone."""

    name: Plain
    is_control: bool


class _Moved(Aggregate.Event):
    """From one state to another, with what it had cost by then."""

    SUBJECTS = ()
    from_state: CampaignState
    to_state: CampaignState
    budget: Decimal | None
    spent: Decimal
    currency: Plain

    def apply(self, campaign: Campaign) -> None:
        campaign.state = self.to_state


class _Spend(Aggregate.Event):
    SUBJECTS = ()
    spend_id: UUID
    channel: Plain | None
    amount: Decimal
    currency: Plain
    clicks: int | None
    impressions: int | None
    ad_group: Plain | None
    ad: Plain | None
    campaign: Plain | None
    source: Plain | None
    source_id: Plain | None


_PAID_FOR = (
    "spend_id", "channel", "amount", "currency", "clicks", "impressions", "ad_group", "ad",
    "campaign", "source", "source_id",
)  # fmt: skip


class Campaign(Aggregate):
    """Planning -> approved -> active <-> paused -> complete, or cancelled before it is.

    Its members are streams of their own. A record of spend is known by its id: two equal ones are
    two. All of them stay within the approved budget and its tolerance.
    """

    TOPIC = "campaign"

    def __init__(self) -> None:
        self.state = CampaignState.PLANNING
        self.channel: str | None = None
        self.currency = ""
        self.arms: dict[str, Arm] = {}
        self.budget: Decimal | None = None
        self.tolerance = Decimal(0)
        self.spent = Decimal(0)
        self.spend: dict[UUID, Campaign.SpendRecorded | None] = {}
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Planned(Aggregate.Event, AggregateCreated):
        TOPIC = "campaign.planned"
        SUBJECTS = ()
        name: Plain
        kind: Plain | None
        channel: Plain | None
        currency: Plain
        arms: tuple[Arm, ...]
        owner: Plain | None
        parent_id: UUID | None
        starts_on: date | None
        ends_on: date | None
        description: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, campaign: Campaign) -> None:
            campaign.channel, campaign.currency = self.channel, self.currency
            campaign.arms = {arm.name: arm for arm in self.arms}

    class BudgetApproved(_Moved):
        """The first budget approves the campaign; later ones replace it."""

        TOPIC = "campaign.budget_approved"
        from_budget: Decimal | None
        tolerance: Price

        def apply(self, campaign: Campaign) -> None:
            campaign.state, campaign.budget = self.to_state, self.budget
            campaign.tolerance = self.tolerance

    class Launched(_Moved):
        TOPIC = "campaign.launched"

    class Paused(_Moved):
        TOPIC = "campaign.paused"
        reason: Plain | None

    class Resumed(_Moved):
        TOPIC = "campaign.resumed"

    class Completed(_Moved):
        TOPIC = "campaign.completed"

    class Cancelled(_Moved):
        TOPIC = "campaign.cancelled"
        reason: Plain

    class SpendRecorded(_Spend):
        TOPIC = "campaign.spend_recorded"

        def apply(self, campaign: Campaign) -> None:
            campaign.spend[self.spend_id] = self
            campaign.spent += self.amount

    class SpendRetracted(_Spend):
        """The spend once more, to be counted with its sign turned."""

        TOPIC = "campaign.spend_retracted"
        took_place_at: datetime
        reason: Plain

        def apply(self, campaign: Campaign) -> None:
            campaign.spend[self.spend_id] = None
            campaign.spent -= self.amount

    class Retracted(_Moved):
        TOPIC = "campaign.retracted"
        reason: Plain

        def apply(self, campaign: Campaign) -> None:
            campaign.is_retracted = True

    # What we allow.

    @classmethod
    def plan(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(cls.Planned, on, id, facts)

    def approve(self, budget: Decimal, tolerance: Decimal, on: Occasion) -> None:
        """The first budget approves the plan, later ones replace it."""
        if (budget, tolerance) != (self.budget, self.tolerance):
            is_plan = self.state is CampaignState.PLANNING
            over = self.state in {CampaignState.COMPLETE, CampaignState.CANCELLED}
            on.must(not over, "campaign.over", f"It is {self.state}.")
            self._move(
                self.BudgetApproved, CampaignState.APPROVED if is_plan else self.state, on,
                budget=budget, from_budget=self.budget, tolerance=tolerance,
            )  # fmt: skip

    def launch(self, on: Occasion) -> None:
        if self.state is not CampaignState.ACTIVE:
            on.must(self.state is not CampaignState.PAUSED, "campaign.paused", "Resume it instead.")
            self._move(self.Launched, CampaignState.ACTIVE, on)

    def pause(self, reason: str | None, on: Occasion) -> None:
        if self.state is not CampaignState.PAUSED:
            self._move(self.Paused, CampaignState.PAUSED, on, reason=reason)

    def resume(self, on: Occasion) -> None:
        if self.state is not CampaignState.ACTIVE:
            on.must(self.state is CampaignState.PAUSED, "campaign.not_paused", "It is not paused.")
            self._move(self.Resumed, CampaignState.ACTIVE, on)

    def complete(self, on: Occasion) -> None:
        if self.state is not CampaignState.COMPLETE:
            self._move(self.Completed, CampaignState.COMPLETE, on)

    def cancel(self, reason: str, on: Occasion) -> None:
        if self.state is not CampaignState.CANCELLED:
            self._move(self.Cancelled, CampaignState.CANCELLED, on, reason=reason)

    def spend_on(self, spend_id: UUID, amount: Decimal, on: Occasion, /, **facts: Any) -> None:
        self._must_stand(on)
        on.must(self.budget is not None, "campaign.no_budget", "No budget is approved.")
        limit = self.budget and self.budget * (1 + self.tolerance)
        within = limit is None or self.spent + amount <= limit
        on.must(within, "campaign.over_budget", "That is more than was approved.")
        on.must(len(self.spend) < SPEND_MAX, "campaign.spend_max", f"{SPEND_MAX} records at most.")
        facts["channel"] = facts["channel"] or self.channel
        self.record(self.SpendRecorded, on, spend_id=spend_id, amount=amount, **facts)

    def retract_spend(self, spend_id: UUID, reason: str, on: Occasion) -> None:
        if spend_id not in self.spend:
            on.unknown("spend.not_found", f"There is no spend {spend_id} here.")
        spend = self.spend[spend_id]
        if spend is not None:
            self._must_stand(on)
            told = {name: getattr(spend, name) for name in _PAID_FOR}
            self.record(
                self.SpendRetracted, on, **told, took_place_at=spend.timestamp, reason=reason
            )

    def retract(self, reason: str, on: Occasion) -> None:
        """Take it back, and before it all that was spent on it, each record by itself."""
        if not self.is_retracted:
            for spend_id in list(self.spend):
                self.retract_spend(spend_id, reason, on)
            self.record(self.Retracted, on, **self._moved(self.state), reason=reason)

    # What members ask before anything is done with them.

    def must_take_members(self, arm: str | None, on: Occasion, *, is_control: bool | None) -> None:
        self._must_stand(on)
        over = self.state in {CampaignState.COMPLETE, CampaignState.CANCELLED}
        on.must(not over, "campaign.over", f"It is {self.state}.")
        if self.arms:
            known = self.arms.get(arm or "")
            on.must(known, "campaign.arm_unknown", "The campaign has no such arm.")
            is_same = known is None or is_control in {None, known.is_control}
            on.must(is_same, "campaign.arm_otherwise", "That arm is not what it is said to be.")

    def must_run(self, on: Occasion) -> None:
        self._must_stand(on)
        runs = self.state is CampaignState.ACTIVE
        on.must(runs, "campaign.not_running", f"It is {self.state}.")

    def must_have_run(self, on: Occasion) -> None:
        self._must_stand(on)
        waits = self.state in {CampaignState.PLANNING, CampaignState.APPROVED}
        on.must(not waits, "campaign.not_launched", f"It is {self.state}.")

    def _move(self, kind: type[_Moved], to: CampaignState, on: Occasion, /, **facts: Any) -> None:
        self._must_stand(on)
        allowed = to is self.state or to in _NEXT[self.state]
        on.must(allowed, "campaign.state_order", f"It is {self.state}, not {to}.")
        self.record(kind, on, **{**self._moved(to), **facts})

    def _moved(self, to: CampaignState) -> dict[str, Any]:
        return {
            "from_state": self.state, "to_state": to, "budget": self.budget,
            "spent": plain(self.spent), "currency": self.currency,
        }  # fmt: skip

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "campaign.retracted", "It was taken back.")


_NEXT: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.PLANNING: frozenset({CampaignState.APPROVED, CampaignState.CANCELLED}),
    CampaignState.APPROVED: frozenset({CampaignState.ACTIVE, CampaignState.CANCELLED}),
    CampaignState.ACTIVE: frozenset(
        {CampaignState.PAUSED, CampaignState.COMPLETE, CampaignState.CANCELLED}
    ),
    CampaignState.PAUSED: frozenset(
        {CampaignState.ACTIVE, CampaignState.COMPLETE, CampaignState.CANCELLED}
    ),
    CampaignState.COMPLETE: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}
