"""The analytical side in DuckDB: a mirror of the log, facts of single events, views over them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

FACTS: tuple[str, ...] = (
    "party/fact_customer_change",
    "party/fact_employee_change",
    "engagement/fact_interaction",
    "engagement/fact_call",
    "engagement/fact_visit",
    "engagement/fact_visit_line",
    "engagement/fact_activity",
    "engagement/fact_web_session",
    "sales/fact_product_change",
    "sales/fact_lead_stage",
    "sales/fact_opportunity_transition",
    "sales/fact_order",
    "sales/fact_order_line",
    "service/fact_case",
    "marketing/fact_campaign_change",
    "marketing/fact_campaign_member",
    "marketing/fact_campaign_touch",
    "marketing/fact_campaign_response",
    "marketing/fact_campaign_spend",
    "platform/fact_exchange_rate",
)
"""Tables, each of ``<department>/<name>.sql``: insert-only, every row a function of one event."""

VIEWS: tuple[str, ...] = (
    "platform/dim_date",
    "platform/dim_exchange_rate",
    "platform/reported",
    "party/customer_versions",
    "party/dim_customer",
    "party/dim_customer_known",
    "party/dim_customer_attribute",
    "party/dim_employee",
    "engagement/dim_channel",
    "engagement/call_life",
    "sales/dim_product",
    "sales/lead_life",
    "sales/lead_stay",
    "sales/pipeline_leg",
    "sales/opportunity_at",
    "sales/opportunity_life",
    "sales/opportunity_stay",
    "sales/order_life",
    "service/case_life",
    "service/case_stay",
    "marketing/dim_campaign",
)
"""Views over facts, each of ``<department>/<name>.sql``, after those it reads."""


def name_of(path: str) -> str:
    """What a fact or a view is called: ``fact_call`` of ``engagement/fact_call``."""
    return PurePosixPath(path).name


def text(path: str) -> str:
    """The SQL of a fact or a view."""
    return (Path(__file__).parent / f"{path}.sql").read_text(encoding="utf-8")
