"""Everything the views are asked for, by department. A fixed path stands before one with an id."""

from __future__ import annotations

from fastapi import APIRouter

from crm_es.interfaces.http.answers import Answers
from crm_es.interfaces.http.resources.parameters import Company
from crm_es.interfaces.http.resources.routes import (
    Detail,
    Document,
    Listing,
    Route,
    Routes,
    Single,
    Tale,
)
from crm_es.interfaces.http.shapes import engagement, marketing, party, platform, sales, service
from crm_es.projections.views import (
    activities,
    affiliations,
    calls,
    campaign_members,
    campaign_results,
    campaigns,
    cases,
    customers,
    data_quality,
    employees,
    exchange_rates,
    field_definitions,
    imports,
    interactions,
    leads,
    opportunities,
    orders,
    pipelines,
    products,
    stream_stories,
    visits,
    web_sessions,
)

RESOURCES: dict[str, tuple[Route, ...]] = {
    "party": (
        Listing("/customers", customers.customers, customers.VIEW, party.Customer),
        Tale("/customers", customers.VIEW, "customer"),
        Listing("/employees", employees.employees, employees.VIEW, party.Employee),
        Single("/employees", employees.VIEW, party.Employee, "employee"),
        Tale("/employees", employees.VIEW, "employee"),
        Listing(
            "/affiliations", affiliations.affiliations, affiliations.VIEW, party.Affiliation
        ),
        Single("/affiliations", affiliations.VIEW, party.Affiliation, "affiliation"),
        Tale("/affiliations", affiliations.VIEW, "affiliation"),
    ),
    "engagement": (
        Listing("/calls", calls.calls, calls.VIEW, engagement.Call),
        Listing("/calls/missed", calls.missed_calls, calls.VIEW, engagement.Call),
        Single("/calls", calls.VIEW, engagement.Call, "call"),
        Tale("/calls", calls.VIEW, "call"),
        Listing("/visits", visits.visits, visits.VIEW, engagement.Visit),
        Listing("/visits/planned", visits.planned_visits, visits.VIEW, engagement.Visit),
        Single("/visits", visits.VIEW, engagement.Visit, "visit"),
        Tale("/visits", visits.VIEW, "visit"),
        Listing("/activities", activities.activities, activities.VIEW, engagement.Activity),
        Listing("/activities/calendar", activities.calendar, activities.VIEW, engagement.Activity),
        Listing("/activities/overdue", activities.overdue, activities.VIEW, engagement.Activity),
        Single("/activities", activities.VIEW, engagement.Activity, "activity"),
        Tale("/activities", activities.VIEW, "activity"),
        Listing(
            "/interactions", interactions.interactions, interactions.VIEW, engagement.Interaction
        ),
        Single("/interactions", interactions.VIEW, engagement.Interaction, "interaction"),
        Tale("/interactions", interactions.VIEW, "interaction"),
        Listing("/sessions", web_sessions.web_sessions, web_sessions.VIEW, engagement.WebSession),
        Single("/sessions", web_sessions.VIEW, engagement.WebSession, "web session"),
        Tale("/sessions", web_sessions.VIEW, "web session"),
    ),
    "sales": (
        Listing("/leads", leads.leads, leads.VIEW, sales.Lead),
        Document("/leads/funnel", leads.funnel, sales.Funnel),
        Single("/leads", leads.VIEW, sales.Lead, "lead"),
        Tale("/leads", leads.VIEW, "lead"),
        Listing("/pipelines", pipelines.pipelines, pipelines.VIEW, sales.Pipeline),
        Document("/pipelines/{pipeline}/board", pipelines.board, sales.Board),
        Single("/pipelines", pipelines.VIEW, sales.Pipeline, "pipeline"),
        Tale("/pipelines", pipelines.VIEW, "pipeline"),
        Listing(
            "/opportunities", opportunities.opportunities, opportunities.VIEW, sales.Opportunity
        ),
        Listing(
            "/opportunities/slipped", opportunities.slipped, opportunities.VIEW, sales.Opportunity
        ),
        Listing("/opportunities/stale", opportunities.stale, opportunities.VIEW, sales.Opportunity),
        Single("/opportunities", opportunities.VIEW, sales.Opportunity, "opportunity"),
        Tale("/opportunities", opportunities.VIEW, "opportunity"),
        Detail("/opportunities/{id}/stages", stream_stories.stage_history, sales.Stay),
        Listing("/orders", orders.orders, orders.VIEW, sales.Order),
        Document("/orders/totals", orders.order_totals, sales.OrderTotals),
        Single("/orders", orders.VIEW, sales.Order, "order"),
        Tale("/orders", orders.VIEW, "order"),
        Detail("/orders/{id}/lines", stream_stories.order_lines, sales.OrderLine),
        Listing("/products", products.products, products.VIEW, sales.Product),
        Single("/products", products.VIEW, sales.Product, "product"),
        Tale("/products", products.VIEW, "product"),
    ),
    "service": (
        Listing("/cases", cases.cases, cases.VIEW, service.Case),
        Document("/cases/counts", cases.case_counts, service.CaseCounts),
        Single("/cases", cases.VIEW, service.Case, "case"),
        Tale("/cases", cases.VIEW, "case"),
    ),
    "marketing": (
        Listing("/campaigns", campaigns.campaigns, campaigns.VIEW, marketing.Campaign),
        Listing(
            "/campaigns/members", campaign_members.campaign_members, campaign_members.VIEW,
            marketing.Member,
        ),
        Document(
            "/campaigns/{campaign}", campaign_results.campaign_results,
            marketing.CampaignWithResults,
        ),
        Tale("/campaigns", campaigns.VIEW, "campaign"),
    ),
    "platform": (
        Listing("/imports", imports.imports, imports.VIEW, platform.Import),
        Single("/imports", imports.VIEW, platform.Import, "import"),
        Listing("/data-quality", data_quality.findings, data_quality.VIEW, platform.Findings),
        Document("/data-quality/counts", data_quality.finding_counts, platform.FindingCounts),
        Listing(
            "/fields", field_definitions.field_definitions, field_definitions.VIEW,
            platform.FieldDefinition,
        ),
        Listing(
            "/exchange-rates", exchange_rates.exchange_rates, exchange_rates.VIEW,
            platform.ExchangeRate,
        ),
    ),
}  # fmt: skip


def routes(answers: Answers, company: Company) -> APIRouter:
    router = APIRouter(prefix="/v1")
    for department, some in RESOURCES.items():
        department_routes = Routes(router, answers, company, department)
        for route in some:
            department_routes.add(route)
    return router
