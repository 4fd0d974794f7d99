"""The write side: idempotent, atomic, never answering on stale state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from crm_es.aggregates.party.customer import Customer
from crm_es.application import Crm, Tenant
from crm_es.errors import Conflict, Invalid, Refused
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.keys import KeyStore
from crm_es.log.recorder import ClockBehind, NotDurable
from crm_es.log.sqlite import SQLiteLog
from world import MASTER, START, World, command, submission


def register(**more: Any) -> dict[str, Any]:
    return {"customer_id": new_id(), "name": "Ann", **more}


def test_a_command_is_recorded_with_its_whole_envelope(world: World) -> None:
    customer = new_id()
    register = command("RegisterCustomer", customer_id=customer, name="Ann")
    cause, chain, id = new_id(), new_id(), new_id()
    whence = Circumstances("svc", "boss", chain, cause, 3)
    receipt = world.crm.execute(Submission(id, register, whence))
    (record,) = world.log.read(0, 10)
    assert (receipt.version, receipt.position, receipt.events) == (1, 1, 1)
    assert record.stream_id == record.subjects == customer.bytes
    assert (record.actor, record.on_behalf_of, record.depth) == ("svc", "boss", 3)
    assert (record.command_id, record.correlation_id) == (id.bytes, chain.bytes)
    assert record.causation_id == cause.bytes
    assert record.occurred_at == record.recorded_at > START
    assert b"Ann" not in record.data


def test_the_same_command_again_gets_the_stored_receipt_even_after_a_change(world: World) -> None:
    body = register()
    first = world.submission("RegisterCustomer", **body)
    receipt = world.crm.execute(first)
    world.do("RenameCustomer", customer_id=body["customer_id"], name="Anna")
    assert world.crm.execute(first) == receipt
    assert world.topics() == ["customer.registered", "customer.renamed"]


def test_the_same_id_with_another_body_is_refused(world: World) -> None:
    first = world.submission("RegisterCustomer", **register())
    world.crm.execute(first)
    other = command("RegisterCustomer", **register())
    with pytest.raises(Invalid) as refusal:
        world.crm.execute(submission(other, id=first.command_id))
    assert refusal.value.code == "command.id_reused"


def test_a_repeat_inside_one_batch_takes_effect_once(world: World) -> None:
    first = world.submission("RegisterCustomer", **register())
    answers = world.crm.append([[first], [first], [first]])
    assert answers[0] == answers[1] == answers[2]
    assert world.log.head().position == 1


def test_a_refused_command_may_succeed_later_under_its_id(world: World) -> None:
    body = register()
    late = world.submission("RenameCustomer", customer_id=body["customer_id"], name="Anna")
    with pytest.raises(Refused):
        world.crm.execute(late)
    world.do("RegisterCustomer", **body)
    assert world.crm.execute(late).version == 2


def test_asking_for_what_is_so_records_nothing_and_has_a_receipt(world: World) -> None:
    body = register()
    world.do("RegisterCustomer", **body)
    again = world.submission("RenameCustomer", customer_id=body["customer_id"], name="Ann")
    receipt = world.crm.execute(again)
    assert (receipt.events, receipt.position, receipt.version) == (0, 1, 1)
    assert world.crm.execute(again) == receipt


def test_each_command_of_a_batch_sees_what_the_one_before_left(world: World) -> None:
    body = register()
    id = body["customer_id"]
    batch = [
        [world.submission("RegisterCustomer", **body)],
        [world.submission("RenameCustomer", customer_id=id, name="Anna")],
        [world.submission("RenameCustomer", customer_id=id, name="Anna")],
    ]
    versions = [orjson.loads(a[0])["version"] for a in world.crm.append(batch)]  # type: ignore[arg-type]
    assert versions == [1, 2, 2]


def test_a_unit_is_recorded_whole_or_not_at_all(world: World) -> None:
    body, other = register(), register()
    id = body["customer_id"]
    unit = [
        world.submission("RegisterCustomer", **body),
        world.submission("RenameCustomer", customer_id=new_id(), name="Nobody"),
    ]
    answers = world.crm.append([unit, [world.submission("RegisterCustomer", **other)]])
    assert [type(a).__name__ for a in answers[0]] == ["NotFound", "NotFound"]
    assert isinstance(answers[1][0], bytes)
    assert [r.stream_id for r in world.log.read(0, 10)] == [other["customer_id"].bytes]
    world.do("RegisterCustomer", **body)
    assert world.do("RenameCustomer", customer_id=id, name="Anna").version == 2


def test_a_refusal_after_an_event_leaves_the_state_the_batch_had(world: World) -> None:
    body = register()
    id = body["customer_id"]
    world.do("RegisterCustomer", **body)
    taken = {"channel": "email", "value": "a@example.org", "contact_point_id": new_id()}
    other = register()
    world.do("RegisterCustomer", **other)
    world.do("AddContactPoint", customer_id=other["customer_id"], **taken)
    batch = [
        [world.submission("RenameCustomer", customer_id=id, name="Anna")],
        [world.submission("AddContactPoint", customer_id=id, **taken)],
        [world.submission("RenameCustomer", customer_id=id, name="Annie")],
    ]
    answers = world.crm.append(batch)
    assert isinstance(answers[1][0], Conflict)
    records = world.log.stream(id, limit=10)
    assert [r.version for r in records] == [1, 2, 3]
    customer: Customer = world.crm.cache[id.int]  # type: ignore[assignment]
    assert customer.contact_points == {}


def test_the_expected_version_is_held_against_the_stream(world: World) -> None:
    body = register()
    id = body["customer_id"]
    world.do("RegisterCustomer", **body)
    rename = command("RenameCustomer", customer_id=id, name="Anna")
    with pytest.raises(Conflict) as refusal:
        world.crm.execute(submission(rename, version=2))
    assert refusal.value.code == "version.stale"
    assert world.crm.execute(submission(rename, version=1)).version == 2


def test_a_claim_is_exclusive_until_it_is_released(world: World) -> None:
    one, two = register(), register()
    for body in (one, two):
        world.do("RegisterCustomer", **body, kind="organisation")
    point = new_id()
    email = {"channel": "email", "value": "Ann@Example.org"}
    world.do("AddContactPoint", customer_id=one["customer_id"], contact_point_id=point, **email)
    same = {"channel": "email", "value": "ann@example.ORG"}
    with pytest.raises(Conflict) as refusal:
        world.do("AddContactPoint", customer_id=two["customer_id"], contact_point_id=point, **same)
    assert refusal.value.code == "email.taken"
    world.do("RemoveContactPoint", customer_id=one["customer_id"], contact_point_id=point)
    world.do("AddContactPoint", customer_id=two["customer_id"], contact_point_id=point, **same)


def test_claims_change_hands_inside_one_batch(world: World) -> None:
    one, two = register(), register()
    for body in (one, two):
        world.do("RegisterCustomer", **body, kind="organisation")
    email = {"channel": "email", "value": "ann@example.org", "contact_point_id": new_id()}
    world.do("AddContactPoint", customer_id=one["customer_id"], **email)
    point = email["contact_point_id"]
    answers = world.crm.append(
        [
            [world.submission("AddContactPoint", customer_id=two["customer_id"], **email)],
            [
                world.submission(
                    "RemoveContactPoint", customer_id=one["customer_id"], contact_point_id=point
                )
            ],
            [world.submission("AddContactPoint", customer_id=two["customer_id"], **email)],
        ]
    )
    assert [isinstance(a[0], bytes) for a in answers] == [False, True, True]
    owners = [row[0] for row in world.log.db.execute("select owner from claim")]
    assert owners == [two["customer_id"].bytes]


def test_what_is_known_stays_known_after_commands_that_record_nothing(world: World) -> None:
    body = register()
    world.do("RegisterCustomer", **body)
    known = world.crm.cache[body["customer_id"].int]
    for _ in range(2):
        assert world.do("RenameCustomer", **body).events == 0
    assert world.crm.cache[body["customer_id"].int] is known


def test_the_commands_of_a_unit_see_what_the_ones_before_them_claimed(world: World) -> None:
    one, two = register(), register()
    unit = [
        world.submission("RegisterCustomer", **body, source="erp", source_id="4711")
        for body in (one, two)
    ]
    [[first, second]] = world.crm.append([unit])
    assert isinstance(first, Conflict)
    assert first is second
    assert first.code == "customer.source_id.taken"
    assert not world.topics()


def test_a_refused_unit_leaves_no_claim_and_no_receipt_behind_in_its_batch(world: World) -> None:
    one, two = register(), register()
    for body in (one, two):
        world.do("RegisterCustomer", **body, kind="organisation")
    email = {"channel": "email", "value": "ann@example.org", "contact_point_id": new_id()}
    lost = world.submission("AddContactPoint", customer_id=one["customer_id"], **email)
    bad = world.submission("RenameCustomer", customer_id=new_id(), name="Nobody")
    won = world.submission("AddContactPoint", customer_id=two["customer_id"], **email)
    answers = world.crm.append([[lost, bad], [won], [lost]])
    assert [isinstance(some[0], bytes) for some in answers] == [False, True, False]
    owners = [row[0] for row in world.log.db.execute("select owner from claim")]
    assert owners == [two["customer_id"].bytes]
    assert [record.position for record in world.log.read(0, 10)] == [1, 2, 3]
    assert orjson.loads(answers[1][0])["position"] == 3  # type: ignore[arg-type]


def test_a_broken_rule_refuses_live_and_is_a_finding_in_history(world: World) -> None:
    body = register()
    world.do("RegisterCustomer", **body)
    world.do("CloseCustomer", customer_id=body["customer_id"], reason="moved away")
    rename = command("RenameCustomer", customer_id=body["customer_id"], name="Anna")
    with pytest.raises(Conflict):
        world.crm.execute(submission(rename))
    batch = new_id()
    world.crm.execute(submission(rename, import_id=batch))
    last = world.log.read(2, 10)[-1]
    assert (last.findings, last.correlation_id) == ("customer.closed", batch.bytes)


def test_history_loads_no_stream_it_does_not_look_at_and_live_does(world: World) -> None:
    body = register()
    id = body["customer_id"]
    world.do("RegisterCustomer", **body)
    call = {"customer_id": id, "direction": "inbound", "summary": "asked"}
    for tell, is_loaded in ((world.tell, False), (world.do, True)):
        world.crm.cache.clear()
        tell("RecordCall", call_id=new_id(), **call)
        assert (id.int in world.crm.cache) == is_loaded
    assert len(world.log.of_subject(id, limit=10)) == 3


def test_time_does_not_run_ahead(world: World) -> None:
    body = register(at="2026-01-01T02:00:00Z")
    with pytest.raises(Invalid) as refusal:
        world.do("RegisterCustomer", **body)
    assert refusal.value.code == "time.future"
    world.do("RegisterCustomer", **register(at="1999-12-31T23:59:59Z"))


def test_recorded_time_never_falls_and_a_clock_far_behind_stops_the_writer(world: World) -> None:
    world.do("RegisterCustomer", **register())
    recorded = world.log.head().recorded_at
    world.now -= 60_000_000
    world.do("RegisterCustomer", **register())
    assert world.log.head().recorded_at == recorded
    world.now -= 600_000_000
    with pytest.raises(ClockBehind):
        world.do("RegisterCustomer", **register())


def test_another_writer_empties_the_cache(world: World) -> None:
    """A lock file keeps a second writer out; should one come in all the same, nothing is stale."""
    body = register()
    id = body["customer_id"]
    world.do("RegisterCustomer", **body)
    log = SQLiteLog(world.folder / "log.sqlite")
    other = Crm(log, world.keys, tenant=Tenant(), clock=world.tick)
    other.execute(world.submission("RenameCustomer", customer_id=id, name="Anna"))
    receipt = world.do("RenameCustomer", customer_id=id, name="Anna")
    assert (receipt.version, receipt.events) == (2, 0)
    log.close()


def test_a_small_cache_changes_no_answer(tmp_path: Path) -> None:
    world = World(tmp_path, cache_max=1)
    ids = [new_id() for _ in range(5)]
    for id in ids:
        world.do("RegisterCustomer", customer_id=id, name="Ann")
    for id in ids:
        assert world.do("RenameCustomer", customer_id=id, name="Anna").version == 2
    assert len(world.crm.cache) == 1
    world.close()


def test_a_log_that_is_not_durable_is_refused(tmp_path: Path) -> None:
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    log.db.execute("pragma synchronous=off")
    with pytest.raises(NotDurable):
        Crm(log, KeyStore(tmp_path / "k.sqlite", MASTER), tenant=Tenant(), clock=lambda: START)
