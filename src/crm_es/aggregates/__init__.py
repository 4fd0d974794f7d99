"""The write model. ``EVENTS`` is the whole vocabulary of what can happen."""

from crm_es.aggregates.base import Aggregate
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.platform.field_definition import FieldDefinition

AGGREGATES: tuple[type[Aggregate], ...] = (Customer, FieldDefinition)
EVENTS = tuple(event for aggregate in AGGREGATES for event in aggregate.events())
