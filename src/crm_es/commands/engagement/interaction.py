"""What can be asked of an interaction."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.engagement.call_state import Direction
from crm_es.aggregates.engagement.interaction import CORRECTABLE, Interaction, InteractionKind
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.engagement.about import AboutSomething
from crm_es.commands.fields import (
    Amount,
    Code,
    Currency,
    Handle,
    Id,
    Line,
    Note,
    Seconds,
    SourceId,
)
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict


class _InteractionCommand(Command):
    TARGET = "interaction_id"
    interaction_id: Id

    def interaction(self, desk: Desk) -> Interaction:
        return desk.get(Interaction, self.interaction_id)


class RecordInteraction(AboutSomething):
    """Record a contact that was no call, no visit and no web session.

    Somebody took part: name the customer or the agent, or what shows that it took place.
    """

    TARGET = "interaction_id"
    interaction_id: Id
    kind: InteractionKind
    direction: Direction = Direction.UNKNOWN
    channel: Code | None = None
    agent: Handle | None = None
    type: Line | None = Field(default=None, description="The source's own word for its kind.")
    company: SourceId | None = Field(
        default=None, description="Who was in touch, where it was not ourselves."
    )
    product: Line | None = None
    subject: Line | None = None
    body: Note | None = None
    evidence: Note | None = None
    campaign_id: Id | None = None
    value: Amount | None = Field(default=None, description="What was given is worth.")
    currency: Currency | None = None
    seconds: Seconds | None = Field(default=None, description="How long it took; null is unknown.")
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        ids = mentioned(self.interaction_id, self.customer_id)
        return (*ids, *definitions("interaction", self.attributes))

    def decide(self, desk: Desk) -> None:
        if desk.standing(Interaction, self.interaction_id) is not None:
            raise Conflict("interaction.exists", f"Interaction {self.interaction_id} is recorded.")
        customer_id = self.customer(desk)
        plain, sealed = sort_attributes("interaction", self.attributes, desk)
        currency = None if self.value is None else self.currency or desk.currency
        Interaction.log(
            self.interaction_id, desk, customer_id=customer_id, kind=self.kind,
            direction=self.direction, channel=self.channel, agent=self.agent, type=self.type,
            company=self.company, product=self.product, subject=self.subject, body=self.body,
            evidence=self.evidence, campaign_id=self.campaign_id, value=self.value,
            currency=currency, seconds=self.seconds, about_kind=self.about_kind,
            about_id=self.about_id, source=self.source, source_id=self.source_id,
            attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class CorrectInteraction(_InteractionCommand):
    """Say how an interaction should have been told: what is named is corrected.

    What was told before stays in its history. Whom it was with is corrected by reattribution.
    """

    reason: Code
    kind: InteractionKind | None = None
    direction: Direction | None = None
    channel: Code | None = None
    agent: Handle | None = None
    type: Line | None = None
    product: Line | None = None
    value: Amount | None = None
    currency: Currency | None = None
    seconds: Seconds | None = None
    subject: Line | None = None
    body: Note | None = None

    def decide(self, desk: Desk) -> None:
        interaction = self.interaction(desk)
        named = {name: getattr(self, name) for name in CORRECTABLE}
        told = {name: value for name, value in named.items() if value is not None}
        if self.value is not None:
            told["currency"] = self.currency or interaction.told["currency"] or desk.currency
        interaction.correct(self.reason, desk, subject=self.subject, body=self.body, **told)


class ReattributeInteraction(_InteractionCommand):
    """Say that an interaction was with another customer, or with nobody we know."""

    customer_id: Id | None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.interaction_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        known_customer(desk, self.customer_id)
        self.interaction(desk).reattribute(self.customer_id, desk)


class RetractInteraction(_InteractionCommand):
    """Take back an interaction that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.interaction(desk).retract(self.reason, desk)


COMMANDS = (
    RecordInteraction, CorrectInteraction, ReattributeInteraction, RetractInteraction,
)  # fmt: skip
