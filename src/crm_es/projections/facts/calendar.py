"""The tenant's own days, months and fiscal years, as macros that every fact and question uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is fixed by the tenant and reaches every day, month and sum."""

    zone: str = "UTC"
    """An IANA time zone."""
    fiscal_year_start: int = 1
    """The month in which the fiscal year begins."""
    currency: str = "EUR"
    """The reporting currency."""

    def macros(self) -> str:
        """The SQL that defines them.

        They take a time and answer in the business zone; a month is its first day, and a fiscal
        year bears the number of the calendar year it ends in. ``fiscal_day`` takes a day and moves
        it so that its year, quarter and month are the fiscal ones.
        """
        ahead = (13 - self.fiscal_year_start) % 12
        return f"""
create or replace macro business_time(ts) as timezone('{self.zone}', ts);
create or replace macro business_day(ts) as cast(timezone('{self.zone}', ts) as date);
create or replace macro business_month(ts) as cast(date_trunc('month', business_day(ts)) as date);
create or replace macro business_year(ts) as year(business_day(ts));
create or replace macro fiscal_day(day) as cast(day + interval {ahead} month as date);
create or replace macro fiscal_year(ts) as year(fiscal_day(business_day(ts)));
create or replace macro fiscal_quarter(ts) as quarter(fiscal_day(business_day(ts)));
create or replace macro fiscal_month(ts) as month(fiscal_day(business_day(ts)));
create or replace macro reporting_currency() as '{self.currency}';
"""
