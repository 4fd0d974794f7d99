"""Reads over HTTP: never older than asked, as of any moment, page by page, opened at the edge."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_es import bootstrap
from crm_es.log.envelope import new_id
from crm_es.log.keys import KeyStore, master_key
from crm_es.projections.views.catalogue import Catalogue
from http_server import Server


def head(server: Server) -> int:
    return server.own.crm.recorder.head().position


def fresh(server: Server, path: str, **asked: Any) -> httpx.Response:
    asked = {"min_position": head(server), "wait_ms": 5_000, **asked}
    return server.client.get(f"/v1{path}", params=asked)


def call(server: Server, customer: str, **body: Any) -> str:
    id = str(new_id())
    answer = server.post(
        "RecordCall", call_id=id, customer_id=customer, direction="inbound", result="answered",
        **body,
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return id


# Read your writes.


def test_what_was_written_is_read_and_the_answer_says_at_which_position(server: Server) -> None:
    customer = server.register(name="Ann Example")
    written = server.post("RenameCustomer", customer_id=customer, name="Bea Example")
    position = written.json()["position"]
    read = server.client.get(f"/v1/customers/{customer}", params={"min_position": position})
    assert read.status_code == 200
    assert read.json()["profile"]["name"] == "Bea Example"
    assert int(read.headers["x-position"]) >= position
    assert float(read.headers["x-age"]) < 60
    assert read.headers["etag"] == written.headers["etag"] == '"2"'


def test_the_etag_of_what_was_read_guards_a_change(server: Server) -> None:
    customer = server.register(name="Ann Example")
    etag = fresh(server, f"/customers/{customer}").headers["etag"]
    first = server.post("RenameCustomer", {"If-Match": etag}, customer_id=customer, name="Bea")
    second = server.post("RenameCustomer", {"If-Match": etag}, customer_id=customer, name="Cleo")
    assert (first.status_code, second.status_code) == (201, 409)


@pytest.mark.parametrize("path", ["/customers", "/search?q=ann", "/customers/{id}/timeline"])
def test_a_position_beyond_the_head_is_no_position(server: Server, path: str) -> None:
    customer = server.register()
    path = path.replace("{id}", customer)
    answer = server.client.get(
        f"/v1{path}", params={"min_position": head(server) + 1_000, "q": "a"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "position.beyond_head")


@pytest.fixture
def halting(tmp_path: Path) -> Iterator[Server]:
    """A server of its own, whose views can be halted."""
    server = Server(tmp_path)
    yield server
    server.close()


def test_what_is_not_there_in_time_is_not_answered(halting: Server) -> None:
    before = halting.register(name="Ann Example")
    assert fresh(halting, f"/customers/{before}").status_code == 200
    halting.halt_views()
    after = halting.register(name="Bea Example")
    began = monotonic()
    late = fresh(halting, f"/customers/{after}", wait_ms=200)
    assert 0.2 <= monotonic() - began < 2
    assert (late.status_code, late.json()["code"]) == (503, "position.not_reached")
    assert late.headers["retry-after"]
    # Without asking, the old is answered, and says how old it is.
    old = halting.client.get(f"/v1/customers/{before}")
    assert (old.status_code, old.headers["x-position"]) == (200, str(head(halting) - 1))
    assert float(old.headers["x-age"]) > 0
    assert halting.client.get(f"/v1/customers/{after}").status_code == 404
    # What is read from the log itself is never behind.
    assert len(fresh(halting, f"/customers/{after}/timeline").json()["items"]) == 1


def test_many_wait_together_and_are_all_answered(server: Server) -> None:
    customers, answers = [server.register() for _ in range(8)], []
    position = head(server) + 1

    def ask(id: str) -> None:
        asked = {"min_position": position, "wait_ms": 5_000}
        with httpx.Client(base_url=server.url, timeout=10) as client:
            answers.append(client.get(f"/v1/customers/{id}", params=asked).status_code)

    threads = [threading.Thread(target=ask, args=(id,)) for id in customers]
    written = server.register()  # so that the position is there
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
    assert fresh(server, f"/customers/{written}").status_code == 200


# As of a moment.


def test_a_customer_is_shown_as_it_was_and_as_it_was_known(server: Server) -> None:
    customer = server.register(name="Ann", at="2026-01-01T10:00:00Z")
    server.post("RenameCustomer", customer_id=customer, name="Bea", at="2026-03-01T10:00:00Z")
    between = datetime.now(UTC).isoformat()
    call(server, customer, at="2026-02-01T10:00:00Z", seconds=60)

    def shown(**asked: str) -> Any:
        return fresh(server, f"/customers/{customer}", **asked).json()

    assert shown()["profile"]["name"] == "Bea"
    winter = shown(as_of="2026-02-02T00:00:00Z")
    assert winter["profile"]["name"] == "Ann"
    assert winter["figures"]["calls"] == 1
    assert shown(as_of="2026-01-15T00:00:00Z")["figures"]["calls"] == 0
    # The call was in February, but nobody had told of it yet.
    assert shown(known_at=between)["figures"]["calls"] == 0
    assert shown(as_of="2026-02-02T00:00:00Z", known_at=between)["profile"]["name"] == "Ann"
    assert fresh(server, f"/customers/{customer}", as_of="2025-01-01T00:00:00Z").status_code == 404


def test_a_timeline_ends_at_the_moment_it_is_asked_for(server: Server) -> None:
    customer = server.register(at="2026-01-01T10:00:00Z")
    call(server, customer, at="2026-02-01T10:00:00Z")
    path = f"/customers/{customer}/timeline"
    lines = fresh(server, path).json()["items"]
    assert [line["topic"] for line in lines] == ["call.recorded", "customer.registered"]
    (first,) = fresh(server, path, as_of="2026-01-15T00:00:00Z").json()["items"]
    assert first["topic"] == "customer.registered"


def test_a_history_says_what_each_event_changed(server: Server) -> None:
    customer = server.register(owner="ann")
    server.post("TransferCustomer", customer_id=customer, owner="bea")
    told = fresh(server, f"/customers/{customer}/history", limit=1).json()
    assert told["items"][0]["changes"]["owner"] == [None, "ann"]
    rest = fresh(server, f"/customers/{customer}/history", after=told["next"]).json()
    assert rest["items"][0]["changes"]["owner"] == ["ann", "bea"]
    assert rest["next"] is None
    assert fresh(server, f"/customers/{new_id()}/history").status_code == 404
    profile = fresh(server, f"/customers/{customer}").json()["profile"]
    assert told["items"][0]["changes"]["at"] == [None, profile["at"]]


# Lists.


def test_pages_follow_on_one_another_and_hold_everything_once(server: Server) -> None:
    customer = server.register()
    made = {call(server, customer, at=f"2026-01-{day:02}T10:00:00Z") for day in (1, 2, 2, 2, 3, 4)}
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = fresh(server, "/calls", customer=customer, limit=2, **after).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == len(set(seen)) == 6
    assert set(seen) == made


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"limit": 0}, 422), ({"limit": 201}, 422), ({"after": "nonsense"}, 422),
        ({"after": "x" * 501}, 422), ({"min_position": -1}, 422), ({"min_position": 2**60}, 422),
        ({"wait_ms": 60_000}, 422), ({"customer": "not-an-id"}, 422), ({"since": "now"}, 422),
        ({"since": "9999-12-31T23:59:59Z"}, 422), ({"agent": ""}, 422), ({"agent": "x" * 201}, 422),
        ({"agent": "\0"}, 200), ({"unknown": "1"}, 200),
    ],
)  # fmt: skip
def test_a_list_is_asked_for_within_bounds(
    server: Server, asked: dict[str, Any], status: int
) -> None:
    answer = server.client.get("/v1/calls", params=asked)
    assert answer.status_code == status, answer.text


def test_a_list_is_filtered_by_what_its_query_takes(server: Server) -> None:
    server.post("DefineField", kind="customer", name="colour")
    red = server.register(attributes={"colour": "red"}, owner="zoe")
    server.register(attributes={"colour": "blue"}, owner="zoe")
    found = fresh(server, "/customers", owner="zoe", attribute="colour:red").json()["items"]
    assert [item["id"] for item in found] == [red]


@pytest.mark.parametrize("path", ["/customers", "/calls", "/orders", "/cases", "/opportunities"])
def test_what_is_not_there_is_not_found(server: Server, path: str) -> None:
    answer = server.client.get(f"/v1{path}/{new_id()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "resource.not_found")
    assert server.client.get(f"/v1{path}/nonsense").status_code == 422


def test_customers_are_found_by_a_piece_of_their_name(server: Server) -> None:
    customer = server.register(name="Zenobia Quintessence")
    found = fresh(server, "/search", q="quintess").json()["items"]
    assert [(one["id"], one["name"]) for one in found] == [(customer, "Zenobia Quintessence")]


# What is sealed.


def test_who_is_erased_shows_as_erased_and_who_has_no_key_is_an_error(tmp_path: Path) -> None:
    server = Server(tmp_path)
    erased, lost = server.register(name="Ann Example"), server.register(name="Bea Example")
    with closing(sqlite3.connect(server.settings.folder.keys, isolation_level=None)) as keys:
        keys.execute("delete from key where subject in (?,?)", (_raw(erased), _raw(lost)))
        keys.execute("insert into tombstone(subject) values(?)", (_raw(erased),))
    shown = fresh(server, f"/customers/{erased}")
    assert (shown.status_code, shown.json()["profile"]["name"]) == (200, {"erased": True})
    gone = fresh(server, f"/customers/{lost}")
    assert (gone.status_code, gone.json()["code"]) == (503, "personal.key_missing")
    server.close()


def test_nobody_has_a_sealed_text_opened_by_sending_it_back(server: Server) -> None:
    secret = server.register(name="Ann Example")
    event = server.client.get(f"/v1/events/{head(server)}").json()
    assert event["stream_id"] == secret
    token = event["data"]["name"]
    answer = server.post("RegisterCustomer", customer_id=str(new_id()), owner=token)
    assert answer.status_code == 422
    assert "text." in answer.json()["code"]
    answer = server.post("RegisterCustomer", customer_id=str(new_id()), owner="~1.short")
    assert (answer.status_code, answer.json()["code"]) == (422, "text.reserved")
    header = {"X-Actor": "~1.short"}
    answer = server.post("RegisterCustomer", header, customer_id=str(new_id()))
    assert (answer.status_code, answer.json()["code"]) == (400, "actor.format")


def _raw(id: str) -> bytes:
    return UUID(id).bytes


# What stands still.


def test_a_row_that_stands_still_says_so_and_is_not_passed_off_as_fresh(halting: Server) -> None:
    still, other = halting.register(name="Ann"), halting.register(name="Bea")
    fresh(halting, f"/customers/{other}")
    halting.halt_views()
    with closing(Catalogue(halting.settings.folder.views)) as catalogue:
        live = catalogue.live()
    assert live is not None
    with closing(sqlite3.connect(live.path, isolation_level=None)) as db:
        parked = ("customers", _raw(still), 2, "KeyError: 'name'")
        db.execute("insert into parked values(?,?,?,?)", parked)
    shown = halting.client.get(f"/v1/customers/{still}")
    assert shown.status_code == 200
    assert shown.json()["parked"] == [{"view": "customers", "id": still, "since": 2}]
    asked = {"min_position": 2}
    refused = halting.client.get(f"/v1/customers/{still}", params=asked)
    assert (refused.status_code, refused.json()["code"]) == (503, "row.parked")
    assert halting.client.get(f"/v1/customers/{other}", params=asked).status_code == 200
    listed = halting.client.get("/v1/customers").json()
    assert [one["id"] for one in listed["parked"]] == [still]
    assert halting.client.get("/readyz").json()["status"] == "degraded"


# Facts.


def test_a_fact_table_holds_what_was_written(server: Server) -> None:
    customer = server.register()
    call(server, customer, seconds=77)
    asked = {"min_position": head(server)}
    table = server.client.get("/v1/facts/fact_call.csv", params=asked)
    assert table.status_code == 200
    assert customer in table.text
    assert int(table.headers["x-position"]) >= head(server)


def test_a_key_that_is_destroyed_opens_nothing_any_more_whoever_had_it_in_memory(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path)
    ann, bob = server.register(name="Ann Example"), server.register(name="Bob Example")

    def names(customer: str) -> list[Any]:
        """As told by every thread that reads, most likely."""
        answers = [server.client.get(f"/v1/customers/{customer}") for _ in range(20)]
        return [answer.json()["profile"]["name"] for answer in answers]

    asked = {"min_position": head(server), "wait_ms": 5_000}
    assert server.client.get(f"/v1/customers/{bob}", params=asked).status_code == 200
    assert names(ann) == ["Ann Example"] * 20
    folder = server.settings.folder
    keys = KeyStore(folder.keys, master_key(folder.master_key))
    keys.destroy(UUID(ann).bytes)
    assert names(ann) == [{"erased": True}] * 20
    assert names(bob) == ["Bob Example"] * 20
    keys.close()
    server.close()


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/search", "/q"), ("/customers?limit=x", "/limit"), ("/calls?customer=x", "/customer"),
        ("/customers/x", "/id"), ("/opportunities/stale", "/before"),
    ],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_is_pointed_at(
    server: Server, path: str, pointer: str
) -> None:
    answer = server.client.get(f"/v1{path}")
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)


def test_facts_are_listed_with_their_columns(server: Server) -> None:
    listed = server.client.get("/v1/facts").json()["facts"]
    (calls,) = [fact for fact in listed if fact["name"] == "fact_call"]
    assert {"customer_id", "calls", "position"} <= {column["name"] for column in calls["columns"]}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/facts/no_such_fact.csv", 404), ("/facts/fact_call.xlsx", 422),
        ("/facts/fact_call.csv?min_position=900000000", 400), ("/questions/no_such", 404),
        ("/questions/pipeline_at", 422), ("/questions/pipeline_at?moment=2026-01-01", 200),
        ("/questions/pipeline_at?moment=2026-01-01&min_position=x", 422), ("/facts/FACT.csv", 422),
    ],
)  # fmt: skip
def test_what_facts_are_asked_wrongly_is_told(server: Server, path: str, status: int) -> None:
    assert server.client.get(f"/v1{path}").status_code == status


def test_our_own_questions_are_listed_and_point_at_what_makes_no_sense(server: Server) -> None:
    (asked,) = [
        one for one in server.client.get("/v1/questions").json()["items"]
        if one["name"] == "pipeline_at"
    ]  # fmt: skip
    assert asked["parameters"] == {"moment": "timestamptz"}
    answer = server.client.get("/v1/questions/pipeline_at", params={"moment": "soon"})
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/moment")


def test_reads_are_only_for_those_with_a_key(tmp_path: Path) -> None:
    server = Server(tmp_path, api_keys="shop:s3cr3t-k3y-0123456789-abcdefghijklmnopqrstuv")
    for path in ("/v1/customers", "/v1/search?q=a", "/v1/facts", "/v1/imports", "/metrics"):
        assert server.client.get(path).status_code == 401
    assert bootstrap.open_log(server.settings).head().position == 0
    server.close()
