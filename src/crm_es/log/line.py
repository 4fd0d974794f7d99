"""A client's end of the writer's socket, for threads and for event loops; both reconnect.

What was not answered when a connection broke is sent again over the next: nobody knows what became
of it, and a command is known by its id, so a repeat is harmless.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from crm_es.log.frames import BadFrame, Frame, Unpacker, pack

PATIENCE_SECONDS = 10.0
"""How long an exchange waits for an answer, reconnecting as often as it takes."""
RETRY_SECONDS = 0.05
FRAME_FILL = 8 * 1024 * 1024
"""A frame is sent once it holds this much; the limit is eight times as high."""
_READ_SIZE = 1 << 18


class LineDown(Exception):  # noqa: N818 - reads as what happened
    """Nobody answered in time. What was sent may or may not have taken effect."""


class Line:
    """For threads; one exchange at a time."""

    def __init__(self, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self._path, self._patience = path, patience
        self._turn = threading.Lock()
        self._socket: socket.socket | None = None
        self._unpacker = Unpacker()
        self._number = 0

    def exchange(self, payloads: Sequence[bytes]) -> list[bytes]:
        """Raises LineDown."""
        with self._turn:
            deadline = monotonic() + self._patience
            self._number = (self._number + 1) & 0xFFFFFFFF
            sent = pack(self._number, payloads)
            while True:
                try:
                    return self._ask(sent, deadline)
                except (OSError, BadFrame) as broken:
                    self._hang_up()
                    if monotonic() + RETRY_SECONDS > deadline:
                        raise LineDown(f"No answer from {self._path}.") from broken
                    sleep(RETRY_SECONDS)

    def close(self) -> None:
        with self._turn:
            self._hang_up()

    def _ask(self, sent: bytes, deadline: float) -> list[bytes]:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._unpacker = Unpacker()
            self._socket.connect(str(self._path))
        self._socket.settimeout(max(0.01, deadline - monotonic()))
        self._socket.sendall(sent)
        while True:
            received = self._socket.recv(_READ_SIZE)
            if not received:
                raise ConnectionError("The writer hung up.")
            for frame in self._unpacker.feed(received):
                if frame.number == self._number:
                    return frame.payloads

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Stream(asyncio.Protocol):
    def __init__(self, line: AsyncLine) -> None:
        self._line, self._unpacker = line, Unpacker()

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._unpacker.feed(data):
                self._line.answered(frame)
        except BadFrame:
            self._line.lost(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._line.lost(self)


class _Asked(NamedTuple):
    frame: bytes
    answers: list[asyncio.Future[bytes]]
    timer: asyncio.TimerHandle


class AsyncLine:
    """For an event loop: what one turn of it brings travels as one frame.

    Item by item the writer's batches would halve.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self._path, self._patience = path, patience
        self._loop = asyncio.get_running_loop()
        self._gathered: list[tuple[bytes, asyncio.Future[bytes]]] = []
        self._asked: dict[int, _Asked] = {}
        self._number = 0
        self._stream: _Stream | None = None
        self._transport: asyncio.WriteTransport | None = None
        self._connecting: asyncio.Task[None] | None = None

    async def exchange(self, payload: bytes) -> bytes:
        """Raises LineDown."""
        answer: asyncio.Future[bytes] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._send)
        self._gathered.append((payload, answer))
        return await answer

    def _send(self) -> None:
        gathered, self._gathered = self._gathered, []
        start = size = 0
        for n, (payload, _) in enumerate(gathered):
            size += len(payload)
            if size >= FRAME_FILL or n + 1 == len(gathered):
                self._send_frame(gathered[start : n + 1])
                start, size = n + 1, 0

    def _send_frame(self, some: list[tuple[bytes, asyncio.Future[bytes]]]) -> None:
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        frame = pack(number, [payload for payload, _ in some])
        timer = self._loop.call_later(self._patience, self._expire, number)
        self._asked[number] = _Asked(frame, [answer for _, answer in some], timer)
        if self._transport is not None:
            self._transport.write(frame)
        elif self._connecting is None:
            self._connecting = self._loop.create_task(self._connect())

    async def _connect(self, pause: float = 0.0) -> None:
        """Until it succeeds or nobody waits any more; then what has no answer is sent again."""
        try:
            while self._asked:
                await asyncio.sleep(pause)
                with suppress(OSError):
                    transport, stream = await self._loop.create_unix_connection(
                        lambda: _Stream(self), str(self._path)
                    )
                    if not transport.is_closing():
                        self._transport, self._stream = transport, stream
                        transport.writelines([asked.frame for asked in self._asked.values()])
                        return
                pause = RETRY_SECONDS
        finally:
            self._connecting = None

    def answered(self, frame: Frame) -> None:
        """An answer has come; one that came twice, or too late, finds nobody waiting."""
        asked = self._asked.pop(frame.number, None)
        if asked is None:
            return
        asked.timer.cancel()
        for answer, payload in zip(asked.answers, frame.payloads, strict=True):
            if not answer.done():
                answer.set_result(payload)

    def lost(self, stream: _Stream) -> None:
        if stream is not self._stream:
            return
        if self._transport is not None:
            self._transport.abort()
        self._transport = self._stream = None
        if self._connecting is None and self._asked:
            self._connecting = self._loop.create_task(self._connect(RETRY_SECONDS))

    def _expire(self, number: int) -> None:
        asked = self._asked.pop(number, None)
        for answer in asked.answers if asked else ():
            if not answer.done():
                answer.set_exception(LineDown("No answer from the writer in time."))

    async def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._transport is not None:
            transport, self._transport, self._stream = self._transport, None, None
            transport.close()
        for number in list(self._asked):
            self._asked[number].timer.cancel()
            self._expire(number)
