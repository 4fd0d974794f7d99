"""A whole server, four processes, on a free port: started, asked, stopped or killed."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx

from crm_es.log.envelope import new_id
from shell import PROGRAM

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


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    server = Serving(folder)
    try:
        yield server
    finally:
        server.stop()
