"""Sums at dated rates: what an amount was worth on its day, and what no rate is known for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_es.log.envelope import new_id
from crm_es.projections.facts import questions
from crm_es.projections.facts.calendar import Calendar
from crm_es.projections.facts.plan import Plan
from fact_store import Facts
from world import World

JANUARY, MARCH = date(2025, 1, 1), date(2025, 3, 1)
MONTHS = {"first_day": "2025-01-01", "last_day": "2025-12-31"}


class Tenant:
    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.facts = Facts(folder, Plan(Calendar("America/New_York", currency="EUR")))

    def publish(self, day: date, rate: str, currency: str = "USD", units: int = 1) -> None:
        self.world.do(
            "PublishExchangeRate", currency=currency, valid_on=day, rate=rate, units=units
        )

    def sell(self, at: str, amount: str, currency: str) -> None:
        lines = [{"sku": "P1", "quantity": "1", "amount": amount}]
        self.world.do("PlaceOrder", order_id=new_id(), lines=lines, currency=currency, at=at)

    def revenue(self) -> list[tuple[Any, ...]]:
        """(month, currency, amount)."""
        text = questions.texts()["revenue_in_one_currency"]
        found = questions.ask(self.facts.follow().store.cursor(), text, MONTHS)
        return [(row[0], row[1], row[4]) for row in found.rows]


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    tenant = Tenant(tmp_path)
    yield tenant
    tenant.facts.close()
    tenant.world.close()


def test_an_amount_counts_at_the_rate_of_its_own_day(tenant: Tenant) -> None:
    tenant.publish(JANUARY, "0.9")
    tenant.publish(MARCH, "0.8")
    tenant.sell("2025-02-10T12:00:00Z", "100", "USD")
    tenant.sell("2025-02-11T12:00:00Z", "1", "EUR")
    tenant.sell("2025-03-01T04:59:00Z", "10", "USD")  # still February in New York
    tenant.sell("2025-03-01T05:00:00Z", "10", "USD")
    assert tenant.revenue() == [(date(2025, 2, 1), "EUR", 100), (MARCH, "EUR", 8)]


def test_a_rate_for_many_units_is_exact(tenant: Tenant) -> None:
    tenant.publish(JANUARY, "0.512345", "IDR", 10_000)
    tenant.sell("2025-02-10T12:00:00Z", "123456789.1234", "IDR")
    exact = Decimal("123456789.1234") * Decimal("0.512345") / 10_000
    assert tenant.revenue() == [(date(2025, 2, 1), "EUR", exact)]


def test_what_has_no_rate_stays_in_its_currency(tenant: Tenant) -> None:
    tenant.publish(MARCH, "0.8")
    tenant.sell("2025-02-10T12:00:00Z", "100", "USD")
    tenant.sell("2025-02-10T12:00:00Z", "5", "EUR")
    february = date(2025, 2, 1)
    assert tenant.revenue() == [(february, "EUR", 5), (february, "USD", 100)]
    tenant.publish(JANUARY, "0.5")
    assert tenant.revenue() == [(february, "EUR", 55)]


def test_a_rate_corrected_or_taken_back_changes_what_it_was_for(tenant: Tenant) -> None:
    tenant.publish(JANUARY, "0.9")
    tenant.publish(MARCH, "0.8")
    tenant.sell("2025-03-10T12:00:00Z", "100", "USD")
    tenant.publish(MARCH, "0.7")
    assert tenant.revenue() == [(MARCH, "EUR", 70)]
    tenant.world.do("RetractExchangeRate", currency="USD", valid_on=MARCH, reason="typo")
    assert tenant.revenue() == [(MARCH, "EUR", 90)]
