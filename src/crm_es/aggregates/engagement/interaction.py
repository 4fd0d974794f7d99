"""An interaction: a message, a letter, a meeting, material sent; told once, never rewritten."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.engagement.call_state import Direction
from crm_es.aggregates.fields import Personal, Plain


class InteractionKind(StrEnum):
    """Calls, visits and web sessions are aggregates of their own; ``other`` has its ``type``."""

    EMAIL = "email"
    SMS = "sms"
    MESSAGE = "message"
    MEETING = "meeting"
    LETTER = "letter"
    MATERIAL = "material"
    OTHER = "other"


class _Told(Aggregate.Event):
    """What an interaction is counted by, as it stands after the event."""

    customer_id: UUID | None
    kind: InteractionKind
    direction: Direction
    channel: Plain | None
    agent: Plain | None
    type: Plain | None
    company: Plain | None
    product: Plain | None
    campaign_id: UUID | None
    about_kind: Plain | None
    about_id: UUID | None
    value: Decimal | None
    currency: Plain | None
    seconds: int | None


class Interaction(Aggregate):
    """Recorded -> corrected any number of times -> retracted. What was told stays in the log."""

    TOPIC = "interaction"

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.subject: str | None = None
        self.body: str | None = None
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Recorded(_Told, AggregateCreated):
        TOPIC = "interaction.recorded"
        subject: Personal[str] | None
        body: Personal[str] | None
        evidence: Personal[str] | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, interaction: Interaction) -> None:
            interaction.told = _told_by(self)
            interaction.subject, interaction.body = self.subject, self.body

    class Corrected(_Told):
        """The whole of it as it should have been told, and what had been counted."""

        TOPIC = "interaction.corrected"
        from_kind: InteractionKind
        from_direction: Direction
        from_channel: Plain | None
        from_agent: Plain | None
        from_type: Plain | None
        from_product: Plain | None
        from_value: Decimal | None
        from_currency: Plain | None
        from_seconds: int | None
        subject: Personal[str] | None
        body: Personal[str] | None
        took_place_at: datetime
        reason: Plain

        def apply(self, interaction: Interaction) -> None:
            interaction.told = _told_by(self)
            interaction.subject = self.subject or interaction.subject
            interaction.body = self.body or interaction.body

    class Reattributed(_Told):
        """It was with somebody else: both parties' stories tell so."""

        TOPIC = "interaction.reattributed"
        SUBJECTS = ("customer_id", "from_customer_id")
        from_customer_id: UUID | None
        took_place_at: datetime

        def apply(self, interaction: Interaction) -> None:
            interaction.told = _told_by(self)

    class Retracted(_Told):
        TOPIC = "interaction.retracted"
        took_place_at: datetime
        reason: Plain

        def apply(self, interaction: Interaction) -> None:
            interaction.is_retracted = True

    # What we allow.

    @classmethod
    def log(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        is_with_someone = facts["customer_id"] or facts["agent"] or facts["evidence"]
        on.must(is_with_someone, "interaction.nobody", "Name a party or what shows it took place.")
        on.must(
            facts["kind"] is not InteractionKind.OTHER or facts["type"],
            "interaction.untyped",
            "Say what kind of other it was.",
        )
        return cls.begin(cls.Recorded, on, id, facts)

    def correct(
        self, reason: str, on: Occasion, *, subject: str | None, body: str | None, **told: Any
    ) -> None:
        """``told`` are the counted fields that were wrong; None leaves a text as it is."""
        anew = {**self.told, **told}
        is_subject_new = subject is not None and not on.is_same(self.subject, subject)
        is_body_new = body is not None and not on.is_same(self.body, body)
        if anew == self.told and not is_subject_new and not is_body_new:
            return
        self._must_stand(on)
        self.record(
            self.Corrected, on, **anew,
            **{f"from_{name}": self.told[name] for name in CORRECTABLE},
            subject=subject if is_subject_new else None, body=body if is_body_new else None,
            took_place_at=self.created_on, reason=reason,
        )  # fmt: skip

    def reattribute(self, customer_id: UUID | None, on: Occasion) -> None:
        if customer_id != self.told["customer_id"]:
            self._must_stand(on)
            self.record(
                self.Reattributed, on, **{**self.told, "customer_id": customer_id},
                from_customer_id=self.told["customer_id"], took_place_at=self.created_on,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self.told, took_place_at=self.created_on, reason=reason
            )

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "interaction.retracted", "It was taken back.")


CORRECTABLE = (
    "kind", "direction", "channel", "agent", "type", "product", "value", "currency", "seconds",
)  # fmt: skip
_TOLD = ("customer_id", *CORRECTABLE, "company", "campaign_id", "about_kind", "about_id")


def _told_by(event: _Told) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _TOLD}
