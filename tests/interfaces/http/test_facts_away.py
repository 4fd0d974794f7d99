"""While the facts process is away the newest snapshot answers, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from time import sleep
from typing import Any

import httpx
import pytest

from crm_es import bootstrap
from crm_es.log.envelope import new_id
from http_server import Server

CALLS = "/v1/facts/fact_call.csv"
MOMENT = {"moment": "2026-01-01T00:00:00Z"}


def call(server: Server) -> int:
    told: dict[str, Any] = {"direction": "inbound", "result": "answered", "seconds": 5}
    answer = server.post("RecordCall", call_id=str(new_id()), **told)
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    return position


def rows(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return len(answer.text.splitlines()) - 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three calls of which two are published, and nobody who owns the facts."""
    server = Server(tmp_path_factory.mktemp("away"), with_facts=True)
    server.client.timeout = 60
    for _ in range(2):
        position = call(server)
    while server.client.get(CALLS, params={"min_position": position}).status_code != 200:
        sleep(0.05)
    assert bootstrap.publish_facts(server.settings) == 2
    call(server)
    server.stop_facts()
    yield server
    server.close()


def test_a_table_is_that_of_the_snapshot_and_says_of_when(server: Server) -> None:
    answer = server.client.get(CALLS)
    assert (rows(answer), answer.headers["x-position"]) == (2, "2")
    assert answer.headers["x-snapshot"].startswith("20")
    assert float(answer.headers["x-age"]) > 0


def test_what_must_be_newer_than_the_snapshot_is_not_answered(server: Server) -> None:
    assert rows(server.client.get(CALLS, params={"min_position": 2})) == 2
    newer = server.client.get(CALLS, params={"min_position": 3})
    assert (newer.status_code, newer.json()["code"]) == (503, "facts.silent")
    assert newer.headers["retry-after"]
    beyond = server.client.get(CALLS, params={"min_position": 4})
    assert (beyond.status_code, beyond.json()["code"]) == (400, "position.unknown")


def test_tables_and_questions_are_listed_and_answered_too(server: Server) -> None:
    names = {fact["name"] for fact in server.client.get("/v1/facts").json()["facts"]}
    assert {"fact_call", "dim_customer"} <= names
    assert server.client.get("/v1/questions").json()["items"]
    answer = server.client.get("/v1/questions/pipeline_at", params=MOMENT)
    assert (answer.json()["position"], answer.headers["x-position"]) == (2, "2")
    wrong = server.client.get("/v1/questions/pipeline_at", params={"moment": "soon"})
    assert (wrong.status_code, wrong.json()["pointer"]) == (422, "/moment")
    assert server.client.get("/v1/facts/no_such_fact.csv").status_code == 404


def test_a_fact_is_told_of_any_earlier_position_and_a_view_of_the_snapshots_own(
    server: Server,
) -> None:
    assert rows(server.client.get(CALLS, params={"as_of_position": 1})) == 1
    view = "/v1/facts/dim_customer.csv"
    assert rows(server.client.get(view, params={"as_of_position": 2})) == 0
    earlier = server.client.get(view, params={"as_of_position": 1})
    assert (earlier.status_code, earlier.json()["code"]) == (503, "facts.silent")


def test_once_it_is_back_the_facts_process_answers_itself(server: Server) -> None:
    assert "x-snapshot" in server.client.get(CALLS).headers
    server.start_facts()
    answer = server.client.get(CALLS, params={"min_position": 3})
    assert rows(answer) == 3
    assert "x-snapshot" not in answer.headers
    server.stop_facts()


def test_without_a_snapshot_nothing_is_made_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("never"))
    answer = server.client.get(CALLS)
    assert (answer.status_code, answer.json()["code"]) == (503, "facts.silent")
    server.close()
