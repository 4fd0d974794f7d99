"""Facts about parties and what they are sold, every field filled in: a test names what matters."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.party.affiliation import Affiliation
from crm_es.aggregates.party.contact_points import Channel
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.customer_state import PartyKind
from crm_es.aggregates.party.employee import Employee
from crm_es.aggregates.platform.field_definition import FieldDefinition, FieldType
from crm_es.aggregates.sales.lead import Lead, LeadStage
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.opportunity_state import OpportunityStatus
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.order_line import LineBack, LineQuantity, OrderLine
from crm_es.aggregates.sales.order_state import OrderKind
from crm_es.aggregates.sales.pipeline import Pipeline, Stage, StageKind
from crm_es.aggregates.sales.product import Product, ProductStatus
from crm_es.commands.attributes import definition_id
from scenario import NOON, SUBJECT, Fact, fact

ANN, BOB, ACME, GLOBEX = UUID(int=21), UUID(int=22), UUID(int=23), UUID(int=24)
NOBODY = UUID(int=29)
FUNNEL, DEAL, LEAD, ORDER = UUID(int=31), UUID(int=32), UUID(int=33), UUID(int=34)
POINT = UUID(int=41)

_SOURCE: dict[str, Any] = {"source": None, "source_id": None}
_ATTRIBUTES: dict[str, Any] = {"attributes": {}, "sealed_attributes": {}}


# Parties.


def registered(id: UUID = SUBJECT, **more: Any) -> Fact:
    profile = {
        "kind": PartyKind.PERSON, "name": "Ann", "tax_id": None, "owner": None, "country": None,
        "tier": None, **_SOURCE, **_ATTRIBUTES,
    }  # fmt: skip
    return fact(Customer.Registered, on=id, **{**profile, **more})


def person(id: UUID = ANN) -> Fact:
    return registered(id)


def organisation(id: UUID = ACME) -> Fact:
    return registered(id, kind=PartyKind.ORGANISATION, name="Acme")


def reachable(id: UUID = SUBJECT, **more: Any) -> Fact:
    point = {
        "contact_point_id": POINT, "channel": Channel.EMAIL, "value": "ann@example.org",
        "label": None,
    }  # fmt: skip
    return fact(Customer.ContactPointAdded, on=id, **{**point, **more})


def hired(id: UUID = SUBJECT, **more: Any) -> Fact:
    who = {"handle": "bob", "name": "Bob", "team": None, "manager": None, "since": None}
    return fact(Employee.Registered, on=id, **{**who, **_SOURCE, **more})


def started(id: UUID = SUBJECT, when: datetime = NOON, **more: Any) -> Fact:
    where = {
        "person_id": ANN, "organisation_id": ACME, "title": None, "role": None,
        "is_primary": False, "is_multi_employer": False, "since_precision": Precision.EXACT,
        "until": None, "until_precision": Precision.EXACT, **_SOURCE,
    }  # fmt: skip
    return fact(Affiliation.Started, on=id, when=when, **{**where, **more})


def ended(id: UUID = SUBJECT, when: datetime = NOON, **more: Any) -> Fact:
    why = {
        "person_id": ANN, "organisation_id": ACME, "ended_precision": Precision.EXACT,
        "started_at": NOON, "reason": None,
    }  # fmt: skip
    return fact(Affiliation.Ended, on=id, when=when, **{**why, **more})


def defined(kind: str, name: str, type: FieldType = FieldType.TEXT, **more: Any) -> Fact:
    what = {"kind": kind, "name": name, "type": type, "is_sealed": False, "description": None}
    return fact(FieldDefinition.Defined, on=definition_id(kind, name), **{**what, **more})


# Products and pipelines.


def listed(id: UUID = SUBJECT, **more: Any) -> Fact:
    what = {
        "sku": "HP-40", "name": "Heat pump", "category": None, "price": None, "cost": None,
        "currency": "EUR", "status": ProductStatus.DRAFT, **_SOURCE, "attributes": {},
    }  # fmt: skip
    return fact(Product.Registered, on=id, **{**what, **more})


STAGES = (
    Stage("contacted", StageKind.OPEN, Decimal("0.1")),
    Stage("proposal", StageKind.OPEN, Decimal("0.5")),
    Stage("won", StageKind.WON, Decimal(1)),
    Stage("lost", StageKind.LOST, Decimal(0)),
)


def published(id: UUID = FUNNEL, **more: Any) -> Fact:
    what = {"name": "sales", "edition": 1, "stages": STAGES, "reasons": ()}
    return fact(Pipeline.Published, on=id, **{**what, **more})


def republished(id: UUID = FUNNEL, **more: Any) -> Fact:
    what = {"name": "sales", "edition": 2, "stages": STAGES, "reasons": ()}
    return fact(Pipeline.Republished, on=id, **{**what, **more})


# Leads.


def captured(id: UUID = SUBJECT, **more: Any) -> Fact:
    what = {
        "customer_id": None, "origin": None, "page": None, "campaign_id": None, "campaign": None,
        "name": None, "company": None, "email": None, "phone": None, "owner": None, **_SOURCE,
        **_ATTRIBUTES,
    }  # fmt: skip
    return fact(Lead.Captured, on=id, **{**what, **more})


def lead(kind: type[Any], id: UUID = SUBJECT, **more: Any) -> Fact:
    what = {"customer_id": None, "from_stage": LeadStage.ASSIGNED, "origin": None, "owner": "bob"}
    return fact(kind, on=id, **{**what, **more})


def converted(id: UUID = SUBJECT, **more: Any) -> Fact:
    what = {
        "customer_id": ANN, "from_stage": LeadStage.QUALIFIED, "from_customer_id": None,
        "from_owner": "bob", "contact_id": None, "opportunity_id": None,
    }  # fmt: skip
    return lead(Lead.Converted, id, **{**what, **more})


# Deals.

_WORTH: dict[str, Any] = {
    "customer_id": None, "currency": "EUR", "expected_close_on": None,
    "from_status": OpportunityStatus.OPEN, "owner": None, "amount": None,
}  # fmt: skip


def opened(id: UUID = SUBJECT, when: datetime = NOON, **more: Any) -> Fact:
    what = {
        "customer_id": None, "pipeline_id": FUNNEL, "edition": 1, "title": None, "owner": None,
        "product": None, "stage": "contacted", "probability": Decimal("0.1"), "amount": None,
        "currency": "EUR", "expected_close_on": None, "opened_precision": Precision.EXACT,
        "lead_id": None, "campaign_id": None, "origin": None, "campaign": None, "content": None,
        "term": None, **_SOURCE, **_ATTRIBUTES,
    }  # fmt: skip
    return fact(Opportunity.Opened, on=id, when=when, **{**what, **more})


def deal(kind: type[Any], id: UUID = SUBJECT, *, without: str = "", **more: Any) -> Fact:
    """A change that leaves a deal in its stage; ``without`` is what it tells by other names."""
    details = {**_WORTH, "stage": "contacted", "probability": Decimal("0.1"), **more}
    details.pop(without, None)
    return fact(kind, on=id, **details)


def moved(
    to: str, probability: str, kind: type[Any] = Opportunity.StageAdvanced, **more: Any
) -> Fact:
    what = {"from_stage": "contacted", "from_probability": Decimal("0.1")}
    return fact(kind, to_stage=to, probability=Decimal(probability), **{**_WORTH, **what, **more})


def _end(to: str) -> dict[str, Any]:
    return {
        **_WORTH, "product": None, "from_stage": "contacted", "to_stage": to,
        "from_probability": Decimal("0.1"), "opened_at": NOON,
        "opened_precision": Precision.EXACT,
    }  # fmt: skip


def won(**more: Any) -> Fact:
    return fact(Opportunity.Won, **{**_end("won"), "from_amount": None, "order_id": None, **more})


def lost(**more: Any) -> Fact:
    why = {"reason": "price", "competitor": None}
    return fact(Opportunity.Lost, **{**_end("lost"), **why, **more})


# Orders.

_COUNTED: dict[str, Any] = {
    "customer_id": None, "kind": OrderKind.SALE, "owner": None, "channel": None, "place": None,
    "country": None, "currency": "EUR", "campaign_id": None, "opportunity_id": None,
}  # fmt: skip


def line(quantity: str = "3", amount: str = "30", **more: Any) -> OrderLine:
    what = {
        "sku": None, "product_id": None, "description": None, "unit_price": None,
        "discount_rate": None, "discount": None, "cost": None, "line_at": None,
    }  # fmt: skip
    return OrderLine(**{**what, "quantity": Decimal(quantity), "amount": Decimal(amount), **more})


def placed(*lines: OrderLine, id: UUID = SUBJECT, **more: Any) -> Fact:
    lines = lines or (line(),)
    what = {
        **_COUNTED, "number": None, "lines": lines, "line_count": len(lines),
        "amount": sum((one.amount for one in lines), Decimal(0)), "returns_order_id": None,
        **_SOURCE, **_ATTRIBUTES,
    }  # fmt: skip
    return fact(Order.Placed, on=id, **{**what, **more})


def order(kind: type[Any], **more: Any) -> Fact:
    return fact(kind, **{"customer_id": None, **more})


def shipped(*lines: tuple[int, str], kind: type[Any] = Order.Shipped, **more: Any) -> Fact:
    quantities = tuple(LineQuantity(number, Decimal(quantity)) for number, quantity in lines)
    what = {"lines": quantities, "is_complete": True, "promised_on": None}
    return order(kind, **{**what, **more})


def delivered(*lines: tuple[int, str], **more: Any) -> Fact:
    return shipped(*lines, kind=Order.Delivered, **more)


def taken_back(kind: type[Any], *lines: LineBack, **more: Any) -> Fact:
    amount = sum((one.amount for one in lines), Decimal(0))
    what = {**_COUNTED, "placed_at": NOON, "lines": lines, "amount": amount, "reason": "broken"}
    return fact(kind, **{**what, **more})


def back(number: int, quantity: str, amount: str, **more: Any) -> LineBack:
    what = {"sku": None, "product_id": None, "discount": None, "cost": None, "line_at": None}
    given = {"line": number, "quantity": Decimal(quantity), "amount": Decimal(amount)}
    return LineBack(**{**what, **given, **more})


def day(text: str) -> date:
    return date.fromisoformat(text)
