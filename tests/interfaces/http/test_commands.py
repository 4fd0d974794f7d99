"""Commands over HTTP: receipts, repeats, versions, batches, and who is asking."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from crm_es.access import Keyring, NotLoopback, check_address
from crm_es.log.envelope import new_id
from http_server import Server

KEY = "s3cr3t-k3y-0123456789-abcdefghijklmnopqrstuv"


def head(server: Server) -> int:
    return server.own.crm.recorder.head().position


def key(id: object | None = None) -> dict[str, str]:
    return {"Idempotency-Key": str(id or new_id())}


def test_a_receipt_says_where_the_command_stands(server: Server) -> None:
    command_id, customer = new_id(), str(new_id())
    answer = server.post("RegisterCustomer", key(command_id), customer_id=customer, name="Ann")
    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt == {
        "command_id": str(command_id), "stream_id": customer, "version": 1,
        "position": head(server), "events": 1,
    }  # fmt: skip
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["x-position"] == str(receipt["position"])
    stored = server.client.get(f"/v1/receipts/{command_id}")
    assert (stored.json(), stored.headers["etag"]) == (receipt, '"1"')
    event = server.client.get(f"/v1/events/{receipt['position']}").json()
    assert (event["topic"], event["subjects"]) == ("customer.registered", [customer])
    assert "Ann" not in json.dumps(event)


def test_asking_for_what_is_so_records_nothing(server: Server) -> None:
    customer, before = server.register(name="Ann"), head(server)
    answer = server.post("RenameCustomer", customer_id=customer, name="Ann")
    assert (answer.status_code, answer.json()["events"], head(server)) == (200, 0, before)


def test_sixteen_clients_with_one_key_have_one_effect_and_one_answer(server: Server) -> None:
    headers, body, before = key(), {"customer_id": str(new_id()), "name": "Ann"}, head(server)
    with ThreadPoolExecutor(16) as pool:
        tasks = [pool.submit(server.post, "RegisterCustomer", headers, **body) for _ in range(16)]
        answers = Counter((t.result().status_code, t.result().text) for t in tasks)
    assert list(answers.values()) == [16]
    assert next(iter(answers))[0] == 201
    assert head(server) == before + 1


def test_a_repeat_has_the_first_answer_after_things_have_changed(server: Server) -> None:
    customer, headers = server.register(name="Ann"), key()
    first = server.post("RenameCustomer", headers, customer_id=customer, name="Bea")
    server.post("RenameCustomer", customer_id=customer, name="Cleo")
    server.post("CloseCustomer", customer_id=customer, reason="moved")
    before = head(server)
    again = server.post("RenameCustomer", headers, customer_id=customer, name="Bea")
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert head(server) == before


def test_one_key_for_another_body_is_refused(server: Server) -> None:
    customer, headers = server.register(name="Ann"), key()
    server.post("RenameCustomer", headers, customer_id=customer, name="Bea")
    answer = server.post("RenameCustomer", headers, customer_id=customer, name="Cleo")
    assert (answer.status_code, answer.json()["code"]) == (422, "command.id_reused")
    answer = server.post("CloseCustomer", headers, customer_id=customer, reason="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "command.id_reused")


def test_a_refused_command_may_succeed_later_under_its_key(server: Server) -> None:
    customer, headers = str(new_id()), key()
    body = {"customer_id": customer, "name": "Ann"}
    assert server.post("RenameCustomer", headers, **body).json()["code"] == "customer.not_found"
    assert server.post("RegisterCustomer", customer_id=customer).status_code == 201
    assert server.post("RenameCustomer", headers, **body).status_code == 201


def test_if_match_lets_only_the_expected_version_through(server: Server) -> None:
    customer = server.register(name="Ann")
    stale = server.post("RenameCustomer", {"If-Match": '"7"'}, customer_id=customer, name="Bea")
    assert (stale.status_code, stale.json()["code"]) == (409, "version.stale")
    fine = server.post("RenameCustomer", {"If-Match": '"1"'}, customer_id=customer, name="Bea")
    assert (fine.status_code, fine.headers["etag"]) == (201, '"2"')


def test_of_many_who_saw_one_version_one_wins(server: Server) -> None:
    customer, match = server.register(name="Ann"), {"If-Match": '"1"'}

    def rename(n: int) -> int:
        body = {"customer_id": customer, "name": f"Ann {n}"}
        return server.post("RenameCustomer", match, **body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(rename, range(8))) == {201: 1, 409: 7}


def test_actor_and_chain_stand_in_the_event(server: Server) -> None:
    correlation, causation = str(new_id()), str(new_id())
    headers = [
        (b"X-Actor", "Bjørn".encode()),
        (b"X-Correlation-Id", correlation.encode()),
        (b"X-Causation-Id", causation.encode()),
    ]
    body = {"customer_id": str(new_id())}
    answer = server.client.post("/v1/commands/RegisterCustomer", json=body, headers=headers)
    event = server.client.get(f"/v1/events/{answer.json()['position']}").json()
    assert event["actor"] == "Bjørn"
    assert (event["correlation_id"], event["causation_id"]) == (correlation, causation)


# Batches.


def batch(server: Server, *lines: bytes, client: httpx.Client | None = None) -> list[Any]:
    answer = (client or server.client).post(
        "/v1/commands", content=b"\n".join(lines), headers={"content-type": "application/x-ndjson"}
    )
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def line(command: str, /, command_id: str | None = None, **body: Any) -> bytes:
    found: dict[str, Any] = {"command": command, "body": body}
    return json.dumps({**found, "command_id": command_id} if command_id else found).encode()


def test_each_line_of_a_batch_has_a_result_of_its_own(server: Server) -> None:
    customer = str(new_id())
    results = batch(
        server,
        line("RegisterCustomer", customer_id=customer, name="Ann"),
        b"",
        line("RegisterCustomer", customer_id=customer, name="Ann"),
        line("RenameCustomer", customer_id=customer, name=""),
        b'{"command":"RenameCustomer","body":{},"body":{}}',
        line("DropTables"),
        line("RenameCustomer", customer_id=customer, name="Bea"),
    )
    assert [result["line"] for result in results] == [1, 2, 3, 4, 5, 6]
    assert [result["status"] for result in results] == [201, 409, 422, 400, 404, 201]
    codes = [result.get("problem", {}).get("code") for result in results]
    assert codes[1:5] == [
        "customer.exists", "text.too_short", "json.duplicate_key", "command.unknown",
    ]  # fmt: skip
    assert results[-1]["receipt"]["version"] == 2


def test_a_batch_sent_twice_records_once(server: Server) -> None:
    lines = [line("RegisterCustomer", str(new_id()), customer_id=str(new_id())) for _ in range(600)]
    before = head(server)
    first, second = batch(server, *lines), batch(server, *lines)
    assert first == second
    assert head(server) == before + 600


def test_a_batch_line_that_never_ends_is_cut_off(server: Server) -> None:
    good = line("RegisterCustomer", customer_id=str(new_id()))
    results = batch(server, good, b" " * (1024 * 1024) + b'{"a')
    assert [result["status"] for result in results] == [201, 413]


# Who is asking.


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("guarded"), api_keys=f"erp:{KEY}")
    yield server
    server.close()


def test_with_keys_set_nobody_asks_without_one(guarded: Server) -> None:
    for path in ("/v1/events/1", "/metrics", "/openapi.json", "/nowhere"):
        answer = guarded.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "key.missing")
        assert answer.headers["www-authenticate"] == "Bearer"
    wrong = {"Authorization": f"Bearer {KEY}x"}
    assert guarded.client.get("/v1/events/1", headers=wrong).json()["code"] == "key.unknown"
    assert guarded.post("RegisterCustomer", wrong, customer_id=str(new_id())).status_code == 401
    assert guarded.client.get("/livez").status_code == 200


def test_a_machine_must_name_its_commands_and_acts_for_someone(guarded: Server) -> None:
    bearer = {"Authorization": f"Bearer {KEY}", "X-Actor": "ann"}
    body = {"customer_id": str(new_id())}
    answer = guarded.post("RegisterCustomer", bearer, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key.missing")
    answer = guarded.post("RegisterCustomer", {**bearer, **key()}, **body)
    assert answer.status_code == 201
    position = answer.json()["position"]
    event = guarded.client.get(f"/v1/events/{position}", headers=bearer).json()
    assert (event["actor"], event["on_behalf_of"]) == ("erp", "ann")
    client = httpx.Client(base_url=guarded.url, headers=bearer)
    named, nameless = str(new_id()), line("RegisterCustomer", customer_id=str(new_id()))
    results = batch(
        guarded, nameless, line("RegisterCustomer", named, customer_id=named), client=client
    )
    assert [result["status"] for result in results] == [400, 201]


def test_a_stranger_s_address_needs_a_key() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "crm.example"):  # noqa: S104 - that is the point
        with pytest.raises(NotLoopback):
            check_address(host, Keyring([]))
    for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
        check_address(host, Keyring([]))
