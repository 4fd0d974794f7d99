"""One server for all tests of HTTP: they leave each other's customers alone."""

from collections.abc import Iterator

import pytest

from http_server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("http"), with_facts=True)
    yield server
    server.close()
