"""The writer's end of the local socket: frames in, each answered by one frame."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from crm_es.log.frames import BadFrame, Frame, Unpacker, pack

UNANSWERED_MAX = 64
"""Frames of one connection that may be under way; then nothing more is read from it."""
UNSENT_MAX = 64 * 1024 * 1024
"""Bytes a client may leave unread before it is cut off."""

Exchange = Callable[[Sequence[bytes]], Awaitable[Sequence[bytes]]]
"""As many payloads out as came in, in their order."""


class _Connection(asyncio.Protocol):
    def __init__(self, exchange: Exchange, open_: set[_Connection]) -> None:
        self._exchange, self._open = exchange, open_
        self._unpacker = Unpacker()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._unpacker.feed(data):
                task = asyncio.create_task(self._reply(frame))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except BadFrame:
            self.transport.abort()
            return
        if len(self._tasks) >= UNANSWERED_MAX and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()

    async def _reply(self, frame: Frame) -> None:
        payloads = await self._exchange(frame.payloads)
        if self.transport.is_closing():
            return
        self.transport.write(pack(frame.number, payloads))
        if self.transport.get_write_buffer_size() > UNSENT_MAX:
            self.transport.abort()
        elif self._is_paused and len(self._tasks) <= UNANSWERED_MAX:
            self._is_paused = False
            self.transport.resume_reading()

    async def finish(self) -> None:
        """Answer what was asked, then hang up."""
        self.transport.pause_reading()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.transport.close()


class Listener:
    """A server on a local socket that only this user may open."""

    def __init__(self, server: asyncio.Server, path: Path, open_: set[_Connection]) -> None:
        self._server, self._path, self._open = server, path, open_

    @property
    def connections(self) -> int:
        return len(self._open)

    async def close(self) -> None:
        """Take no more, answer what is under way, hang up."""
        self._server.close()
        with suppress(FileNotFoundError):
            self._path.unlink()
        for connection in list(self._open):
            with suppress(RuntimeError):  # it hung up meanwhile
                await connection.finish()


async def listen(path: Path, exchange: Exchange) -> Listener:
    """Serve a local socket. The caller holds the lock that makes it the only one here."""
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - what a killed writer left; takes microseconds
    open_: set[_Connection] = set()
    before = os.umask(0o177)
    try:
        server = await asyncio.get_running_loop().create_unix_server(
            lambda: _Connection(exchange, open_), str(path), backlog=128
        )
    finally:
        os.umask(before)
    return Listener(server, path, open_)
