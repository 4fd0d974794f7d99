"""The write model. ``EVENTS`` is the whole vocabulary of what can happen."""

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate
from crm_es.aggregates.engagement.activity import Activity
from crm_es.aggregates.engagement.call import Call
from crm_es.aggregates.engagement.interaction import Interaction
from crm_es.aggregates.engagement.visit import Visit
from crm_es.aggregates.engagement.web_session import WebSession
from crm_es.aggregates.marketing.campaign import Campaign
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.party.affiliation import Affiliation
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.employee import Employee
from crm_es.aggregates.platform.exchange_rate import ExchangeRate
from crm_es.aggregates.platform.field_definition import FieldDefinition
from crm_es.aggregates.platform.import_batch import ImportBatch
from crm_es.aggregates.sales.lead import Lead
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.sales.pipeline import Pipeline
from crm_es.aggregates.sales.product import Product
from crm_es.aggregates.service.case import Case

AGGREGATES: tuple[type[Aggregate], ...] = (
    Customer,
    Employee,
    Affiliation,
    Activity,
    Call,
    Visit,
    Interaction,
    WebSession,
    Product,
    Lead,
    Pipeline,
    Opportunity,
    Order,
    Case,
    Campaign,
    CampaignMember,
    ImportBatch,
    FieldDefinition,
    ExchangeRate,
)
EVENTS = tuple(event for aggregate in AGGREGATES for event in aggregate.events())
BEGINNINGS = frozenset(kind.TOPIC for kind in EVENTS if issubclass(kind, AggregateCreated))
"""The topics that begin a stream, or begin one anew that was taken back."""
