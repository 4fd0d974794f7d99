"""Contacts through the whole write side: sealed, in everyone's story, with attributes, imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from crm_es.aggregates import AGGREGATES
from crm_es.commands.engagement.about import KINDS
from crm_es.errors import Conflict, Refused
from crm_es.log.envelope import new_id
from world import World, command, submission

SECRET = "Herr Soukup"
NEW: dict[str, dict[str, Any]] = {
    "RecordActivity": {"activity_id": new_id(), "kind": "call back"},
    "ScheduleActivity": {"activity_id": new_id(), "kind": "call back"},
    "RecordCall": {"call_id": new_id()},
    "StartCall": {"call_id": new_id(), "direction": "inbound"},
    "RecordVisit": {"visit_id": new_id()},
    "PlanVisit": {"visit_id": new_id(), "planned_at": "2026-03-02T09:30:00Z"},
    "RecordInteraction": {"interaction_id": new_id(), "kind": "email", "agent": "bob"},
    "RecordWebSession": {"session_id": new_id(), "visitor": "v1"},
    "StartWebSession": {"session_id": new_id(), "visitor": "v1"},
}
"""Every command that begins a contact, with no more than it needs."""
KIND = {"activity_id": "activity", "call_id": "call", "visit_id": "visit",
        "interaction_id": "interaction", "session_id": "web_session"}  # fmt: skip


def kind_of(body: dict[str, Any]) -> str:
    return next(kind for field, kind in KIND.items() if field in body)


@pytest.mark.parametrize("name", NEW)
def test_a_contact_needs_no_customer_and_is_then_nobodys_story(world: World, name: str) -> None:
    world.do(name, **NEW[name])
    (record,) = world.log.read(0, 10)
    assert record.subjects == b""


def test_no_word_about_a_person_can_be_read_in_the_log(world: World) -> None:
    customer, ids = (
        new_id(),
        {name: {**body, "customer_id": new_id()} for name, body in NEW.items()},
    )
    world.do("RegisterCustomer", customer_id=customer, name=SECRET)
    for body in ids.values():
        body["customer_id"] = customer
    texts = {
        "RecordActivity": ("title", "notes"), "ScheduleActivity": ("title", "notes"),
        "RecordCall": ("phone", "summary"), "StartCall": ("phone",),
        "RecordVisit": ("report", "place"), "PlanVisit": ("place",),
        "RecordInteraction": ("subject", "body", "evidence"),
    }  # fmt: skip
    for name, body in ids.items():
        world.do(name, **body, **dict.fromkeys(texts.get(name, ()), SECRET))
    later = {
        "CompleteActivity": {"activity_id": ids["ScheduleActivity"]["activity_id"],
                             "outcome": "reached", "notes": SECRET},
        "EndCall": {"call_id": ids["StartCall"]["call_id"], "summary": SECRET},
        "CheckInVisit": {"visit_id": ids["PlanVisit"]["visit_id"], "place": SECRET},
        "CheckOutVisit": {"visit_id": ids["PlanVisit"]["visit_id"]},
        "ReportVisit": {"visit_id": ids["PlanVisit"]["visit_id"], "report": SECRET},
        "CorrectInteraction": {"interaction_id": ids["RecordInteraction"]["interaction_id"],
                               "reason": "wrong", "subject": SECRET + "!", "body": SECRET + "!"},
        "TrackPage": {"session_id": ids["StartWebSession"]["session_id"], "path": "/search",
                      "kind": "search", "terms": SECRET},
    }  # fmt: skip
    for name, body in later.items():
        world.do(name, **body)
    records = world.log.read(0, 100)
    assert len(records) == 1 + len(ids) + len(later)
    for record in records:
        assert record.subjects == customer.bytes
        assert b"Soukup" not in record.data


@pytest.mark.parametrize(
    ("begin", "move"),
    [
        ("RecordCall", "ReattributeCall"),
        ("RecordInteraction", "ReattributeInteraction"),
        ("RecordWebSession", "ReattributeWebSession"),
    ],
)
def test_a_contact_that_moves_is_in_both_stories(world: World, begin: str, move: str) -> None:
    ann, bob, body = new_id(), new_id(), NEW[begin]
    for customer in (ann, bob):
        world.do("RegisterCustomer", customer_id=customer)
    world.do(begin, **body, customer_id=ann)
    (target,) = (name for name in KIND if name in body)
    world.do(move, **{target: body[target]}, customer_id=bob)
    *_, moved = world.log.read(0, 10)
    assert moved.subjects == bob.bytes + ann.bytes


@pytest.mark.parametrize("name", NEW)
def test_attributes_nobody_foresaw_are_plain_or_sealed_as_they_were_defined(
    world: World, name: str
) -> None:
    kind = kind_of(NEW[name])
    body = {**NEW[name], "attributes": {"shoe_size": "42", "nickname": SECRET}}
    with pytest.raises(Conflict) as refusal:
        world.do(name, **body)
    assert refusal.value.code == "attribute.undefined"
    world.do("DefineField", kind=kind, name="shoe_size", type="number", is_sealed=False)
    world.do("DefineField", kind=kind, name="nickname", type="text", is_sealed=True)
    world.do(name, **body)
    *_, record = world.log.read(0, 10)
    assert b'"attributes":{"shoe_size":"42"}' in record.data
    assert b"Soukup" not in record.data


def test_a_contact_can_be_about_every_kind_of_thing_and_no_other() -> None:
    assert KINDS.keys() == {aggregate.TOPIC for aggregate in AGGREGATES}
    for kind in KINDS:
        assert command("ScheduleActivity", **NEW["ScheduleActivity"], about_kind=kind)
    with pytest.raises(ValidationError) as refusal:
        command("ScheduleActivity", **NEW["ScheduleActivity"], about_kind="weather")
    assert refusal.value.errors()[0]["type"] == "about.kind_unknown"


def test_what_a_contact_is_about_is_found_however_long_nobody_asked_for_it(tmp_path: Path) -> None:
    world, ann, call = World(tmp_path, cache_max=1), new_id(), new_id()
    world.do("RegisterCustomer", customer_id=ann)
    world.do("RecordCall", call_id=call, customer_id=ann)
    world.do("RegisterCustomer", customer_id=new_id())
    world.do("ScheduleActivity", **NEW["ScheduleActivity"], about_kind="call", about_id=call)
    *_, record = world.log.read(0, 10)
    assert record.subjects == ann.bytes
    world.close()


def test_rows_of_history_are_as_many_events_however_equal_they_are(world: World) -> None:
    import_id, customer, deal = uuid4(), uuid4(), uuid4()
    row = {
        "kind": "W_Valideren aanvraag", "phase": "started", "by": "112", "customer_id": customer,
        "about_kind": "opportunity", "about_id": deal, "at": "2011-10-01T00:38:44.546+02:00",
    }  # fmt: skip
    rows = [command("RecordActivity", activity_id=UUID(int=n), **row) for n in range(1, 51)]
    answers = world.crm.append([[submission(one, import_id=import_id)] for one in rows])
    assert not any(isinstance(answer, Refused) for unit in answers for answer in unit)
    records = world.log.read(0, 100)
    assert [record.topic for record in records] == ["activity.recorded"] * 50
    assert {record.findings for record in records} == {None}
    assert {record.subjects for record in records} == {customer.bytes}
