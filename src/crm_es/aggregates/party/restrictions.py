"""What must not be done with a customer: a sales ban, a credit hold, no marketing."""

from __future__ import annotations

from enum import StrEnum

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Plain
from crm_es.aggregates.party.customer_state import CustomerState


class Scope(StrEnum):
    """What a restriction stops."""

    SALES = "sales"
    CREDIT = "credit"
    MARKETING = "marketing"


class Restrictions(CustomerState):
    """Proposed -> active -> lifted, or turned down; in each scope one at a time.

    A restriction stops what lies in its scope, whoever asks, until it is lifted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.restrictions: dict[Scope, bool] = {}

    # What can happen, and the little of it that later decisions need.

    class RestrictionProposed(CustomerState.Event):
        TOPIC = "customer.restriction_proposed"
        scope: Scope
        reason: Plain
        by: Plain

        def apply(self, customer: Restrictions) -> None:
            customer.restrictions[self.scope] = False

    class Restricted(CustomerState.Event):
        TOPIC = "customer.restricted"
        scope: Scope
        reason: Plain
        by: Plain

        def apply(self, customer: Restrictions) -> None:
            customer.restrictions[self.scope] = True

    class RestrictionLifted(CustomerState.Event):
        TOPIC = "customer.restriction_lifted"
        scope: Scope
        reason: Plain
        was_active: bool

        def apply(self, customer: Restrictions) -> None:
            del customer.restrictions[self.scope]

    # What we allow.

    def propose_restriction(self, scope: Scope, reason: str, by: str, on: Occasion) -> None:
        if scope not in self.restrictions:
            self._must_be_open(on)
            self.record(self.RestrictionProposed, on, scope=scope, reason=reason, by=by)

    def restrict(self, scope: Scope, reason: str, by: str, on: Occasion) -> None:
        """A closed customer too: it must not come back by another door."""
        if self.restrictions.get(scope) is not True:
            self._must_count(on)
            self.record(self.Restricted, on, scope=scope, reason=reason, by=by)

    def lift_restriction(self, scope: Scope, reason: str, on: Occasion) -> None:
        if scope in self.restrictions:
            self._must_count(on)
            was = self.restrictions[scope]
            self.record(self.RestrictionLifted, on, scope=scope, reason=reason, was_active=was)

    def must_not_be_restricted(self, scope: Scope, on: Occasion) -> None:
        on.must(
            self.restrictions.get(scope) is not True,
            f"customer.restricted_{scope}",
            f"The customer is restricted in {scope}.",
        )
