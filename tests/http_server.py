"""The whole of HTTP on a folder of its own: a real server, its writer on the same loop."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import uvicorn

from crm_es import bootstrap
from crm_es.errors import Unavailable
from crm_es.interfaces.http.app import Parts, create_app
from crm_es.interfaces.listening import bind
from crm_es.interfaces.writer.process import Writer
from crm_es.log.envelope import new_id
from crm_es.log.listener import Listener, listen
from crm_es.log.queue import AppendQueue, AsyncSubmitter
from crm_es.settings import Settings


class Server:
    """HTTP in a thread of this process, and its follower in another.

    ``client`` speaks to it over a real socket.
    """

    def __init__(
        self,
        folder: Path,
        *,
        with_facts: bool = False,
        submitter: Callable[[Settings], AsyncSubmitter] | None = None,
        change: Callable[[Parts], Parts] = lambda parts: parts,
        **settings: Any,
    ) -> None:
        """``submitter`` replaces the writer on the loop, ``change`` the parts of HTTP.

        The facts need a process of their own; most do without.
        """
        self.settings = Settings(data=folder, **settings)
        bootstrap.init(self.settings)
        self.own = bootstrap.OwnCrm(self.settings)
        self._submitter, self._change = submitter, change
        self._listening = bind("127.0.0.1", 0)
        self.port: int = self._listening.getsockname()[1]
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self._stop = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()
        assert self._is_up.wait(10)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=10)
        self._await_views()
        self._facts: subprocess.Popen[bytes] | None = None
        if with_facts:
            self.start_facts()

    async def _run(self) -> None:
        queue, listener = await self._writer()
        app = create_app(self._change(bootstrap.http_parts(self.settings, queue)))
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none")
        self._server = uvicorn.Server(config)
        self._is_up.set()
        await self._server.serve(sockets=[self._listening])
        await app.close()
        if listener is not None:
            await listener.close()
        await queue.close()

    async def _writer(self) -> tuple[AsyncSubmitter, Listener | None]:
        """The way to the writer, and the socket by which other processes reach it."""
        if self._submitter is not None:
            return self._submitter(self.settings), None
        queue = AppendQueue(self.own.crm.stage)
        socket = bootstrap.writer_socket(self.settings)
        return queue, await listen(socket, Writer(queue).exchange)

    def _await_views(self) -> None:
        with closing(bootstrap.open_views(self.settings)) as views:
            for _ in range(1_000):
                with suppress(Unavailable):
                    assert views.position >= 0
                    return
                sleep(0.01)
        raise AssertionError("There are no views.")

    def start_facts(self) -> None:
        environment = {**os.environ, "CRM_ES_DATA": str(self.settings.data)}
        program = [sys.executable, "-m", "crm_es.interfaces.process", "facts"]
        self._facts = subprocess.Popen(program, env=environment)  # noqa: S603 - our own program
        for _ in range(1_000):
            answer = self.client.get("/v1/facts")
            if answer.status_code == 200 and "x-snapshot" not in answer.headers:
                return
            assert self._facts.poll() is None
            sleep(0.02)
        raise AssertionError("The facts do not answer.")

    def stop_facts(self) -> None:
        if self._facts is not None:
            self._facts.terminate()
            assert self._facts.wait(20) == 0
            self._facts = None

    def _follow(self) -> None:
        build = partial(bootstrap.build_views, self.settings)
        with closing(bootstrap.open_follow(self.settings, build)) as follow:
            follow.run(self._stop)

    def halt_views(self) -> None:
        """From now on the views stand still."""
        self._stop.set()
        self._follower.join(10)

    def post(
        self, name: str, /, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        return self.client.post(f"/v1/commands/{name}", json=body, headers=headers)

    def register(self, **body: Any) -> str:
        """A new customer's id."""
        id = str(new_id())
        answer = self.post("RegisterCustomer", customer_id=id, **body)
        assert answer.status_code == 201, answer.text
        return id

    def close(self) -> None:
        self.stop_facts()
        self.client.close()
        self._server.should_exit = True
        self._stop.set()
        self._thread.join(10)
        self._follower.join(10)
        self.own.close()
