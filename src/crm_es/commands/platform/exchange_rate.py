"""What can be asked of exchange rates."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_es.aggregates.platform.exchange_rate import ExchangeRate, Quote
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Currency, Day, Rate
from crm_es.errors import Invalid

RATES = UUID("0f0c7d0e-7f27-5b8e-8d51-6a2b7f1c9e44")
RATES_MAX = 10_000


def _power_of_ten(value: int) -> int:
    if 10 ** (len(str(value)) - 1) != value:
        raise PydanticCustomError("number.range", "1, 10, 100 and so on is expected")
    return value


Units = Annotated[int, Field(ge=1, le=1_000_000), AfterValidator(_power_of_ten)]


@lru_cache(RATES_MAX)
def rate_id(currency: str, valid_on: date) -> UUID:
    """The stream of the rate of one currency from one day on."""
    return uuid5(RATES, f"{currency}\x1f{valid_on.isoformat()}")


class _RateCommand(Command):
    currency: Currency
    valid_on: Day = Field(description="The first day it holds, in the company's calendar.")

    @property
    def target(self) -> UUID:
        return rate_id(self.currency, self.valid_on)

    def reads(self) -> Iterable[UUID]:
        return (self.target,)


class PublishExchangeRate(_RateCommand):
    """Say what a currency is worth in the reporting currency from a day on, or correct it."""

    rate: Rate = Field(description="Of the reporting currency, for so many units.")
    units: Units = Field(default=1, description="Of the currency: 100 for a rate per hundred.")
    source: Code | None = Field(default=None, description="Who quotes it.")

    def decide(self, desk: Desk) -> None:
        if self.currency == desk.currency:
            raise Invalid(
                "exchange_rate.own_currency", f"{self.currency} is the reporting currency.",
                pointer="/currency",
            )  # fmt: skip
        quote = Quote(desk.currency, self.rate, self.units)
        known = desk.standing(ExchangeRate, self.target)
        if known is not None:
            known.correct(quote, self.source, desk)
            return
        ExchangeRate.publish(
            self.target, desk, quote, currency=self.currency, valid_on=self.valid_on,
            source=self.source,
        )  # fmt: skip


class RetractExchangeRate(_RateCommand):
    """Take a rate back: the one before it holds on."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        desk.get(ExchangeRate, self.target).retract(self.reason, desk)


COMMANDS = (PublishExchangeRate, RetractExchangeRate)
