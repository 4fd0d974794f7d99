"""What can be asked of an opportunity."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.party.restrictions import Scope
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.pipeline import Edition, Pipeline, Stage, StageKind
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import (
    Code,
    Currency,
    Day,
    Handle,
    Id,
    Line,
    PositiveAmount,
    Share,
    SourceId,
)
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict


class _DealCommand(Command):
    TARGET = "opportunity_id"
    opportunity_id: Id

    def deal(self, desk: Desk) -> Opportunity:
        return desk.get(Opportunity, self.opportunity_id)

    def edition(self, deal: Opportunity, desk: Desk) -> Edition:
        """The pipeline as the deal pinned it."""
        return desk.get(Pipeline, deal.pipeline_id).editions[deal.edition]


class OpenOpportunity(Command):
    """Open a deal on a pipeline, in any of its open stages, with or without a customer."""

    TARGET = "opportunity_id"
    opportunity_id: Id
    pipeline_id: Id
    customer_id: Id | None = None
    title: Line | None = None
    owner: Handle | None = None
    product: Line | None = Field(default=None, description="What it is about, usually a SKU.")
    stage: Code | None = Field(default=None, description="The first open stage if left out.")
    amount: PositiveAmount | None = None
    currency: Currency | None = None
    expected_close_on: Day | None = None
    lead_id: Id | None = None
    campaign_id: Id | None = None
    origin: Code | None = Field(default=None, description="Where it came from, as given.")
    campaign: Line | None = None
    content: Line | None = None
    term: Line | None = None
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        defined = definitions("opportunity", self.attributes)
        ids = (self.opportunity_id, self.pipeline_id, self.customer_id)
        return (*mentioned(*ids), *defined)

    def decide(self, desk: Desk) -> None:
        if desk.standing(Opportunity, self.opportunity_id) is not None:
            raise Conflict("opportunity.exists", f"Opportunity {self.opportunity_id} is open.")
        known_customer(desk, self.customer_id, Scope.SALES)
        pipeline = desk.get(Pipeline, self.pipeline_id)
        desk.must(not pipeline.is_retired, "pipeline.retired", "The pipeline is retired.")
        edition = pipeline.editions[pipeline.edition]
        stage = _stage(edition, self.stage) if self.stage else edition.first(StageKind.OPEN)
        plain, sealed = sort_attributes("opportunity", self.attributes, desk)
        Opportunity.open(
            self.opportunity_id, desk, stage, pipeline_id=self.pipeline_id,
            edition=pipeline.edition, customer_id=self.customer_id, title=self.title,
            owner=self.owner, product=self.product, amount=self.amount,
            currency=self.currency or desk.currency, expected_close_on=self.expected_close_on,
            lead_id=self.lead_id, campaign_id=self.campaign_id, origin=self.origin,
            campaign=self.campaign, content=self.content, term=self.term, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class MoveOpportunity(_DealCommand):
    """Move a deal to another open stage, forwards or back."""

    stage: Code

    def decide(self, desk: Desk) -> None:
        deal = self.deal(desk)
        edition = self.edition(deal, desk)
        deal.move(_stage(edition, self.stage), edition, desk)


class ReviseOpportunityAmount(_DealCommand):
    """Say what a deal is now thought to be worth."""

    amount: PositiveAmount
    currency: Currency | None = None

    def decide(self, desk: Desk) -> None:
        deal = self.deal(desk)
        if self.currency not in {None, deal.currency}:
            raise Conflict("money.currency_mismatch", f"The deal is in {deal.currency}.")
        deal.revise(self.amount, desk)


class MoveCloseDate(_DealCommand):
    """Expect the decision on another day; moving it later counts as a push."""

    expected_close_on: Day

    def decide(self, desk: Desk) -> None:
        self.deal(desk).move_close_date(self.expected_close_on, desk)


class OverrideProbability(_DealCommand):
    """Rate a deal otherwise than its stage does."""

    probability: Share
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.deal(desk).override_probability(self.probability, self.reason, desk)


class AssignOpportunity(_DealCommand):
    """Give a deal to another owner."""

    owner: Handle

    def decide(self, desk: Desk) -> None:
        self.deal(desk).assign(self.owner, desk)


class HoldOpportunity(_DealCommand):
    """Let a deal rest."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.deal(desk).hold(self.reason, desk)


class ResumeOpportunity(_DealCommand):
    """Take up a resting deal."""

    def decide(self, desk: Desk) -> None:
        self.deal(desk).resume(desk)


class LinkCompetitor(_DealCommand):
    """Note who else is after a deal."""

    competitor: Code

    def decide(self, desk: Desk) -> None:
        self.deal(desk).link(self.competitor, desk)


class MigrateOpportunity(_DealCommand):
    """Put a deal on the newest edition of its pipeline."""

    def decide(self, desk: Desk) -> None:
        deal = self.deal(desk)
        pipeline = desk.get(Pipeline, deal.pipeline_id)
        deal.migrate(pipeline.edition, pipeline.editions[pipeline.edition], desk)


class WinOpportunity(_DealCommand):
    """Record that a deal was won: with its order, or by saying that there is none."""

    amount: PositiveAmount | None = None
    order_id: Id | None = None
    stage: Code | None = None
    without_order: bool = Field(default=False, description="Won, though no order names it.")

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.opportunity_id, self.order_id)

    def decide(self, desk: Desk) -> None:
        deal = self.deal(desk)
        edition = self.edition(deal, desk)
        if self.order_id is not None and not desk.is_history:
            parties = {desk.get(Order, self.order_id).customer_id, deal.customer_id} - {None}
            desk.must(
                len(parties) < 2,  # noqa: PLR2004 - one party, or none that is known
                "opportunity.order_of_other_customer",
                "That is another customer's order.",
            )
        stage = _of_kind(edition, StageKind.WON, self.stage)
        deal.win(
            stage, edition, desk, amount=self.amount, order_id=self.order_id,
            has_none=self.without_order,
        )  # fmt: skip


class LoseOpportunity(_DealCommand):
    """Record that a deal was lost, and why: with one of the pipeline's reasons."""

    reason: Code | None = None
    competitor: Code | None = None
    stage: Code | None = None

    def decide(self, desk: Desk) -> None:
        deal = self.deal(desk)
        edition = self.edition(deal, desk)
        stage = _of_kind(edition, StageKind.LOST, self.stage)
        deal.lose(stage, edition, desk, reason=self.reason, competitor=self.competitor)


class AbandonOpportunity(_DealCommand):
    """Give a deal up without its being lost to anyone."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.deal(desk).abandon(self.reason, desk)


class ReopenOpportunity(_DealCommand):
    """Take a decided deal up again."""

    reason: Code
    stage: Code | None = Field(default=None, description="The first open stage if left out.")

    def decide(self, desk: Desk) -> None:
        deal = self.deal(desk)
        edition = self.edition(deal, desk)
        stage = _of_kind(edition, StageKind.OPEN, self.stage)
        deal.reopen(stage, self.reason, desk)


class RetractOpportunity(_DealCommand):
    """Take back a deal that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.deal(desk).retract(self.reason, desk)


def _stage(edition: Edition, name: str) -> Stage:
    found = edition.stage(name)
    if found is None:
        raise Conflict("opportunity.stage_unknown", "The pipeline has no such stage.")
    return found


def _of_kind(edition: Edition, kind: StageKind, name: str | None) -> Stage:
    stage = edition.first(kind) if name is None else _stage(edition, name)
    if stage.kind is not kind:
        raise Conflict("opportunity.stage_kind", f"That stage is {stage.kind}, not {kind}.")
    return stage


COMMANDS = (
    OpenOpportunity, MoveOpportunity, ReviseOpportunityAmount, MoveCloseDate, OverrideProbability,
    AssignOpportunity, HoldOpportunity, ResumeOpportunity, LinkCompetitor, MigrateOpportunity,
    WinOpportunity, LoseOpportunity, AbandonOpportunity, ReopenOpportunity, RetractOpportunity,
)  # fmt: skip
