"""Exchange rates: published, corrected, and taken back, day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from crm_es.aggregates.platform.exchange_rate import ExchangeRate
from crm_es.commands.platform.exchange_rate import (
    PublishExchangeRate,
    RetractExchangeRate,
    rate_id,
)
from scenario import Fact, fact, given

DAY = date(2026, 1, 2)
JPY: dict[str, Any] = {"currency": "JPY", "valid_on": DAY}
STREAM = rate_id("JPY", DAY)


def publish(rate: str, units: int = 100, **more: Any) -> PublishExchangeRate:
    return PublishExchangeRate.model_validate({**JPY, "rate": rate, "units": units, **more})


def told(kind: Any, rate: str, units: int = 100, *, into: str = "EUR", **more: Any) -> Fact:
    return fact(kind, on=STREAM, **JPY, into=into, rate=Decimal(rate), units=units, **more)


PUBLISHED = told(ExchangeRate.Published, "0.5432", source="ecb")
RETRACTED = told(ExchangeRate.Retracted, "0.5432", reason="typo")


def test_a_rate_is_published_for_a_day_and_told_once() -> None:
    given().when(publish("0.5432", source="ecb")).then(PUBLISHED)
    given(PUBLISHED).when(publish("0.5432", source="ecb")).then_nothing()


def test_another_rate_for_the_same_day_corrects_it() -> None:
    before: dict[str, Any] = {"from_rate": Decimal("0.5432"), "from_units": 100, "source": None}
    correction = told(ExchangeRate.Corrected, "5.433", 1000, from_into="EUR", **before)
    given(PUBLISHED).when(publish("5.433", 1000)).then(correction)


def test_a_rate_into_what_the_company_reported_in_before_is_corrected() -> None:
    before: dict[str, Any] = {"from_rate": Decimal("0.63"), "from_units": 100, "source": None}
    formerly = told(ExchangeRate.Published, "0.63", into="USD", source=None)
    correction = told(ExchangeRate.Corrected, "0.5432", from_into="USD", **before)
    given(formerly).when(publish("0.5432")).then(correction)


def test_the_reporting_currency_has_no_rate() -> None:
    own = PublishExchangeRate.model_validate({**JPY, "currency": "EUR", "rate": "1"})
    given().when(own).then_refused("exchange_rate.own_currency")


def test_a_rate_that_was_taken_back_can_be_published_anew() -> None:
    retract = RetractExchangeRate(currency="JPY", valid_on=DAY, reason="typo")
    given(PUBLISHED).when(retract).then(RETRACTED)
    given(PUBLISHED, RETRACTED).when(retract).then_nothing()
    given(PUBLISHED, RETRACTED).when(publish("0.5432", source="ecb")).then(PUBLISHED)
    given().when(retract).then_refused("exchange_rate.not_found")
