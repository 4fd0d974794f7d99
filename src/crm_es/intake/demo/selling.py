"""What the demo's customers buy: deals on the pipeline, orders, deliveries, returns."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from crm_es.intake.demo.company import (
    ABROAD,
    COMPETITORS,
    CURRENCY,
    HOME,
    LOSS_REASONS,
    PRODUCTS,
    RATE,
    Market,
    Product,
)
from crm_es.intake.demo.people import Person
from crm_es.intake.demo.script import DAYS, Script, money, office_hours

RATE_DAYS = 30
STAGES = (
    ("contacted", "0.10"), ("qualified", "0.25"), ("proposal", "0.50"), ("negotiation", "0.75"),
)  # fmt: skip
PUMPS = tuple(product for product in PRODUCTS if product.category == "heat pumps")
EXTRAS = tuple(p for p in PRODUCTS if p.category in {"controllers", "tanks", "services"})
PARTS = tuple(product for product in PRODUCTS if product.category == "parts")


def set_up(script: Script) -> UUID:
    """The catalogue and the pipeline. Returns the pipeline's id."""
    at = script.start - timedelta(days=1)
    for product in PRODUCTS:
        id = script.id(at, "product", product.sku)
        script.add(
            at, "RegisterProduct", product_id=id, sku=product.sku, name=product.name,
            category=product.category, price=money(product.price), cost=money(product.cost),
            currency=CURRENCY,
        )  # fmt: skip
        script.add(at + timedelta(minutes=1), "ReleaseProduct", product_id=id)
    _publish_rates(script)
    pipeline = script.id(at, "pipeline")
    stages = [{"name": name, "probability": share, "kind": "open"} for name, share in STAGES]
    stages += [
        {"name": "won", "probability": "1", "kind": "won"},
        {"name": "lost", "probability": "0", "kind": "lost"},
    ]
    script.add(
        at, "PublishPipeline", pipeline_id=pipeline, name="sales", stages=stages,
        reasons=list(LOSS_REASONS),
    )  # fmt: skip
    return pipeline


def _publish_rates(script: Script) -> None:
    """Every month, what the money from abroad is worth."""
    random, (currency, units, about) = script.chance("rates"), RATE
    for n in range(DAYS // RATE_DAYS + 1):
        at = script.start + timedelta(days=n * RATE_DAYS - 1)
        rate = about + Decimal(random.randint(-9, 9)).scaleb(-2)
        script.add(
            at, "PublishExchangeRate", currency=currency, valid_on=at.date().isoformat(),
            rate=money(rate), units=units, source="bank",
        )  # fmt: skip


def _market(person: Person) -> Market:
    return ABROAD.get(person.country, HOME)


def tell(script: Script, person: Person, pipeline: UUID) -> None:
    """All deals and orders of one customer."""
    random = script.chance("selling", person.number)
    at = person.since + timedelta(days=random.uniform(0.1, 10))
    bought = _deal(script, random, person, pipeline, at, 0)
    if bought is None:
        return
    repeats = {"home": 1.6, "small business": 3.2, "industry": 7.0}[person.segment]
    when = bought
    for n in range(1, 1 + int(random.expovariate(1 / repeats))):
        when += timedelta(days=random.uniform(25, 260))
        if person.is_company and random.random() < 0.35:  # noqa: PLR2004
            _deal(script, random, person, pipeline, when, n)
        else:
            bought = office_hours(random, when)
            order(script, random, person, bought, f"repeat {n}", _small(random))


def _deal(
    script: Script, random: Random, person: Person, pipeline: UUID, at: datetime, n: int
) -> datetime | None:
    """One opportunity to its end. Returns when it was won, if it was."""
    id = script.id(at, "deal", person.number, n)
    basket = _large(random, person)
    market = _market(person)
    amount = sum((p.price * quantity for p, quantity in basket), Decimal(0)) * market.factor
    at = office_hours(random, at)
    close = at + timedelta(days=random.uniform(12, 75))
    script.add(
        at, "OpenOpportunity", opportunity_id=id, pipeline_id=pipeline, customer_id=person.id,
        title=f"{basket[0][0].name} for {person.segment}", owner=person.owner,
        product=basket[0][0].sku, amount=money(amount), currency=market.currency,
        source=person.origin, expected_close_on=close.date().isoformat(), stage=STAGES[0][0],
    )  # fmt: skip
    chance = {"home": 0.46, "small business": 0.38, "industry": 0.30}[person.segment]
    is_won = random.random() < chance
    last = len(STAGES) if is_won else random.randint(1, len(STAGES))
    for stage, _ in STAGES[1:last]:
        at = office_hours(random, at + timedelta(days=random.uniform(2, 16)))
        script.add(at, "MoveOpportunity", opportunity_id=id, stage=stage)
    if random.random() < 0.3:  # noqa: PLR2004
        close += timedelta(days=random.uniform(10, 40))
        script.add(
            at, "MoveCloseDate", opportunity_id=id, expected_close_on=close.date().isoformat()
        )
    if not is_won and random.random() < 0.12:  # noqa: PLR2004 - it is left open
        return None
    at = office_hours(random, max(at, close + timedelta(days=random.uniform(-3, 6))))
    if is_won:
        order_id = order(script, random, person, at, f"deal {n}", basket)
        script.add(
            at + timedelta(minutes=5), "WinOpportunity", opportunity_id=id, order_id=order_id,
            amount=money(amount),
        )  # fmt: skip
        return at
    reason = random.choice(LOSS_REASONS)
    rival = random.choice(COMPETITORS) if reason == "competitor" else None
    script.add(at, "LoseOpportunity", opportunity_id=id, reason=reason, competitor=rival)
    return None


def order(
    script: Script,
    random: Random,
    person: Person,
    at: datetime,
    what: str,
    basket: list[tuple[Product, int]],
) -> UUID:
    """One order from its placing to its delivery, and now and then back again."""
    id = script.id(at, "order", person.number, what)
    market = _market(person)
    lines = [
        {"sku": p.sku, "description": p.name, "quantity": str(quantity),
         "unit_price": money(p.price * market.factor),
         "cost": money(p.cost * quantity * market.factor)}
        for p, quantity in basket
    ]  # fmt: skip
    channel = "web" if basket[0][0].category == "parts" else "sales"
    script.add(
        at, "PlaceOrder", order_id=id, kind="sale", customer_id=person.id, owner=person.owner,
        channel=channel, country=person.country, currency=market.currency, lines=lines,
    )  # fmt: skip
    script.add(at + timedelta(hours=1), "ConfirmOrder", order_id=id)
    shipped = script.add(at + timedelta(days=random.uniform(1, 9)), "ShipOrder", order_id=id)
    delivered = script.add(shipped + timedelta(days=2), "DeliverOrder", order_id=id)
    if random.random() < 0.05:  # noqa: PLR2004
        script.add(
            delivered + timedelta(days=random.uniform(3, 20)), "ReturnOrderLines", order_id=id,
            lines=[{"line": 1, "quantity": "1"}], reason="not needed",
        )  # fmt: skip
    return id


def _large(random: Random, person: Person) -> list[tuple[Product, int]]:
    pump = PUMPS[{"home": 0, "small business": 1, "industry": 2}[person.segment]]
    count = {"home": 1, "small business": random.randint(1, 4), "industry": random.randint(4, 15)}
    extras = random.sample(EXTRAS, random.randint(0, 2))
    return [(pump, count[person.segment]), *((extra, 1) for extra in extras)]


def _small(random: Random) -> list[tuple[Product, int]]:
    return [(part, random.randint(1, 4)) for part in random.sample(PARTS, random.randint(1, 2))]
