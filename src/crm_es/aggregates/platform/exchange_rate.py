"""An exchange rate: what a currency is worth in the reporting currency, from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain, Price


class Quote(NamedTuple):
    """So many ``units`` of a currency, a power of ten, are worth ``rate`` of ``into``."""

    into: str
    rate: Decimal
    units: int


class ExchangeRate(Aggregate):
    """One currency's rate of one day. It holds until the next day that has a rate.

    Published -> corrected, retracted; a retracted one may be published anew.
    """

    TOPIC = "exchange_rate"

    def __init__(self) -> None:
        self.currency = ""
        self.valid_on = date.min
        self.quote = Quote("", Decimal(0), 1)
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ()
        currency: Plain
        into: Plain
        valid_on: date
        rate: Price
        units: int

    class Published(Event, AggregateCreated):
        TOPIC = "exchange_rate.published"
        source: Plain | None

        def apply(self, quoted: ExchangeRate) -> None:
            quoted.currency, quoted.valid_on = self.currency, self.valid_on
            quoted.quote = Quote(self.into, self.rate, self.units)

    class Corrected(Event):
        TOPIC = "exchange_rate.corrected"
        from_into: Plain
        from_rate: Price
        from_units: int
        source: Plain | None

        def apply(self, quoted: ExchangeRate) -> None:
            quoted.quote = Quote(self.into, self.rate, self.units)

    class Retracted(Event):
        TOPIC = "exchange_rate.retracted"
        reason: Plain

        def apply(self, quoted: ExchangeRate) -> None:
            quoted.is_retracted = True

    # What we allow.

    @classmethod
    def publish(cls, id: UUID, on: Occasion, quote: Quote, /, **facts: Any) -> Self:
        return cls.begin(cls.Published, on, id, facts, **quote._asdict())

    def correct(self, quote: Quote, source: str | None, on: Occasion) -> None:
        """Also when the company has come to report in another currency."""
        if quote != self.quote:
            self.record(
                self.Corrected, on, currency=self.currency, valid_on=self.valid_on,
                **quote._asdict(), from_into=self.quote.into, from_rate=self.quote.rate,
                from_units=self.quote.units, source=source,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, currency=self.currency, valid_on=self.valid_on,
                **self.quote._asdict(), reason=reason,
            )  # fmt: skip
