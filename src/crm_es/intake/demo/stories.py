"""Stories planted in the demo, for those who look: each has its finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from crm_es.intake.demo import caring, selling
from crm_es.intake.demo.company import PRODUCTS
from crm_es.intake.demo.people import Person
from crm_es.intake.demo.script import Script, office_hours

KEY_ACCOUNT = "Nordhaven Molkerei SE"


def tell(script: Script, people: list[Person], pipeline: UUID) -> None:
    lapsed_key_account(script)
    leaking_seals(script, people)
    slipping_deal(script, pipeline)


def lapsed_key_account(script: Script) -> Person:
    """An industrial customer who ordered every month, complained, was not heard, and left.

    To be found: no order for five months, one open complaint, a tier that no longer fits.
    """
    random = script.chance("key account")
    since = office_hours(random, script.start + timedelta(days=9))
    person = Person(
        -1, script.id(since, "key account"), "industry", "s.eriksen", "Denmark", since,
        "trade_fair", None,
    )  # fmt: skip
    script.add(
        since, "RegisterCustomer", customer_id=person.id, kind="organisation", name=KEY_ACCOUNT,
        owner=person.owner, country=person.country, tier="A", attributes={"segment": "industry"},
    )  # fmt: skip
    script.add(
        since + timedelta(minutes=1), "ChangeCustomerLifecycle", customer_id=person.id,
        stage="active",
    )  # fmt: skip
    large = next(product for product in PRODUCTS if product.sku == "HP-160")
    last = script.until - timedelta(days=150)
    month, at = 0, since + timedelta(days=20)
    while at < last:
        selling.order(script, random, person, at, f"month {month}", [(large, 3)])
        caring.call(script, random, person, office_hours(random, at + timedelta(days=9)), month)
        month, at = month + 1, at + timedelta(days=30)
    complained = office_hours(random, last + timedelta(days=6))
    script.add(
        complained, "OpenCase", case_id=script.id(complained, "ignored case"), kind="complaint",
        customer_id=person.id, channel="email", category="late delivery", priority="high",
        subject="Third delivery in a row that came late",
    )  # fmt: skip
    return person


def leaking_seals(script: Script, people: list[Person]) -> None:
    """The seal kits of one spring leak: a wave of complaints and returns of one product.

    To be found: complaints of the category leak peak ten weeks before the end, and so do the
    returns of SE-1.
    """
    random = script.chance("leaking seals")
    seal = next(product for product in PRODUCTS if product.sku == "SE-1")
    wave = script.until - timedelta(days=95)
    known = [person for person in people if person.since < wave and not person.is_company]
    for n, person in enumerate(random.sample(known, min(60, len(known)))):
        bought = office_hours(random, wave + timedelta(days=random.uniform(0, 12)))
        quiet = replace(person, number=-10 - n)
        order = selling.order(script, random, quiet, bought, "seals", [(seal, 2)])
        leaked = office_hours(random, bought + timedelta(days=random.uniform(12, 24)))
        if random.random() < 0.55:  # noqa: PLR2004
            caring.case(script, random, quiet, leaked, 1, "leak")
            script.add(
                leaked + timedelta(days=3), "ReturnOrderLines", order_id=order,
                lines=[{"line": 1, "quantity": "1"}], reason="leaks",
            )  # fmt: skip


def slipping_deal(script: Script, pipeline: UUID) -> None:
    """The largest open deal of the pipeline: its close date was pushed five times.

    To be found: half of the weighted pipeline of one rep hangs on it.
    """
    random = script.chance("slipping deal")
    at = office_hours(random, script.until - timedelta(days=210))
    customer, deal = script.id(at, "slipping customer"), script.id(at, "slipping deal")
    script.add(
        at, "RegisterCustomer", customer_id=customer, kind="organisation", country="Germany",
        name="Rheinfeld Papier AG", owner="p.novak", tier="A", attributes={"segment": "industry"},
    )  # fmt: skip
    close = at + timedelta(days=45)
    script.add(
        at + timedelta(hours=1), "OpenOpportunity", opportunity_id=deal, pipeline_id=pipeline,
        customer_id=customer, title="Heat recovery for the paper mill", owner="p.novak",
        product="HP-160", amount=str(Decimal(840_000)), currency="EUR", stage="contacted",
        expected_close_on=close.date().isoformat(), source="trade_fair",
    )  # fmt: skip
    for n, stage in enumerate(("qualified", "proposal", "negotiation")):
        moved = office_hours(random, at + timedelta(days=14 * (n + 1)))
        script.add(moved, "MoveOpportunity", opportunity_id=deal, stage=stage)
    for _ in range(5):
        told = office_hours(random, close - timedelta(days=2))
        close += timedelta(days=35)
        script.add(
            told, "MoveCloseDate", opportunity_id=deal,
            expected_close_on=close.date().isoformat(),
        )  # fmt: skip
