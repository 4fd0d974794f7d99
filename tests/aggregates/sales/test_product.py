"""Products: what is sold, at which price and cost, of which parts, until it is sold no more."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_es.aggregates.platform.field_definition import FieldType
from crm_es.aggregates.sales.product import Part, Product, ProductStatus
from crm_es.commands.base import Command
from crm_es.commands.sales.product import (
    BundleProducts,
    ChangeProductAttributes,
    ChangeProductCost,
    ChangeProductPrice,
    EndProductLife,
    EndProductSale,
    PartBody,
    RecategoriseProduct,
    RegisterProduct,
    ReleaseProduct,
    RenameProduct,
    RetractProduct,
)
from scenario import NOON, SUBJECT, Fact, fact, given, in_history
from trade import ACME, ANN, BOB, defined, listed
from world import World

WHICH: dict[str, Any] = {"product_id": SUBJECT}
RETRACTED = fact(Product.Retracted, reason="twice")
DRAFT, ACTIVE, END_OF_SALE, END_OF_LIFE = ProductStatus
release, end_sale, end_life = (
    ReleaseProduct(**WHICH), EndProductSale(**WHICH), EndProductLife(**WHICH),
)  # fmt: skip


def became(one: ProductStatus, other: ProductStatus) -> Fact:
    return fact(Product.StatusChanged, from_status=one, to_status=other)


def priced(one: str | None, other: str) -> Fact:
    was = None if one is None else Decimal(one)
    return fact(Product.PriceChanged, from_price=was, to_price=Decimal(other), currency="EUR")


def test_a_product_is_registered_once() -> None:
    register = RegisterProduct(
        **WHICH, sku="HP-40", name="Heat pump", price=Decimal("4200.5"), currency="SEK"
    )
    given().when(register).then(listed(price=Decimal("4200.5"), currency="SEK"))
    given(listed()).when(register).then_refused("product.exists")


def test_a_product_taken_back_is_registered_anew_and_nothing_of_it_is_left() -> None:
    register, renamed = RegisterProduct(**WHICH, sku="HP-40"), fact(Product.Renamed, name="Pump")
    anew = listed(name=None)
    given(listed(), renamed, RETRACTED).when(register).then(anew)
    given(listed(), renamed, RETRACTED, anew).when(register).then_refused("product.exists")
    rename = RenameProduct(**WHICH, name="Pump")
    given(listed(), renamed, RETRACTED, anew).when(rename).then(renamed)


CHANGES: list[tuple[Command, Fact]] = [
    (RenameProduct(**WHICH, name="Pump"), fact(Product.Renamed, name="Pump")),
    (
        RecategoriseProduct(**WHICH, category="pumps"),
        fact(Product.Recategorised, from_category=None, to_category="pumps"),
    ),
    (ChangeProductPrice(**WHICH, price=Decimal(5)), priced(None, "5")),
    (
        ChangeProductCost(**WHICH, cost=Decimal(3)),
        fact(Product.CostChanged, from_cost=None, to_cost=Decimal(3), currency="EUR"),
    ),
    (
        ChangeProductAttributes(**WHICH, attributes={"kw": "4"}),
        fact(Product.AttributesChanged, attributes={"kw": "4"}),
    ),
    (
        BundleProducts(**WHICH, parts=[PartBody(product_id=ANN, quantity=Decimal(2))]),
        fact(Product.Bundled, parts=(Part(ANN, Decimal(2)),)),
    ),
    (release, became(DRAFT, ACTIVE)),
]
KNOWN = (defined("product", "kw", FieldType.NUMBER), listed(ANN, sku="A"))


@pytest.mark.parametrize(("command", "change"), CHANGES, ids=lambda one: type(one).__name__)
def test_a_change_is_recorded_once(command: Command, change: Fact) -> None:
    given(*KNOWN, listed()).when(command).then(change)
    given(*KNOWN, listed(), change).when(command).then_nothing()
    given(*KNOWN).when(command).then_refused("product.not_found")
    given(*KNOWN, listed(), RETRACTED).when(command).then_refused("product.retracted")
    in_history(*KNOWN, listed(), RETRACTED).when(command).then_found("product.retracted")


def test_price_and_cost_change_over_time() -> None:
    later = ChangeProductPrice(**WHICH, price=Decimal(6), at=NOON + timedelta(days=9))
    given(listed(price=Decimal(4)), priced("4", "5")).when(later).then(priced("5", "6"))


@pytest.mark.parametrize(
    ("status", "command", "to"),
    [
        (DRAFT, end_sale, END_OF_SALE),
        (DRAFT, end_life, END_OF_LIFE),
        (ACTIVE, end_life, END_OF_LIFE),
        (END_OF_SALE, release, ACTIVE),
        (END_OF_LIFE, end_sale, END_OF_SALE),
    ],
)
def test_a_product_goes_one_step_at_a_time_and_never_back(
    status: ProductStatus, command: Command, to: ProductStatus
) -> None:
    given(listed(status=status)).when(command).then_refused("product.status_order")
    in_history(listed(status=status)).when(command).then(became(status, to)).with_findings(
        "product.status_order"
    )


def test_a_product_goes_all_its_way() -> None:
    given(listed(status=ACTIVE)).when(end_sale).then(became(ACTIVE, END_OF_SALE))
    given(listed(status=END_OF_SALE)).when(end_life).then(became(END_OF_SALE, END_OF_LIFE))
    given(listed(status=END_OF_LIFE)).when(end_life).then_nothing()


def test_what_is_sold_no_more_has_no_new_price() -> None:
    command = ChangeProductPrice(**WHICH, price=Decimal(5))
    given(listed(status=END_OF_LIFE)).when(command).then_refused("product.ended")
    in_history(listed(status=END_OF_LIFE)).when(command).then_found("product.ended")


def bundle(*ids: Any, of: Any = SUBJECT) -> BundleProducts:
    return BundleProducts(
        product_id=of, parts=[PartBody(product_id=id, quantity=Decimal(1)) for id in ids]
    )


def bundled(id: Any, part: Any) -> Fact:
    return fact(Product.Bundled, on=id, parts=(Part(part, Decimal(1)),))


def test_no_product_contains_itself() -> None:
    given(listed()).when(bundle(SUBJECT)).then_refused("product.bundle_cycle")
    chain = (
        listed(), listed(ANN, sku="A"), listed(BOB, sku="B"), bundled(ANN, BOB),
        bundled(BOB, SUBJECT),
    )  # fmt: skip
    given(*chain).when(bundle(ANN)).then_refused("product.bundle_cycle")
    given(*chain[:-1]).when(bundle(ANN, BOB)).then_found()


def test_the_parts_of_a_bundle_are_known_and_named_once() -> None:
    given(listed()).when(bundle(ANN)).then_refused("product.not_found")
    given(listed(), listed(ANN)).when(bundle(ANN, ANN)).then_refused("product.part_twice")


def test_a_bundle_is_dissolved() -> None:
    given(listed(), listed(ANN), bundled(SUBJECT, ANN)).when(bundle()).then(
        fact(Product.Bundled, parts=())
    )
    given(listed()).when(bundle()).then_nothing()


def test_nothing_personal_belongs_to_a_product() -> None:
    sealed = defined("product", "inventor", is_sealed=True)
    command = RegisterProduct(**WHICH, sku="HP-40", attributes={"inventor": "Ann"})
    given(sealed).when(command).then_refused("attribute.sealed")
    in_history(sealed).when(command).then_refused("attribute.sealed")


def test_a_sku_belongs_to_one_product_until_it_is_taken_back(world: World) -> None:
    world.do("RegisterProduct", product_id=ANN, sku="HP-40")
    refused = world.refusal("RegisterProduct", product_id=BOB, sku="HP-40")
    assert refused == "product.sku.taken"
    world.tell("RegisterProduct", product_id=ACME, sku="HP-40")
    assert [r.findings for r in world.log.read(0, 9)] == [None, "product.sku.taken"]
    world.do("RetractProduct", product_id=ANN, reason="twice")
    world.do("RegisterProduct", product_id=BOB, sku="HP-40")


def test_a_product_is_taken_back_once() -> None:
    retract = RetractProduct(**WHICH, reason="twice")
    given(listed()).when(retract).then(RETRACTED)
    given(listed(), RETRACTED).when(retract).then_nothing()
