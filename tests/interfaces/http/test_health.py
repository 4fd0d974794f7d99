"""Liveness, readiness, figures, and a documentation page that needs nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_es import bootstrap
from crm_es.followers.standing import Standing
from http_server import Server


def sample(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


def test_figures_count_what_was_done(server: Server) -> None:
    posted = 'crm_http_requests_total{method="POST",route="/v1/commands/{name}",status="201"}'
    server.register()
    before = server.client.get("/metrics").text
    customer = server.register()
    server.client.get(f"/v1/receipts/{customer}")
    after = server.client.get("/metrics").text
    assert sample(after, posted) == sample(before, posted) + 1
    assert sample(after, "crm_append_commands_total") > sample(before, "crm_append_commands_total")
    assert sample(after, "crm_append_seconds_count") > sample(before, "crm_append_seconds_count")
    assert sample(after, "crm_log_head") == sample(before, "crm_log_head") + 1
    assert customer not in after


class Lagging:
    """A follower that a test puts wherever it likes."""

    standing = Standing("views", 0)


@pytest.fixture(scope="module")
def lagging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Lagging]]:
    follower = Lagging()
    server = Server(
        tmp_path_factory.mktemp("lag"),
        with_facts=True,
        change=lambda parts: replace(parts, standings=lambda _: (follower.standing,)),
    )
    yield server, follower
    server.close()


def test_a_follower_s_lag_is_told_in_events_and_seconds(lagging: tuple[Server, Lagging]) -> None:
    server, follower = lagging
    for _ in range(3):
        server.register()
    follower.standing = Standing("views", 1)
    text = server.client.get("/metrics").text
    assert sample(text, 'crm_lag_events{follower="views"}') == 2
    assert 0 < sample(text, 'crm_lag_seconds{follower="views"}') < 60
    follower.standing = Standing("views", 3)
    text = server.client.get("/metrics").text
    assert sample(text, 'crm_lag_events{follower="views"}') == 0
    assert sample(text, 'crm_lag_seconds{follower="views"}') == 0


def test_what_is_set_aside_makes_it_degraded_not_unready(lagging: tuple[Server, Lagging]) -> None:
    server, follower = lagging
    head = server.own.crm.recorder.head().position
    follower.standing = Standing("views", head)
    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    follower.standing = Standing("views", head, parked=2, rejected=1)
    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert len(ready.json()["reasons"]) == 2


def test_every_follower_tells_how_far_it_is(server: Server) -> None:
    server.register()
    ready = server.client.get("/readyz").json()
    assert set(ready["followers"]) == {"views", "search", "facts"}


def test_facts_that_do_not_answer_make_it_degraded(tmp_path: Path) -> None:
    server = Server(tmp_path)
    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()["reasons"]) == (200, ["facts: does not answer"])
    assert server.client.get("/v1/facts/fact_call.csv").status_code == 503
    server.close()


def test_without_a_writer_it_lives_but_is_not_ready(tmp_path: Path) -> None:
    server = Server(tmp_path, submitter=bootstrap.open_async_submitter)
    assert server.client.get("/livez").status_code == 200
    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unready")
    assert sample(server.client.get("/metrics").text, "crm_writer_up") == 0
    server.close()


def test_the_documentation_page_fetches_nothing_from_elsewhere(server: Server) -> None:
    page = server.client.get("/docs/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for asset in ["/docs/", *re.findall(r'(?:src|href)="([^"]+)"', page.text)]:
        answer = server.client.get(asset if asset.startswith("/") else f"/docs/{asset}")
        assert answer.status_code == 200
        assert "//" not in re.sub(r"^\s*// .*$", "", answer.text, flags=re.MULTILINE)


def test_nothing_is_kept_by_caches_or_shared_with_other_origins(server: Server) -> None:
    for path in ("/livez", "/v1/events/1", "/nowhere", "/docs/"):
        answer = server.client.get(path, headers={"Origin": "https://evil.example"})
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not any(name.startswith("access-control") for name in answer.headers)
