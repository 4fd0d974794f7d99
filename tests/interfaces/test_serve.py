"""A whole server: four processes, killed one by one while commands go on, and nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from crm_es import bootstrap
from crm_es.log.envelope import new_id
from crm_es.settings import Settings
from shell import PROGRAM, crm_es

READY_SECONDS, BACK_SECONDS = 60, 60


class Serving:
    """``crm-es serve`` on a free port, and a client that asks it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child = subprocess.Popen(  # noqa: S603 - our own program
            [str(PROGRAM), "serve", "--data", str(folder), "--port", "0"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.told: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until(lambda: any("Ready at" in line for line in self.told), READY_SECONDS)
        (url,) = (found[1] for line in self.told if (found := re.search(r"Ready at (\S+)", line)))
        self.client = httpx.Client(base_url=url, timeout=10)

    def _read(self) -> None:
        assert self._child.stderr is not None
        self.told.extend(self._child.stderr)

    def parts(self) -> dict[str, int]:
        """The processes by name, with their ids."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes().split(b"\0")
                    parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                except OSError:
                    continue
                if parent == str(self._child.pid) and b"crm_es.interfaces.process" in command:
                    found[command[3].decode()] = int(entry.name)
        return found

    def register(self) -> tuple[str, int]:
        """A new customer's id, and the position of its beginning."""
        id = str(new_id())
        body = {"customer_id": id, "name": "Ann Example"}
        answer = self.client.post("/v1/commands/RegisterCustomer", json=body)
        assert answer.status_code == 201, answer.text
        return id, answer.json()["position"]

    def knows(self, id: str, position: int) -> bool:
        asked = {"min_position": position, "wait_ms": 5_000}
        answer = self.client.get(f"/v1/customers/{id}", params=asked)
        return answer.status_code == 200 and answer.json()["profile"]["name"] == "Ann Example"

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.client.close()
        self._child.send_signal(number)
        code = self._child.wait(60)
        self._reader.join(5)
        return code


def until(condition: object, seconds: float = BACK_SECONDS) -> None:
    end = monotonic() + seconds
    while True:
        try:
            if condition():  # type: ignore[operator]
                return
        except httpx.HTTPError:
            pass
        assert monotonic() < end
        sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bootstrap.init(Settings(data=tmp_path))
    return tmp_path


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    server = Serving(folder)
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.slow
def test_what_is_killed_comes_back_and_nothing_is_lost(folder: Path) -> None:
    with serving(folder) as server:
        assert set(server.parts()) == {"log", "api", "follow", "facts"}
        known = [server.register()]
        for name in ("follow", "facts", "log", "api"):
            before = server.parts()[name]
            os.kill(before, signal.SIGKILL)
            until(lambda n=name, b=before: server.parts().get(n, b) != b)
            until(lambda: server.client.get("/readyz").json()["status"] == "ready")
            known.append(server.register())
        assert all(server.knows(*one) for one in known)
        position = known[-1][1]
        table = server.client.get("/v1/facts/dim_customer.csv", params={"min_position": position})
        assert table.status_code == 200
        assert all(id in table.text for id, _ in known)


@pytest.mark.slow
def test_it_stops_in_order_and_leaves_nothing_running(folder: Path) -> None:
    server = Serving(folder)
    customer = server.register()
    running = server.parts().values()
    assert server.stop(signal.SIGINT) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in running)
    with serving(folder) as again:
        assert again.knows(*customer)


@pytest.mark.slow
def test_children_end_when_the_supervisor_is_killed(folder: Path) -> None:
    server = Serving(folder)
    running = list(server.parts().values())
    server.stop(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))


@pytest.mark.slow
def test_a_second_server_on_the_folder_is_refused_and_the_command_line_goes_through_the_first(
    folder: Path,
) -> None:
    with serving(folder) as server:
        second = crm_es("serve", "--port", "0", data=folder)
        assert second.code == 3
        assert "is already the writer" in second.err
        other = crm_es("init", data=folder / "other")
        taken = crm_es("serve", "--port", server.client.base_url.port, data=folder / "other")
        assert (other.code, taken.code) == (0, 3)
        assert "Nobody can listen" in taken.err
        done = crm_es("do", "RegisterCustomer", "name=Ann Example", "--json", data=folder)
        assert server.knows(done.json["stream_id"], done.json["position"])


def test_without_a_key_only_this_machine_is_served(folder: Path) -> None:
    refused = crm_es("serve", "--host", "0.0.0.0", data=folder)  # noqa: S104 - it is refused
    assert refused.code == 3
    assert "set an API key first" in refused.err


def test_where_there_is_no_tenant_nothing_is_served(tmp_path: Path) -> None:
    refused = crm_es("serve", data=tmp_path)
    assert refused.code == 4
    assert "crm-es init" in refused.err
