"""Files sent in over HTTP: read at once, imported beside, reported, and turned down whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from crm_es.interfaces.http import uploads
from http_server import Server

HEADER = (
    "recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,"
    "spend"
)
GOOD = "10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0"
BAD = "10,2) $100 - $200,much,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture(scope="module")
def taking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("imports"))
    server.client.timeout = 60
    yield server
    server.close()


def send(server: Server, *lines: str, **headers: str) -> httpx.Response:
    body = "\n".join((HEADER, *lines)) + "\n"
    asked = {"mapping": "hillstrom"}
    return server.client.post(
        "/v1/imports", params=asked, content=body.encode(), headers={**CSV, **headers}
    )


def committed(server: Server, answer: httpx.Response) -> Any:
    """The import's own resource, once it has come to its end."""
    end = monotonic() + 60
    asked = {"min_position": answer.json()["position"], "wait_ms": 10_000}
    while True:
        found = server.client.get(answer.headers["location"], params=asked)
        assert found.status_code == 200, found.text
        if found.json()["state"] == "committed":
            return found.json()
        assert monotonic() < end
        sleep(0.05)


def test_a_file_is_imported_and_every_line_accounted_for(taking: Server) -> None:
    answer = send(taking, GOOD, BAD, **{"X-Actor": "ann"})
    assert answer.status_code == 202, answer.text
    report = committed(taking, answer)["report"]
    assert (report["rows"], report["used"], sum(report["rejected"].values())) == (2, 1, 1)
    rejects = taking.client.get(answer.json()["rejects"])
    assert rejects.status_code == 200
    head, line = rejects.text.splitlines()
    assert head == "file,line,column,code,detail"
    assert line.split(",")[1] == "3"
    assert "much" not in rejects.text
    event = taking.client.get(f"/v1/events/{answer.json()['position']}").json()
    assert (event["topic"], event["actor"]) == ("import.started", "ann")


def test_the_same_file_again_changes_nothing(taking: Server) -> None:
    line = GOOD.replace("142.44", "11.11")
    first = send(taking, line)
    committed(taking, first)
    before = taking.own.crm.recorder.head().position
    again = send(taking, line)
    assert again.json() == first.json()
    committed(taking, again)
    assert taking.own.crm.recorder.head().position == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a,b\n1,2\n", "file.header_column"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), None),
        (b"", None),
        (b"PK\x03\x04" + bytes(200), None),
    ],
)
def test_a_file_that_is_not_as_the_mapping_says_is_turned_down_whole(
    taking: Server, body: bytes, code: str | None
) -> None:
    before = taking.own.crm.recorder.head().position
    asked = {"mapping": "hillstrom"}
    answer = taking.client.post("/v1/imports", params=asked, content=body, headers=CSV)
    assert answer.status_code == 422, answer.text
    assert code in {None, answer.json()["code"]}
    assert taking.own.crm.recorder.head().position == before


def test_what_is_no_plain_text_is_not_taken(taking: Server) -> None:
    for headers in (
        {"Content-Type": "application/zip"}, {"Content-Type": "application/json"},
        {"Content-Type": "text/csv", "Content-Encoding": "gzip"},
    ):  # fmt: skip
        asked = {"mapping": "hillstrom"}
        answer = taking.client.post("/v1/imports", params=asked, content=b"x", headers=headers)
        assert answer.status_code == 415, answer.text


def test_a_mapping_that_is_not_shipped_is_not_found(taking: Server) -> None:
    for name in ("no_such_mapping", "../hillstrom", "/etc/passwd"):
        asked = {"mapping": name}
        answer = taking.client.post("/v1/imports", params=asked, content=b"x", headers=CSV)
        assert (answer.status_code, answer.json()["code"]) == (404, "mapping.unknown")


def test_a_file_that_is_too_large_is_not_taken_whatever_it_says_of_itself(taking: Server) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(uploads.SIZE_MAX // 2**20 + 2):
            yield b"x" * 2**20

    asked = {"mapping": "hillstrom"}
    answer = taking.client.post("/v1/imports", params=asked, content=pieces(), headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")
    assert list(taking.settings.folder.uploads.iterdir()) == []


def test_no_more_than_a_few_are_taken_at_once(taking: Server) -> None:
    go_on = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield HEADER.encode()
        go_on.wait(30)

    def under_way(count: int) -> None:
        """Wait until the server itself holds so many."""
        end = monotonic() + 30
        while len(list(taking.settings.folder.uploads.iterdir())) != count:
            assert monotonic() < end
            sleep(0.02)

    def ask() -> None:
        url = f"{taking.url}/v1/imports?mapping=hillstrom"
        answers.append(httpx.post(url, content=slowly(), headers=CSV, timeout=60).status_code)

    answers: list[int] = []
    threads = [threading.Thread(target=ask) for _ in range(uploads.AT_ONCE_MAX)]
    under_way(0)
    for thread in threads:
        thread.start()
    under_way(uploads.AT_ONCE_MAX)
    refused = send(taking, GOOD)
    go_on.set()
    for thread in threads:
        thread.join()
    assert (refused.status_code, refused.json()["code"]) == (429, "imports.too_many")


def test_an_import_nobody_began_has_no_rejects(taking: Server) -> None:
    nothing = "0198c0de-0000-7000-8000-00000000ffff"
    assert taking.client.get(f"/v1/imports/{nothing}").status_code == 404
    assert taking.client.get(f"/v1/imports/{nothing}/rejects").status_code == 404
