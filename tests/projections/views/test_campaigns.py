"""Campaigns: reach, touches, responses and cost by arm, the control group included."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from crm_es.projections.views.campaign_members import VIEW as MEMBERS
from crm_es.projections.views.campaign_members import campaign_members
from crm_es.projections.views.campaign_results import campaign_results
from crm_es.projections.views.campaigns import VIEW as CAMPAIGNS
from crm_es.projections.views.campaigns import campaigns
from crm_es.projections.views.items import Item
from crm_es.projections.views.rows import ViewTable
from scene import ANN, BOB, Scene, day, nth

SPRING = nth(500)
STEPS_COUNTED = 1_000


@pytest.fixture
def spring(scene: Scene) -> Scene:
    scene.do(
        "PlanCampaign", campaign_id=SPRING, name="Spring", kind="mailing", channel="email",
        arms=[{"name": "mail"}, {"name": "control", "is_control": True}], at=day(-30),
    )  # fmt: skip
    scene.do("ApproveCampaignBudget", campaign_id=SPRING, budget="1000", at=day(-29))
    scene.do("LaunchCampaign", campaign_id=SPRING, at=day(-28))
    return scene


def member(scene: Scene, n: int, arm: str = "mail") -> UUID:
    customer = nth(n)
    scene.do("RegisterCustomer", customer_id=customer)
    scene.do("TargetMember", campaign_id=SPRING, customer_id=customer, arm=arm)
    return customer


def respond(scene: Scene, customer: UUID, n: int, **more: Any) -> None:
    answer = {"response_id": nth(n), "kind": "visit", **more}
    scene.do("RecordResponse", campaign_id=SPRING, customer_id=customer, **answer)


def results(scene: Scene) -> Item:
    with scene.views() as db:
        found = campaign_results(db, SPRING)
    assert found is not None
    return found


def test_a_campaign_goes_from_its_plan_to_its_end_and_knows_its_cost(spring: Scene) -> None:
    spring.do("PauseCampaign", campaign_id=SPRING, reason="holidays")
    spring.do("ResumeCampaign", campaign_id=SPRING)
    for n, amount in ((1, "40.5"), (2, "9.5")):
        spring.do("RecordSpend", campaign_id=SPRING, spend_id=nth(n), amount=amount, clicks=7)
    spring.do("RetractSpend", campaign_id=SPRING, spend_id=nth(2), reason="twice")
    spring.do("CompleteCampaign", campaign_id=SPRING)
    with spring.views() as db:
        (campaign,) = campaigns(db, state="complete").items
        assert campaigns(db, kind="event").items == []
    assert (campaign["spent"], campaign["clicks"], campaign["spend_records"]) == ("40.5", 7, 1)
    assert (campaign["budget"], campaign["name"]) == ("1000", "Spring")


def test_results_are_by_arm_and_the_control_group_is_one(spring: Scene) -> None:
    mailed = [member(spring, n) for n in range(4)]
    control = member(spring, 10, "control")
    for customer in mailed[:3]:
        spring.do("RecordTouch", campaign_id=SPRING, customer_id=customer)
    respond(spring, mailed[0], 1)
    respond(spring, mailed[0], 2, kind="purchase", value="20.25")
    respond(spring, mailed[1], 3, kind="purchase", value="5")
    respond(spring, control, 4, kind="purchase", value="1")
    spring.do("OptOut", campaign_id=SPRING, customer_id=mailed[2], reason="enough")
    spring.do("RecordSpend", campaign_id=SPRING, spend_id=nth(1), amount="10")
    found = results(spring)["results"]
    mail, kept = found["arms"]
    assert (mail["arm"], mail["is_control"], kept["is_control"]) == ("mail", False, True)
    assert (mail["members"], mail["reached"], mail["touches"]) == (4, 3, 3)
    assert (mail["responders"], mail["responses"], mail["response_rate"]) == (2, 3, "0.5")
    assert mail["by_kind"] == {
        "purchase": {"members": 2, "rate": "0.5"}, "visit": {"members": 1, "rate": "0.25"},
    }  # fmt: skip
    assert (mail["value"], mail["opted_out"]) == ({"EUR": "25.25"}, 1)
    assert (kept["reached"], kept["response_rate"], kept["value"]) == (0, "1", {"EUR": "1"})
    assert (found["all"]["members"], found["all"]["responses"]) == (5, 4)
    assert (found["all"]["cost"], found["all"]["cost_per_response"]) == ("10", "2.5")


def test_what_a_bot_did_or_what_was_taken_back_is_no_response(spring: Scene) -> None:
    one = member(spring, 1)
    spring.do("RecordTouch", campaign_id=SPRING, customer_id=one)
    respond(spring, one, 1, value="3")
    respond(spring, one, 2, evidence="bot")
    answer = {"campaign_id": SPRING, "customer_id": one}
    spring.do("RetractResponse", **answer, response_id=nth(1), reason="mistake")
    assert results(spring)["results"]["all"]["responses"] == 0
    spring.do("ReclassifyResponse", **answer, response_id=nth(2), evidence="human")
    total = results(spring)["results"]["all"]
    assert (total["responders"], total["value"], total["by_kind"]["visit"]["members"]) == (1, {}, 1)


def test_value_in_several_currencies_is_told_by_each(spring: Scene) -> None:
    one = member(spring, 1)
    spring.do("RecordTouch", campaign_id=SPRING, customer_id=one)
    respond(spring, one, 1, value="3")
    respond(spring, one, 2, value="4.5", currency="USD")
    found = results(spring)["results"]
    assert found["all"]["value"] == found["arms"][0]["value"] == {"EUR": "3", "USD": "4.5"}


def test_members_are_listed_by_campaign_customer_stage_and_arm(spring: Scene) -> None:
    one, two = member(spring, 1), member(spring, 2, "control")
    spring.do("RecordTouch", campaign_id=SPRING, customer_id=one)
    with spring.views() as db:
        for asked in ({"customer": one}, {"stage": "touched"}, {"arm": "mail"}):
            (found,) = campaign_members(db, campaign=SPRING, **asked).items
            assert found["customer_id"] == str(one)
        (found,) = campaign_members(db, is_control=True).items
        assert found["customer_id"] == str(two)
        assert campaign_members(db, customer=BOB).items == []
        assert campaign_results(db, ANN) is None


def test_a_campaign_without_members_has_nothing_to_divide_by(spring: Scene) -> None:
    found = results(spring)["results"]
    assert (found["all"]["response_rate"], found["all"]["cost_per_response"]) == (None, None)
    assert found["arms"] == []


def test_results_of_many_members_are_counted_in_few_steps_of_sqlite(tmp_path: Path) -> None:
    path, members = tmp_path / "views.sqlite", 64_000
    with closing(sqlite3.connect(path)) as db:
        _fill(db, members)
    engine, steps = sa.create_engine(f"sqlite:///{path}"), 0

    def count() -> int:
        nonlocal steps
        steps += STEPS_COUNTED
        return 0

    with engine.connect() as reader:
        driver: Any = reader.connection.driver_connection
        driver.set_progress_handler(count, STEPS_COUNTED)
        found = campaign_results(reader, SPRING)
    engine.dispose()
    assert found is not None
    assert found["results"]["all"]["members"] == members
    assert 0 < steps < 40 * members


def _fill(db: sqlite3.Connection, members: int) -> None:
    """One campaign and its members: three arms, some of whom responded in one way or in two."""
    campaign, member = ViewTable(CAMPAIGNS), ViewTable(MEMBERS)
    for table in (campaign, member):
        db.execute(table.create)
    plan = {"at": 0, "state": "active", "kind": None, "channel": None, "owner": None, "spent": "5"}
    campaign.insert(db, [campaign.values(SPRING.bytes, {**plan, "parent_id": None}, 1, 1)])
    some = [
        member.values(
            ANN.bytes,
            {
                "customer_id": str(ANN), "campaign_id": str(SPRING), "at": 1, "stage": "targeted",
                "arm": arm, "is_control": arm == "control", "is_targeted": True, "kinds": kinds,
                "values": {"EUR": "19.99"} if kinds else {}, "touches": 1, "responses": len(kinds),
                "previous_outcome": "x" * 300,
            },
            1,
            1,
        )
        for arm in ("men", "women", "control")
        for kinds in ({}, {}, {}, {"visit": 1}, {"visit": 1, "purchase": 2})
    ]  # fmt: skip
    chance = Random(1)
    member.insert(db, ((UUID(int=n).bytes, *chance.choice(some)[1:]) for n in range(members)))
    for index in member.indexes:
        db.execute(index)
    db.commit()
