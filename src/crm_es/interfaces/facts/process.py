"""The facts process: it owns the DuckDB files, follows the log and answers on its socket."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from crm_es.application import settle_memory
from crm_es.followers.facts import FactsFollower
from crm_es.interfaces.facts.app import FactsApp, create_app
from crm_es.interfaces.facts.asking import Asking
from crm_es.interfaces.facts.live import LiveFacts
from crm_es.interfaces.http.problems import Problem
from crm_es.projections.facts.files import Damaged, is_damage
from crm_es.projections.facts.snapshot import Publisher
from crm_es.projections.facts.store import FactStore

LOOK_SECONDS = 1.0
"""How often it is asked whether a snapshot is due."""
STOP_SECONDS = 5

log = logging.getLogger("crm_es.facts")


class FactsProcess:
    """A follower and a publisher, each in its thread, and HTTP on the loop."""

    def __init__(
        self, store: FactStore, follower: FactsFollower, questions: Mapping[str, str]
    ) -> None:
        self._store, self._follower = store, follower
        self._publisher = Publisher(store)
        self._publishing = threading.Lock()
        self._stop = threading.Event()
        self._fault: BaseException | None = None
        live = LiveFacts(store, follower)
        app = FactsApp(Asking(live, questions), damaged=self._give_up)
        self._app = create_app(
            app, standing=live.standing, publish=self._publish, rebuild=self._rebuild
        )

    async def serve(self, path: Path) -> bool:
        """Run until told to stop. False: it had to stop, and a fresh start must look."""
        listening = _bind(path)
        config = uvicorn.Config(
            self._app, http="httptools", ws="none", lifespan="off", access_log=False,
            log_config=None, server_header=False, timeout_graceful_shutdown=STOP_SECONDS,
        )  # fmt: skip
        self._server = _Server(config)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._server.handle_exit, number, None)
        threads = [
            threading.Thread(target=self._follow, args=(loop,), name="follow"),
            threading.Thread(target=self._publish_when_due, name="publish"),
        ]
        for thread in threads:
            thread.start()
        settle_memory()
        log.info("The facts listen on %s at position %d", path, self._follower.position)
        try:
            await self._server.serve(sockets=[listening])
        finally:
            self._stop.set()
            for thread in threads:
                await asyncio.to_thread(thread.join)
            self._close(path)
        return self._fault is None

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._follower.run(self._stop)
        except Exception as error:  # noqa: BLE001 - told, and the process ends by it
            loop.call_soon_threadsafe(self._give_up, error)

    def _give_up(self, error: Exception) -> None:
        log.error("The facts cannot go on", exc_info=error)
        self._fault = error
        self._server.handle_exit(signal.SIGTERM, None)

    def _publish_when_due(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                if self._publisher.is_due():
                    with self._publishing:
                        self._publisher.publish()
            except Exception:
                log.exception("No snapshot could be published; the last one stays")

    async def _publish(self, _: str | None) -> dict[str, Any]:
        def publish() -> dict[str, Any]:
            with self._publishing:
                made = self._publisher.publish()
            return {"position": made.position, "path": str(made.path), "made_at": made.made_at}

        return await asyncio.to_thread(publish)

    async def _rebuild(self, name: str | None) -> dict[str, Any]:
        """One fact, or all; the follower does it, and readers see the old one until then."""
        tables = self._store.tables
        if name is not None and name not in tables.facts:
            raise Problem(404, "fact.not_found", "There is no such fact table.")
        names = [one for one in tables.facts if name in {None, one}]
        for one in names:
            await asyncio.wrap_future(self._follower.soon(partial(self._store.rebuild, one)))
        return {"position": tables.position, "rebuilt": names, "parked": dict(tables.parked)}

    def _close(self, path: Path) -> None:
        self._follower.close()
        self._store.close()
        if isinstance(self._fault, Damaged) or is_damage(self._fault):
            self._store.condemn()
        with suppress(FileNotFoundError):
            path.unlink()


class _Server(uvicorn.Server):
    """uvicorn's own raises the signal again once it has stopped: the process would end by it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bind(path: Path) -> socket.socket:
    """A socket of this user's alone; one that a killed process left is replaced."""
    with suppress(FileNotFoundError):
        path.unlink()
    made = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    finally:
        os.umask(before)
    made.listen(64)
    return made
