"""An import taken back: what it began and nobody touched is gone, the rest is kept and listed."""

from __future__ import annotations

from uuid import UUID

import pytest

from crm_es.aggregates import AGGREGATES
from crm_es.commands import REGISTRY
from crm_es.errors import NotFound, Refused, Unavailable
from crm_es.intake.ids import source_id
from crm_es.intake.milestones import Halted
from crm_es.intake.reversal import KEPT, RETRACTIONS
from importing import Impatient, Importing, rejects_in

SHOP = """
[[setup]]
command = "PlanCampaign"
campaign_id = { id = ["campaign"] }
name = "spring"
[[setup]]
command = "DefineField"
kind = "customer"
name = "size"
[files.lines]
match = "lines.csv"
[[rows]]
from = "lines"
once = ["customer"]
[[rows.do]]
command = "RegisterCustomer"
customer_id = { id = ["customer", "{customer}"] }
name = { text = "Customer {customer}" }
[[rows.do]]
command = "TargetMember"
campaign_id = { id = ["campaign"] }
customer_id = { id = ["customer", "{customer}"] }
[[rows]]
from = "lines"
[[rows.do]]
command = "PlaceOrder"
order_id = { id = ["order", "{order}"] }
customer_id = { id = ["customer", "{customer}"] }
lines = { each = { sku = "order", quantity = { const = "1" }, amount = { const = "5" } } }
"""
RATES = """
[files.rates]
match = "rates.csv"
[[rows]]
from = "rates"
[[rows.do]]
command = "PublishExchangeRate"
currency = { const = "USD" }
valid_on = { column = "day", date = "iso" }
rate = { column = "usd", number = "decimal" }
"""
LINES = "order,customer\n1,a\n2,b\n3,a\n4,c\n"


def customer(name: str) -> UUID:
    return source_id("shop", ["customer", name])


def order(name: str) -> UUID:
    return source_id("shop", ["order", name])


def test_every_kind_of_stream_can_be_taken_back_or_is_meant_to_stay() -> None:
    kinds = {aggregate.TOPIC for aggregate in AGGREGATES}
    assert set(RETRACTIONS) | KEPT == kinds
    assert not set(RETRACTIONS) & KEPT
    assert set(RETRACTIONS.values()) <= set(REGISTRY)


def test_what_nobody_touched_is_taken_back_the_latest_first(imports: Importing) -> None:
    report = imports.run(SHOP, {"lines.csv": LINES})
    before = len(imports.topics())
    told = imports.revert(report.import_id)
    assert told.taken_back == {"order": 4, "campaign_member": 3, "customer": 3, "campaign": 1}
    assert told.kept == {"field_definition": 1}
    retracted = imports.topics()[before:]
    assert retracted == (
        ["order.retracted"] * 4
        + ["campaign_member.retracted", "customer.retracted"] * 3
        + ["campaign.retracted"]
    )
    assert imports.world.topics()[-1] == "import.reverted"


def test_rates_are_taken_back_by_what_they_are_of(imports: Importing) -> None:
    report = imports.run(RATES, {"rates.csv": "day,usd\n2026-01-01,0.9\n2026-02-01,0.8\n"})
    assert imports.revert(report.import_id).taken_back == {"exchange_rate": 2}
    assert imports.topics()[-2:] == ["exchange_rate.retracted"] * 2


def test_what_others_touched_is_kept_and_listed(imports: Importing) -> None:
    report = imports.run(SHOP, {"lines.csv": LINES})
    imports.world.do("RenameCustomer", customer_id=customer("a"), name="Ann")
    imports.world.do("ConfirmOrder", order_id=order("2"))
    told = imports.revert(report.import_id)
    assert told.taken_back == {"order": 3, "campaign_member": 3, "customer": 1, "campaign": 1}
    assert told.kept == {"field_definition": 1, "order": 1, "customer": 2}
    kept = {(one["kind"], one["stream_id"]): one["code"] for one in rejects_in(told.listed)}
    assert kept.pop(next(key for key in kept if key[0] == "field_definition")) == (
        "field_definition.kept"
    )
    # The customer of an order that was confirmed has a history of its own now.
    assert kept == {
        ("order", str(order("2"))): "touched",
        ("customer", str(customer("b"))): "touched",
        ("customer", str(customer("a"))): "touched",
    }


def test_what_another_import_built_upon_is_kept(imports: Importing) -> None:
    first = imports.run(SHOP, {"lines.csv": LINES})
    imports.run(SHOP + "\n# mended\n", {"lines.csv": LINES + "5,a\n"})
    told = imports.revert(first.import_id)
    assert told.taken_back["customer"] == 2
    assert told.kept["customer"] == 1


def test_a_second_revert_does_nothing(imports: Importing) -> None:
    report = imports.run(SHOP, {"lines.csv": LINES})
    first = imports.revert(report.import_id)
    head = imports.world.log.head()
    second = imports.revert(report.import_id)
    assert imports.world.log.head() == head
    assert second.is_repeat
    assert (second.taken_back, second.kept) == (first.taken_back, first.kept)


def test_a_revert_that_is_halted_goes_on_where_it_stopped(
    imports: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_es.intake.reversal.PAGE_SIZE", 2)
    report = imports.run(SHOP, {"lines.csv": LINES})
    writer = imports.submitter
    imports.submitter = Impatient(writer, Unavailable("writer.silent", "no answer"), takes=3)
    with pytest.raises(Halted):
        imports.revert(report.import_id)
    imports.submitter = writer
    told = imports.revert(report.import_id)
    assert told.taken_back == {"order": 4, "campaign_member": 3, "customer": 3, "campaign": 1}
    assert imports.topics().count("order.retracted") == 4


def test_an_import_that_was_taken_back_does_not_come_in_again(imports: Importing) -> None:
    report = imports.run(SHOP, {"lines.csv": LINES})
    imports.revert(report.import_id)
    with pytest.raises(Refused) as refusal:
        imports.run(SHOP, {"lines.csv": LINES})
    assert refusal.value.code == "import.reverted"


def test_an_import_that_stopped_half_way_can_be_taken_back(
    imports: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_es.intake.sending.PAUSES_SECONDS", ())
    writer = imports.submitter
    imports.submitter = Impatient(writer, Unavailable("writer.silent", "no answer"), takes=3)
    with pytest.raises(Halted):
        imports.run(SHOP, {"lines.csv": LINES})
    imports.submitter = writer
    (begun,) = [r for r in imports.world.log.read(0, 100) if r.topic == "import.started"]
    told = imports.revert(UUID(bytes=begun.stream_id))
    assert told.taken_back["customer"] == 3
    assert "order" not in told.taken_back


def test_nobody_reverts_an_import_that_never_was(imports: Importing) -> None:
    with pytest.raises(NotFound):
        imports.revert(UUID(int=7))
