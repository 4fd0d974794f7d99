"""What can be asked of the restrictions of a customer."""

from crm_es.aggregates.party.restrictions import Scope
from crm_es.commands.base import Desk
from crm_es.commands.fields import Code
from crm_es.commands.party.reference import CustomerCommand


class ProposeCustomerRestriction(CustomerCommand):
    """Ask for sales, credit or marketing to be stopped for a customer."""

    scope: Scope
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).propose_restriction(self.scope, self.reason, desk.actor, desk)


class RestrictCustomer(CustomerCommand):
    """Stop sales, credit or marketing for a customer."""

    scope: Scope
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).restrict(self.scope, self.reason, desk.actor, desk)


class LiftCustomerRestriction(CustomerCommand):
    """Lift a restriction, or turn down a proposed one."""

    scope: Scope
    reason: Code

    def decide(self, desk: Desk) -> None:
        self.customer(desk).lift_restriction(self.scope, self.reason, desk)


COMMANDS = (ProposeCustomerRestriction, RestrictCustomer, LiftCustomerRestriction)
