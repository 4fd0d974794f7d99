"""The live feed: every event once, in order, from any position, and again after a break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import httpx

from crm_es.interfaces.http.events import PAGE_SIZE
from crm_es.log.envelope import new_id
from http_server import Server


@contextmanager
def listening(
    server: Server, headers: dict[str, str] | None = None, **query: Any
) -> Iterator[Iterator[dict[str, Any]]]:
    with (
        httpx.Client(base_url=server.url, timeout=5) as client,
        client.stream("GET", "/v1/feed", params=query, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    id = topic = ""
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            id = value
        elif name == "event":
            topic = value
        elif name == "data":
            document = json.loads(value)
            assert (str(document["position"]), document["topic"]) == (id, topic)
            yield document


def head(server: Server) -> int:
    return server.own.crm.recorder.head().position


def test_the_feed_tells_what_was_and_then_what_happens(server: Server) -> None:
    customer, after = server.register(name="Ann"), head(server) - 1
    with listening(server, after=after) as events:
        assert next(events)["stream_id"] == customer
        for n in range(3):
            server.post("RenameCustomer", customer_id=customer, name=f"Ann {n}")
            event = next(events)
            assert (event["position"], event["version"]) == (after + 2 + n, 2 + n)
            assert event["data"]["name"].startswith("~1.")


def test_a_broken_feed_goes_on_behind_the_last_event_seen(server: Server) -> None:
    start = head(server)
    lines = (
        b'{"command":"RegisterCustomer","body":{"customer_id":"%b"}}\n' % str(new_id()).encode()
        for _ in range(2 * PAGE_SIZE + 50)
    )
    media_type = {"content-type": "application/x-ndjson"}
    server.client.post("/v1/commands", content=b"".join(lines), headers=media_type)
    with listening(server, after=start) as events:
        seen = [event["position"] for event in islice(events, PAGE_SIZE + 7)]
    with listening(server, {"Last-Event-ID": str(seen[-1])}, after=0) as events:
        seen += [event["position"] for event in islice(events, PAGE_SIZE + 43)]
    assert seen == list(range(start + 1, start + 2 * PAGE_SIZE + 51))


def test_a_feed_of_some_topics_leaves_the_others_out(server: Server) -> None:
    start, customer = head(server), server.register()
    server.post("RenameCustomer", customer_id=customer, name="Ann")
    server.post("CloseCustomer", customer_id=customer, reason="moved")
    with listening(server, after=start, topic="customer.closed") as events:
        assert next(events)["position"] == start + 3


def test_a_position_to_come_is_no_place_to_start(server: Server) -> None:
    answer = server.client.get("/v1/feed", params={"after": head(server) + 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "position.beyond_head")
    answer = server.client.get("/v1/feed", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "last_event_id.format")
