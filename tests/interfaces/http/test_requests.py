"""requests.http is true: every request of it is sent, in its order, and answered as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from http_server import Server

FILE = Path(__file__).parents[3] / "requests.http"
ENDLESS = "/v1/feed"


class Request(NamedTuple):
    title: str
    method: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def statuses(self) -> set[int]:
        told = re.search(r"\((\d{3})\)", self.title)
        return {int(told[1])} if told else {200, 201}


def requests() -> Iterator[Request]:
    text = FILE.read_text(encoding="utf-8")
    variables = dict(re.findall(r"^@(\w+) = (.+)$", text, re.MULTILINE))
    for name, value in variables.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    host = variables["host"]
    for part in re.split(r"^###", text, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        head, _, body = rest.strip().partition("\n\n")
        first, *lines = head.splitlines()
        method, url = first.split()
        headers = dict(line.split(": ", 1) for line in lines)
        yield Request(title, method, url.removeprefix(host), headers, body)


@pytest.mark.slow
def test_every_request_of_the_file_is_answered_as_it_says(tmp_path: Path) -> None:
    server = Server(tmp_path, with_facts=True)
    server.client.timeout = 60  # a file is read by a process that has to start first
    for request in requests():
        with server.client.stream(
            request.method, request.target, headers=request.headers, content=request.body
        ) as answer:
            if request.target.startswith(ENDLESS):
                assert next(answer.iter_lines()).startswith("retry:")
            else:
                answer.read()
                assert answer.status_code in request.statuses, (request, answer.text)
                assert '"status":4' not in answer.text or request.statuses != {200, 201}
    server.close()
