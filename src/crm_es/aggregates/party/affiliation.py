"""An affiliation: a person at an organisation, with a title, for a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain, Precision, is_before


@dataclass(frozen=True)
class Period:
    """From when until when, each as exactly as it is known; open-ended without an end."""

    since: datetime
    since_precision: Precision
    until: datetime | None = None
    until_precision: Precision = Precision.EXACT

    def overlaps(self, other: Period) -> bool:
        """Whether both hold at one time. What is not known to overlap does not."""
        return not self._is_over_by(other) and not other._is_over_by(self)

    def _is_over_by(self, other: Period) -> bool:
        return self.until is not None and (
            is_before(
                self.until, self.until_precision, other.since, other.since_precision, or_same=True
            )
            is not False
        )

    def ended(self, at: datetime, precision: Precision) -> Period:
        return Period(self.since, self.since_precision, at, precision)

    def is_backward(self) -> bool:
        """Whether it ends before it begins."""
        return self.until is not None and bool(
            is_before(self.until, self.until_precision, self.since, self.since_precision)
        )


class Affiliation(Aggregate):
    """Started -> ended; the title may change between. A person has one primary one at a time."""

    TOPIC = "affiliation"

    def __init__(self) -> None:
        self.person_id: UUID
        self.organisation_id: UUID
        self.title: str | None = None
        self.period: Period
        self.is_primary = False
        self.is_multi_employer = False
        self.has_ended = False
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ("person_id", "organisation_id")
        person_id: UUID
        organisation_id: UUID

    class Started(Event, AggregateCreated):
        TOPIC = "affiliation.started"
        title: Personal[str] | None
        role: Plain | None
        is_primary: bool
        is_multi_employer: bool
        since_precision: Precision
        until: datetime | None
        until_precision: Precision
        source: Plain | None
        source_id: Plain | None

        def apply(self, affiliation: Affiliation) -> None:
            affiliation.person_id = self.person_id
            affiliation.organisation_id = self.organisation_id
            affiliation.title, affiliation.is_primary = self.title, self.is_primary
            affiliation.is_multi_employer = self.is_multi_employer
            affiliation.period = Period(
                self.timestamp, self.since_precision, self.until, self.until_precision
            )

    class TitleChanged(Event):
        TOPIC = "affiliation.title_changed"
        title: Personal[str]
        role: Plain | None

        def apply(self, affiliation: Affiliation) -> None:
            affiliation.title = self.title

    class PrimaryChanged(Event):
        TOPIC = "affiliation.primary_changed"
        is_primary: bool

        def apply(self, affiliation: Affiliation) -> None:
            affiliation.is_primary = self.is_primary

    class Ended(Event):
        TOPIC = "affiliation.ended"
        ended_precision: Precision
        started_at: datetime
        reason: Plain | None

        def apply(self, affiliation: Affiliation) -> None:
            affiliation.period = affiliation.period.ended(self.timestamp, self.ended_precision)
            affiliation.has_ended = True

    class Retracted(Event):
        TOPIC = "affiliation.retracted"
        is_primary: bool
        reason: Plain

        def apply(self, affiliation: Affiliation) -> None:
            affiliation.is_retracted = True

    # What we allow.

    @classmethod
    def start(
        cls, id: UUID, on: Occasion, period: Period, others: Iterable[Affiliation], /, **facts: Any
    ) -> Self:
        """``others`` are the person's affiliations that have been primary, if this one is."""
        on.must(not period.is_backward(), "affiliation.ended_before_started", _BACKWARD)
        if not facts["is_multi_employer"]:
            _must_be_alone(period, others, on)
        return cls.begin(
            cls.Started, on, id, facts, since_precision=period.since_precision, until=period.until,
            until_precision=period.until_precision,
        )  # fmt: skip

    def change_title(self, title: str, role: str | None, on: Occasion) -> None:
        if on.is_same(self.title, title):
            return
        self._must_last(on)
        self.record(self.TitleChanged, on, **self._parties(), title=title, role=role)

    def make_primary(self, others: Iterable[Affiliation], on: Occasion) -> None:
        """``others`` are the person's affiliations that have been primary."""
        if self.is_primary:
            return
        self._must_count(on)
        if not self.is_multi_employer:
            _must_be_alone(self.period, others, on)
        self.record(self.PrimaryChanged, on, **self._parties(), is_primary=True)

    def make_secondary(self, on: Occasion) -> None:
        if self.is_primary:
            self._must_count(on)
            self.record(self.PrimaryChanged, on, **self._parties(), is_primary=False)

    def end(self, reason: str | None, on: Occasion) -> None:
        if self.has_ended:
            return
        self._must_count(on)
        whole = self.period.ended(on.at, on.precision)
        on.must(not whole.is_backward(), "affiliation.ended_before_started", _BACKWARD)
        self.record(
            self.Ended, on, **self._parties(), ended_precision=on.precision,
            started_at=self.period.since, reason=reason,
        )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self._parties(), is_primary=self.is_primary, reason=reason
            )

    def _parties(self) -> dict[str, UUID]:
        return {"person_id": self.person_id, "organisation_id": self.organisation_id}

    def _must_last(self, on: Occasion) -> None:
        self._must_count(on)
        on.must(not self.has_ended, "affiliation.ended", "It has ended.")

    def _must_count(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "affiliation.retracted", "It was taken back.")


_BACKWARD = "It would end before it began."


def _must_be_alone(period: Period, others: Iterable[Affiliation], on: Occasion) -> None:
    for other in others:
        counts = other.is_primary and not other.is_multi_employer and not other.is_retracted
        on.must(
            not counts or not period.overlaps(other.period),
            "affiliation.primary_overlap",
            "The person has another primary affiliation at that time.",
        )
