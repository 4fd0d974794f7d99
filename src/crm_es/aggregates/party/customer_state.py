"""Where a customer stands, which every part of it asks before it changes."""

from __future__ import annotations

from enum import StrEnum

from crm_es.aggregates.base import Aggregate, Occasion


class PartyKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class Lifecycle(StrEnum):
    PROSPECT = "prospect"
    ACTIVE = "active"
    DORMANT = "dormant"
    CLOSED = "closed"


class CustomerState(Aggregate):
    """What the rules of all parts of a customer read."""

    def __init__(self) -> None:
        self.kind: PartyKind
        self.lifecycle = Lifecycle.PROSPECT
        self.is_retracted = False

    # Every event of a customer is its own story.

    class Event(Aggregate.Event):
        SUBJECTS = ("originator_id",)

    def _must_be_open(self, on: Occasion) -> None:
        on.must(self.lifecycle is not Lifecycle.CLOSED, "customer.closed", "It is closed.")
        self._must_count(on)

    def _must_count(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "customer.retracted", "It was taken back.")
