"""What must not be done with a customer, and whom that stops."""

from __future__ import annotations

from typing import Any

import pytest

from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.customer_state import Lifecycle
from crm_es.aggregates.party.restrictions import Scope
from crm_es.commands.party.restrictions import (
    LiftCustomerRestriction,
    ProposeCustomerRestriction,
    RestrictCustomer,
)
from crm_es.commands.sales.lead import CaptureLead
from crm_es.commands.sales.opportunity import OpenOpportunity
from crm_es.commands.sales.order import ConfirmOrder, OrderLineBody, PlaceOrder
from scenario import SUBJECT, Fact, fact, given, in_history
from trade import ANN, FUNNEL, NOBODY, ORDER, placed, published, registered

WHAT: dict[str, Any] = {"scope": Scope.CREDIT, "reason": "unpaid"}
PROPOSED = fact(Customer.RestrictionProposed, **WHAT, by="ann")
RESTRICTED = fact(Customer.Restricted, **WHAT, by="ann")
CLOSED = fact(Customer.Closed, from_stage=Lifecycle.PROSPECT, reason="moved away")

propose = ProposeCustomerRestriction(customer_id=SUBJECT, **WHAT)
restrict = RestrictCustomer(customer_id=SUBJECT, **WHAT)
lift = LiftCustomerRestriction(customer_id=SUBJECT, scope=Scope.CREDIT, reason="paid")


def lifted(*, was_active: bool) -> Fact:
    return fact(
        Customer.RestrictionLifted, scope=Scope.CREDIT, reason="paid", was_active=was_active
    )


def stopped(scope: Scope) -> Fact:
    return fact(Customer.Restricted, on=ANN, scope=scope, reason="unpaid", by="ann")


def test_a_restriction_is_proposed_made_active_and_lifted() -> None:
    given(registered()).when(propose).then(PROPOSED)
    given(registered(), PROPOSED).when(propose).then_nothing()
    given(registered(), PROPOSED).when(restrict).then(RESTRICTED)
    given(registered(), RESTRICTED).when(restrict).then_nothing()
    given(registered(), RESTRICTED).when(propose).then_nothing()
    given(registered(), RESTRICTED).when(lift).then(lifted(was_active=True))
    given(registered()).when(lift).then_nothing()


def test_a_proposed_restriction_is_turned_down() -> None:
    given(registered(), PROPOSED).when(lift).then(lifted(was_active=False))


def test_a_closed_customer_can_be_restricted_all_the_same() -> None:
    given(registered(), CLOSED).when(restrict).then(RESTRICTED)
    given(registered(), CLOSED).when(propose).then_refused("customer.closed")


line = OrderLineBody(quantity="1", amount="5")
place = PlaceOrder(order_id=SUBJECT, customer_id=ANN, lines=[line])
confirm = ConfirmOrder(order_id=ORDER)
open_deal = OpenOpportunity(opportunity_id=SUBJECT, pipeline_id=FUNNEL, customer_id=ANN)


def test_nothing_is_sold_to_whom_sales_are_stopped() -> None:
    for command in (place, open_deal):
        past = (published(), registered(ANN))
        given(*past, stopped(Scope.SALES)).when(command).then_refused("customer.restricted_sales")
        given(*past, stopped(Scope.CREDIT)).when(command).then_found()


def test_no_order_of_a_customer_on_credit_hold_is_confirmed() -> None:
    order = placed(id=ORDER, customer_id=ANN)
    past = (registered(ANN), order)
    given(*past, stopped(Scope.CREDIT)).when(confirm).then_refused("customer.restricted_credit")
    given(*past, stopped(Scope.MARKETING)).when(confirm).then_found()


def test_a_proposal_stops_nothing_yet() -> None:
    proposed = fact(Customer.RestrictionProposed, on=ANN, **WHAT, by="ann")
    order = placed(id=ORDER, customer_id=ANN)
    given(registered(ANN), order, proposed).when(confirm).then_found()


@pytest.mark.parametrize(
    ("past", "code"),
    [
        (fact(Customer.Closed, on=ANN, from_stage=Lifecycle.ACTIVE, reason="x"), "customer.closed"),
        (fact(Customer.Retracted, on=ANN, reason="x"), "customer.retracted"),
    ],
)
def test_nothing_is_sold_to_whoever_is_closed_or_taken_back(past: Fact, code: str) -> None:
    given(registered(ANN), past).when(place).then_refused(code)


def test_whoever_was_closed_may_still_ask_to_be_called() -> None:
    closed = fact(Customer.Closed, on=ANN, from_stage=Lifecycle.ACTIVE, reason="x")
    ask = CaptureLead(lead_id=SUBJECT, customer_id=ANN)
    given(registered(ANN), closed).when(ask).then_found()


def test_an_unknown_customer_is_refused_live_and_a_stub_in_history() -> None:
    unknown = PlaceOrder(order_id=SUBJECT, customer_id=NOBODY, lines=[line])
    given().when(unknown).then_refused("customer.unknown")
    in_history().when(unknown).then_found()
