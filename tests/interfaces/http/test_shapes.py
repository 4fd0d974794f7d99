"""What is answered looks as the document says: every field of it, and none besides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import BaseModel, RootModel

from crm_es import bootstrap
from crm_es.intake.demo import loader
from crm_es.interfaces.http.resources.routes import Detail, Document, Listing, Single
from crm_es.interfaces.http.resources.views import RESOURCES
from crm_es.interfaces.http.shapes.customer import Customer360, TimelineLine
from crm_es.log.queue import DirectSubmitter
from crm_es.projections.timeline.reading import timeline_of_subject
from crm_es.projections.views.customer_360 import document_as_of
from crm_es.projections.views.folding import Moment, row_as_of
from crm_es.projections.views.items import item
from histories import History
from http_server import Server
from world import World

UNTIL = datetime(2025, 11, 3, tzinfo=UTC)
ROUTES = [route for some in RESOURCES.values() for route in some]
EMPTY = {"/imports", "/data-quality", "/calls/missed"}
"""Nobody imports anything into the demo, and all its missed calls may have been called back."""
REQUIRED = {"owner": "s.eriksen", "since": "2024-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z",
            "before": "2026-01-01T00:00:00Z"}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("demo"))
    submitter = bootstrap.open_submitter(server.settings)
    assert not isinstance(submitter, DirectSubmitter)
    assert not loader.play(submitter, UNTIL, customers=80).refused
    submitter.close()
    server.client.timeout = 30
    yield server
    server.close()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    history = History(World(tmp_path_factory.mktemp("log")), seed=11)
    history.run(6_000)
    return history


def test_rows_are_as_told_whatever_happens(history: History) -> None:
    """No row of a random history has a field that its shape does not know, or lacks one."""
    log = history.world.log
    streams = {record.stream_id for record in log.read(0, 100_000)}
    shapes = {r.view.name: (r.view, r.shape) for r in ROUTES if isinstance(r, Listing)}
    for view, shape in shapes.values():
        rows = [row for key in streams if (row := row_as_of(log, view, UUID(bytes=key)))]
        assert rows, view.name
        for row in rows:
            if row.state is not None:
                check(shape, item(row.key, row.version, row.state), view.name)


def test_customers_are_as_told_whatever_happens(history: History) -> None:
    now = datetime.now(UTC)
    for customer in history.customers:
        check(Customer360, document_as_of(history.world.log, customer, Moment(), now), "customer")
        for line in timeline_of_subject(history.world.log, customer, limit=200).items:
            check(TimelineLine, line, "timeline")


def get(server: Server, path: str, **asked: Any) -> Any:
    head = server.own.crm.head.position
    asked |= {"min_position": head, "wait_ms": 10_000}
    answer = server.client.get(f"/v1{path}", params=asked)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def check(shape: Any, value: Any, where: str) -> None:
    """The value has the members of the shape, all that must be there and no others."""
    if value is None:
        return
    kinds = get_args(shape) if get_origin(shape) in {Union, UnionType} else (shape,)
    for kind in kinds:
        if get_origin(kind) is list and isinstance(value, list):
            for member in value:
                check(get_args(kind)[0], member, f"{where}[]")
        elif get_origin(kind) is dict and isinstance(value, dict):
            for member in value.values():
                check(get_args(kind)[1], member, f"{where}{{}}")
        elif isinstance(kind, type) and issubclass(kind, RootModel):
            kind.model_validate(value)
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict):
            fields = kind.model_fields
            required = {name for name, field in fields.items() if field.is_required()}
            assert required <= value.keys() <= fields.keys(), (where, value.keys() ^ fields.keys())
            for name, member in value.items():
                check(fields[name].annotation, member, f"{where}.{name}")
            kind.model_validate(value)


@pytest.mark.parametrize(
    "listing", [r for r in ROUTES if isinstance(r, Listing)], ids=lambda r: str(r.path)
)
def test_items_of_lists_are_as_told(demo: Server, listing: Listing) -> None:
    names = listing.query.__kwdefaults__ or {}
    known = listing.query.__annotations__.keys() - names.keys()
    asked = {name: value for name, value in REQUIRED.items() if name in known}
    found = get(demo, listing.path, **asked)
    assert found["items"] or listing.path in EMPTY
    for shown in found["items"]:
        check(listing.shape, shown, listing.path)


@pytest.mark.parametrize(
    "single", [r for r in ROUTES if isinstance(r, Single)], ids=lambda r: str(r.path)
)
def test_a_thing_as_of_now_is_the_thing_as_it_is(demo: Server, single: Single) -> None:
    if single.path in EMPTY:
        return
    shown = get(demo, single.path)["items"][0]
    answer = demo.client.get(f"/v1{single.path}/{shown['id']}")
    now = datetime.now(UTC).isoformat()
    then = demo.client.get(f"/v1{single.path}/{shown['id']}", params={"as_of": now})
    assert shown == answer.json() == then.json()
    assert answer.headers["etag"] == f'"{shown["version"]}"' == then.headers["etag"]


@pytest.mark.parametrize(
    "document",
    [r for r in ROUTES if isinstance(r, Document) and "{" not in r.path],
    ids=lambda r: str(r.path),
)
def test_documents_are_as_told(demo: Server, document: Document) -> None:
    check(document.shape, get(demo, document.path), document.path)


def test_documents_of_one_thing_are_as_told(demo: Server) -> None:
    of = {"{pipeline}": "/pipelines", "{campaign}": "/campaigns"}
    for document in [r for r in ROUTES if isinstance(r, Document) and "{" in r.path]:
        for name, path in of.items():
            if name in document.path:
                id = get(demo, path)["items"][0]["id"]
                check(document.shape, get(demo, document.path.replace(name, id)), document.path)


def test_what_one_thing_consists_of_is_as_told(demo: Server) -> None:
    for detail in [r for r in ROUTES if isinstance(r, Detail)]:
        things, _, _ = detail.path.partition("/{id}")
        path = detail.path.replace("{id}", get(demo, things)["items"][0]["id"])
        found = get(demo, path, limit=1)
        assert found["items"]
        check(detail.shape, found["items"][0], path)
        later = get(demo, path, after=1)["items"] if found["next"] else []
        assert get(demo, path)["items"] == [*found["items"], *later]


def test_customers_are_as_told_now_and_then(demo: Server) -> None:
    for customer in get(demo, "/customers")["items"]:
        path = f"/customers/{customer['id']}"
        now = get(demo, path)
        check(Customer360, now, path)
        assert now == get(demo, path, as_of=datetime.now(UTC).isoformat())
        for line in get(demo, f"{path}/timeline")["items"]:
            check(TimelineLine, line, path)


def test_search_finds_them(demo: Server) -> None:
    (found,) = get(demo, "/search", q="nordhaven")["items"]
    assert found["name"] == "Nordhaven Molkerei SE"
