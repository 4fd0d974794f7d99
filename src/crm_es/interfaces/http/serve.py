"""The api process: HTTP on one address until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from crm_es.access import check_address
from crm_es.application import settle_memory
from crm_es.interfaces.http.app import Parts, create_app

KEEP_ALIVE_SECONDS = 30
STOP_SECONDS = 5
CONNECTIONS_MAX = 2_000


class _Server(uvicorn.Server):
    """uvicorn's own raises the signal again once it has stopped: the process would end by it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(make: Callable[[], Parts], listening: socket.socket) -> None:
    """``make`` is called on the loop. Raises NotLoopback."""
    parts = make()
    check_address(parts.host, parts.keyring)
    app = create_app(parts)
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="off", access_log=False,
        log_config=None, server_header=False, proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS, limit_concurrency=CONNECTIONS_MAX,
    )  # fmt: skip
    server = _Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    settle_memory()
    try:
        await server.serve(sockets=[listening])
    finally:
        await app.close()
        await parts.submitter.close()
