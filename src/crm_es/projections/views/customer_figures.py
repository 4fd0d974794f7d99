"""What a customer comes to: sums and counts over everything that was recorded about it.

Only what an event can also take back is kept here. What is last, next or among the latest twenty
is a seek in the views of the single things.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crm_es.aggregates import EVENTS
from crm_es.projections.views import counts as of
from crm_es.projections.views.base import Fold, Key, State, View, table

FIGURES = table(
    "customer_figures",
    sa.Column("last_at", sa.BigInteger, nullable=False),
    indexes=(("last_at",),),
)
COUNTS = (
    "events", "affiliations", "leads", "opportunities_open", "opportunities_won",
    "opportunities_lost", "orders", "purchases", "calls", "call_seconds", "calls_missed", "visits",
    "interactions", "sessions", "pages", "cases", "cases_open", "activities", "campaigns",
    "touches", "responses",
)  # fmt: skip
SUMS = ("revenue", "returned", "open_amount", "won_amount", "response_value")
"""By currency, as decimal text. ``revenue`` is what was ordered and not taken back."""


def figures(state: State | None) -> dict[str, Any]:
    """The figures as they are shown: those that never moved are nought."""
    known = state or {}
    return {
        **{name: known.get(name, 0) for name in COUNTS},
        **{name: known.get(name, {}) for name in SUMS},
    }


_COUNTED: dict[str, Fold] = {
    "affiliation.started": of.told(of.one("affiliations")),
    "affiliation.retracted": of.told(of.one("affiliations"), -1),
    "lead.captured": of.told(of.one("leads")),
    "lead.converted": of.moved(of.one("leads")),
    "lead.retracted": of.told(of.one("leads"), -1),
    "order.placed": of.told(of.ordered),
    "order.returned": of.told(of.brought_back),
    "order.cancelled": of.told(of.bought, -1),
    "order.retracted": of.told(of.ordered, -1),
    "opportunity.opened": of.told(of.opened_deal),
    "opportunity.amount_revised": of.told(of.revised_deal),
    "opportunity.won": of.told(of.decided_deal("won")),
    "opportunity.lost": of.told(of.decided_deal("lost")),
    "opportunity.abandoned": of.told(of.decided_deal("abandoned")),
    "opportunity.held": of.told(of.decided_deal("on_hold")),
    "opportunity.resumed": of.told(of.decided_deal("open")),
    "opportunity.reopened": of.told(of.decided_deal("open")),
    "opportunity.lead_linked": of.moved(of.moved_deal),
    "opportunity.retracted": of.told(of.decided_deal(None)),
    "call.recorded": of.told(of.called),
    "call.started": of.told(of.one("calls")),
    "call.ended": of.told(of.talked),
    "call.reattributed": of.moved(of.called),
    "call.retracted": of.told(of.called, -1),
    "visit.recorded": of.told(of.one("visits")),
    "visit.planned": of.told(of.one("visits")),
    "visit.retracted": of.told(of.one("visits"), -1),
    "interaction.recorded": of.told(of.one("interactions")),
    "interaction.reattributed": of.moved(of.one("interactions")),
    "interaction.retracted": of.told(of.one("interactions"), -1),
    "web_session.recorded": of.told(of.visited_site),
    "web_session.started": of.told(of.visited_site),
    "web_session.page_viewed": of.told(of.one("pages")),
    "web_session.identified": of.told(of.visited_site),
    "web_session.reattributed": of.moved(of.visited_site),
    "web_session.retracted": of.told(of.visited_site, -1),
    "activity.recorded": of.told(of.one("activities")),
    "activity.scheduled": of.told(of.one("activities")),
    "activity.retracted": of.told(of.one("activities"), -1),
    **{kind.TOPIC: of.told(of.moved_case) for kind in EVENTS if kind.TOPIC.startswith("case.")},
    "case.opened": of.told(of.opened_case),
    "case.reattributed": of.moved(of.opened_case),
    "case.retracted": of.told(of.opened_case, -1),
    "campaign_member.targeted": of.told(of.one("campaigns")),
    "campaign_member.noticed": of.told(of.one("campaigns")),
    "campaign_member.touched": of.told(of.one("touches")),
    "campaign_member.responded": of.told(of.responded),
    "campaign_member.response_reclassified": of.told(of.reclassified),
    "campaign_member.response_retracted": of.told(of.responded, -1),
    "campaign_member.retracted": of.told(of.left_campaign),
}

VIEW = View(
    name="customer_figures",
    version=1,
    key=Key.SUBJECT,
    folds={kind.TOPIC: _COUNTED.get(kind.TOPIC, of.told()) for kind in EVENTS if kind.SUBJECTS},
    table=FIGURES,
    pick=lambda s: (s["last_at"],),
)
