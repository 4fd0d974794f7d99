"""What an event refers to: other things by kind and id, and its sealed texts."""

from __future__ import annotations

from functools import cache
from typing import Any

from crm_es.aggregates import EVENTS
from crm_es.aggregates.base import personal_fields
from crm_es.projections.views.base import Event
from crm_es.projections.views.items import id_text

KINDS = {
    "customer_id": "customer", "from_customer_id": "customer", "contact_id": "customer",
    "person_id": "customer", "organisation_id": "customer", "parent_id": "customer",
    "from_parent_id": "customer", "case_id": "case", "of_case_id": "case", "by_case_id": "case",
    "call_id": "call", "by_call_id": "call", "order_id": "order", "returns_order_id": "order",
    "opportunity_id": "opportunity", "lead_id": "lead", "pipeline_id": "pipeline",
    "campaign_id": "campaign",
}  # fmt: skip
"""By field that holds an id, the kind of what it names."""

PAIRS = {"about_id": "about_kind", "linked_id": "link"}
"""Fields that hold an id, with the field that says of what kind."""


def links_of(event: Event) -> list[dict[str, str]]:
    """The event's own stream first, then whatever else its fields name, each once."""
    aggregate, data = event.topic.partition(".")[0], event.data
    links = {id_text(event.stream_id): aggregate}
    for field, kind in KINDS.items():
        if data.get(field) is not None:
            is_campaign = aggregate == "campaign" and field == "parent_id"
            links.setdefault(data[field], "campaign" if is_campaign else kind)
    for field, kind_field in PAIRS.items():
        if data.get(field) is not None:
            links.setdefault(data[field], data[kind_field])
    return [{"kind": kind, "id": id} for id, kind in links.items()]


def texts_of(event: Event) -> dict[str, Any]:
    """The sealed texts of an event by field, as tokens."""
    named = ((name, event.data.get(name)) for name in _personal().get(event.topic, ()))
    return {name: value for name, value in named if value}


@cache
def _personal() -> dict[str, tuple[str, ...]]:
    return {kind.TOPIC: personal_fields(kind) for kind in EVENTS}
