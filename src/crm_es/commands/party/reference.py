"""How commands name a customer: the one they are about, or one they mention."""

from uuid import UUID

from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.restrictions import Scope
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Id


class CustomerCommand(Command):
    """What is asked of one customer."""

    TARGET = "customer_id"
    customer_id: Id

    def customer(self, desk: Desk) -> Customer:
        return desk.get(Customer, self.customer_id)


def known_customer(desk: Desk, customer_id: UUID | None, scope: Scope | None = None) -> None:
    """Live, a customer that is named must be known, and nothing in the scope may forbid it.

    History keeps the id of a customer who was never registered: a stub until someone does. It is
    not looked at, so an import does not load a customer for each of its calls.
    """
    if customer_id is None or desk.is_history:
        return
    customer = desk.find(Customer, customer_id)
    if customer is None:
        desk.unknown("customer.unknown", f"There is no customer {customer_id}.")
    customer.must_allow(scope, desk)


def mentioned(*ids: UUID | None) -> tuple[UUID, ...]:
    """Ids as ``reads`` wants them."""
    return tuple(filter(None, ids))
