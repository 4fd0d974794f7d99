"""Products, employees, definitions of attributes, imports, rates: the lists about ourselves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crm_es.application import Tenant
from crm_es.projections.views.employees import employees
from crm_es.projections.views.exchange_rates import exchange_rates, rates_on
from crm_es.projections.views.field_definitions import field_definitions
from crm_es.projections.views.imports import imports
from crm_es.projections.views.products import products
from scene import Scene, nth


def test_products_have_the_price_and_cost_of_now(scene: Scene) -> None:
    for n, sku in ((1, "B"), (2, "A")):
        scene.do("RegisterProduct", product_id=nth(n), sku=sku, category="pumps", price="10")
    scene.do("ChangeProductPrice", product_id=nth(1), price="12.345678")
    scene.do("ChangeProductCost", product_id=nth(1), cost="7")
    scene.do("ReleaseProduct", product_id=nth(1))
    with scene.views() as db:
        assert [product["sku"] for product in products(db, category="pumps").items] == ["A", "B"]
        (product,) = products(db, sku="B").items
        assert [p["sku"] for p in products(db, status="active").items] == ["B"]
    assert (product["price"], product["cost"], product["status"]) == ("12.345678", "7", "active")
    scene.do("RetractProduct", product_id=nth(1), reason="mistake")
    with scene.views() as db:
        assert [product["sku"] for product in products(db).items] == ["A"]


def test_employees_are_in_a_team_and_under_someone(scene: Scene) -> None:
    scene.do("RegisterEmployee", employee_id=nth(1), handle="eve", team="care")
    scene.do("RegisterEmployee", employee_id=nth(2), handle="bob", team="care", manager="eve")
    scene.do("ChangeEmployeeTeam", employee_id=nth(1), team="sales")
    with scene.views() as db:
        assert [one["handle"] for one in employees(db).items] == ["bob", "eve"]
        assert [one["handle"] for one in employees(db, team="sales").items] == ["eve"]
        assert [one["handle"] for one in employees(db, manager="eve").items] == ["bob"]


def test_definitions_are_by_kind_and_name(scene: Scene) -> None:
    scene.do("DefineField", kind="customer", name="segment", description="Which kind.")
    scene.do("DefineField", kind="lead", name="area", is_sealed=True)
    scene.do("DeprecateField", kind="lead", name="area", reason="unused")
    with scene.views() as db:
        (segment,) = field_definitions(db, kind="customer").items
        (area,) = field_definitions(db, kind="lead").items
    assert (segment["name"], segment["is_deprecated"]) == ("segment", False)
    assert (area["is_sealed"], area["is_deprecated"]) == (True, True)


def test_an_import_shows_its_report_and_what_a_revert_left(scene: Scene) -> None:
    scene.do(
        "StartImport", import_id=nth(1), mapping="shop", mapping_sha256="ab" * 32,
        files=[{"role": "orders", "sha256": "cd" * 32, "name": "orders of ann.csv"}],
    )  # fmt: skip
    with scene.views() as db:
        (started,) = imports(db, state="started").items
    assert (started["mapping"], started["report"]) == ("shop", None)
    assert started["file_names"]["1"].startswith("~1.")


def test_exchange_rates_are_those_published_last_for_each_day(scene: Scene) -> None:
    for on, rate in (("2026-01-01", "0.9"), ("2026-02-01", "0.8"), ("2026-02-01", "0.85")):
        scene.do("PublishExchangeRate", currency="USD", valid_on=on, rate=rate)
    scene.do("PublishExchangeRate", currency="SEK", valid_on="2026-01-01", rate="8.9", units=100)
    with scene.views() as db:
        assert rates_on(db, date(2026, 2, 1), "EUR")["USD"] == Decimal("0.85")
        assert rates_on(db, date(2026, 1, 31), "EUR")["USD"] == Decimal("0.9")
        shown = [(one["valid_on"], one["rate"]) for one in exchange_rates(db, currency="USD").items]
        assert shown == [("2026-02-01", "0.85"), ("2026-01-01", "0.9")]
    scene.do("RetractExchangeRate", currency="USD", valid_on="2026-02-01", reason="typo")
    with scene.views() as db:
        assert rates_on(db, date(2026, 2, 1), "EUR") == {
            "EUR": 1, "USD": Decimal("0.9"), "SEK": Decimal("0.089"),
        }  # fmt: skip
        assert rates_on(db, date(2025, 12, 31), "EUR") == {"EUR": 1}
        assert rates_on(db, date(2026, 2, 1), "USD") == {"USD": 1}


def test_a_rate_is_into_what_the_company_reports_in_now(scene: Scene) -> None:
    rate = {"currency": "SEK", "valid_on": "2026-01-01"}
    scene.do("PublishExchangeRate", **rate, rate="0.089")
    scene.world.crm.tenant = Tenant("USD")
    scene.do("PublishExchangeRate", **rate, rate="0.096")
    with scene.views() as db:
        assert rates_on(db, date(2026, 1, 1), "USD")["SEK"] == Decimal("0.096")
        assert rates_on(db, date(2026, 1, 1), "EUR") == {"EUR": 1}
