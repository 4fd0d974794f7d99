"""The list of customers, and what each of them is now."""

from __future__ import annotations

import pytest

from crm_es.errors import Invalid
from crm_es.projections.views.customers import customers, customers_by_id
from scene import ACME, ANN, BOB, Scene, day, nth


def test_a_profile_is_what_was_said_last(scene: Scene) -> None:
    scene.do("ChangeCustomerTier", customer_id=ANN, tier="A")
    scene.do("TransferCustomer", customer_id=ANN, owner="eve")
    scene.do("ChangeCustomerCountry", customer_id=ANN, country="FR")
    scene.do("StatePreference", customer_id=ANN, topic="channel", value="phone")
    scene.do("StatePreference", customer_id=ANN, topic="channel", value="post")
    scene.do("GrantCustomerRole", customer_id=ANN, role="supplier")
    scene.do("ChangeCustomerLifecycle", customer_id=ANN, stage="active")
    with scene.views() as db:
        (ann,) = customers_by_id(db, [ANN])
    assert (ann["tier"], ann["owner"], ann["country"]) == ("A", "eve", "FR")
    assert ann["preferences"] == {"channel": "post"}
    assert (ann["roles"], ann["lifecycle"]) == (["customer", "supplier"], "active")
    assert ann["version"] == 8


def test_contact_points_come_change_and_go(scene: Scene) -> None:
    for n, channel in ((1, "email"), (2, "phone")):
        scene.do(
            "AddContactPoint", customer_id=ANN, contact_point_id=nth(n), channel=channel,
            value="ann@example.org" if n == 1 else "+49 30 1",
        )  # fmt: skip
    scene.do("VerifyContactPoint", customer_id=ANN, contact_point_id=nth(1))
    with scene.views() as db:
        points = customers_by_id(db, [ANN])[0]["contact_points"]
    assert [point["is_verified"] for _, point in sorted(points.items())] == [True, False]
    assert all(point["value"].startswith("~1.") for point in points.values())
    scene.do("RemoveContactPoint", customer_id=ANN, contact_point_id=nth(2))
    scene.do("InvalidateContactPoint", customer_id=ANN, contact_point_id=nth(1), reason="bounced")
    with scene.views() as db:
        points = customers_by_id(db, [ANN])[0]["contact_points"]
    assert [(id_, point["is_valid"]) for id_, point in points.items()] == [(str(nth(1)), False)]


def test_a_restriction_is_proposed_set_and_lifted(scene: Scene) -> None:
    scene.do("ProposeCustomerRestriction", customer_id=ANN, scope="credit", reason="late")
    with scene.views() as db:
        restrictions = customers_by_id(db, [ANN])[0]["restrictions"]
    assert restrictions["credit"]["is_active"] is False
    scene.tell("RestrictCustomer", customer_id=ANN, scope="credit", reason="late")
    with scene.views() as db:
        restrictions = customers_by_id(db, [ANN])[0]["restrictions"]
    assert (restrictions["credit"]["is_active"], restrictions["credit"]["by"]) == (True, "ann")
    scene.do("LiftCustomerRestriction", customer_id=ANN, scope="credit", reason="paid")
    with scene.views() as db:
        assert customers_by_id(db, [ANN])[0]["restrictions"] == {}


def test_the_list_is_filtered_by_what_is_asked(scene: Scene) -> None:
    scene.do("DefineField", kind="customer", name="segment")
    scene.do(
        "RegisterCustomer", customer_id=nth(1), owner="eve", tier="A", country="DE",
        source="erp", source_id="007", attributes={"segment": "home"},
    )  # fmt: skip
    scene.do("GrantCustomerRole", customer_id=nth(1), role="partner")
    scene.do("SetCustomerParent", customer_id=nth(1), parent_id=ACME)
    one = [str(nth(1))]
    with scene.views() as db:
        for asked in (
            {"owner": "eve"}, {"tier": "A"}, {"country": "DE"}, {"source": "erp"},
            {"source_id": "007"}, {"role": "partner"}, {"parent": ACME},
            {"attribute": ("segment", "home")}, {"tier": "A", "country": "DE"},
        ):  # fmt: skip
            assert [row["id"] for row in customers(db, **asked).items] == one
        assert customers(db, owner="nobody").items == []
        assert customers(db, attribute=("segment", "industry")).items == []
        assert [row["id"] for row in customers(db, kind="organisation").items] == [str(ACME)]
        with pytest.raises(Invalid):
            customers(db, attribute=('segment"', "home"))


def test_the_list_goes_by_registration_or_by_what_was_last_heard(scene: Scene) -> None:
    scene.do("RegisterCustomer", customer_id=nth(1))
    scene.do("RecordCall", call_id=nth(2), customer_id=BOB, direction="inbound", seconds=5)
    with scene.views() as db:
        registered = [row["id"] for row in customers(db).items]
        heard_of = [row["id"] for row in customers(db, by="heard_of").items]
    assert registered[0] == str(nth(1))
    assert heard_of[:2] == [str(BOB), str(nth(1))]
    assert sorted(heard_of) == sorted(registered)


def test_a_stub_is_not_listed_until_it_is_registered(scene: Scene) -> None:
    scene.tell("RecordCall", call_id=nth(2), customer_id=nth(9), direction="inbound", at=day(-3))
    with scene.views() as db:
        assert str(nth(9)) not in {row["id"] for row in customers(db, by="heard_of").items}
    scene.do("RegisterCustomer", customer_id=nth(9), at=day(0))
    with scene.views() as db:
        assert str(nth(9)) in {row["id"] for row in customers(db, by="heard_of").items}


def test_customers_found_elsewhere_keep_the_order_they_were_found_in(scene: Scene) -> None:
    with scene.views() as db:
        found = customers_by_id(db, [BOB, nth(9), ANN])
    assert [row["id"] for row in found] == [str(BOB), str(ANN)]
