"""Orders to the facts process from a command line, and how it stands."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from typing import Any

import orjson

from crm_es.errors import Unavailable

PATIENCE_SECONDS = 600.0
"""A snapshot or a rebuild of everything takes its time."""


class FactsLine:
    """For threads; each request has a connection of its own. All raise Unavailable."""

    def __init__(self, socket: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self._socket, self._patience = socket, patience

    def standing(self) -> dict[str, Any]:
        return self._ask("GET", "/standing")

    def publish(self) -> dict[str, Any]:
        """Make a snapshot now: its position and its path."""
        return self._ask("POST", "/snapshots")

    def rebuild(self, name: str | None = None) -> dict[str, Any]:
        """Build one fact, or all, from the mirror again."""
        return self._ask("POST", "/rebuilds" if name is None else f"/rebuilds/{name}")

    def _ask(self, method: str, target: str) -> dict[str, Any]:
        line = _Connection(self._socket, self._patience)
        try:
            line.request(method, target)
            answer = line.getresponse()
            found: dict[str, Any] = orjson.loads(answer.read())
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError) as error:
            detail = "The facts process does not answer."
            raise Unavailable("facts.silent", detail) from error
        finally:
            line.close()
        if answer.status != http.HTTPStatus.OK:
            raise Unavailable(found["code"], found["detail"])
        return found


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
