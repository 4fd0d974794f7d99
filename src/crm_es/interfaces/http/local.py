"""A client for HTTP on a local socket: what the facts process answers is passed on as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httptools

from crm_es.interfaces.http.problems import Problem

HEAD_SECONDS = 30.0
"""How long a question may take until its answer begins."""
PIECE_SECONDS = 30.0
PIECE_SIZE = 256 * 1024
REQUESTS_MAX = 16
"""Answers that may be under way; more are told to come again."""


class LocalHTTP:
    """Asks one process; each answer has a connection of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._under_way = 0

    async def get(self, target: str) -> Answer:
        """Raises Problem 503 when nobody answers or too many ask."""
        if self._under_way >= REQUESTS_MAX:
            raise Problem(503, "facts.busy", "Too many ask.", headers={"Retry-After": "1"})
        self._under_way += 1
        answer = Answer(self)
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                await answer.ask(self._socket, target)
        except (OSError, TimeoutError, httptools.HttpParserError):
            answer.close()
            raise Problem(
                503,
                "facts.silent",
                "The facts process does not answer.",
                headers={"Retry-After": "5"},
            ) from None
        except BaseException:
            answer.close()
            raise
        return answer

    def done(self) -> None:
        self._under_way -= 1


class Answer:
    """Status and headers, and a body that is read as it comes. Closed when the body has ended."""

    def __init__(self, owner: LocalHTTP) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._owner: LocalHTTP | None = owner
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._has_head = self._is_whole = False
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, socket: Path, target: str) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(str(socket))
        self._writer.write(
            f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("ascii")
        )
        while not self._has_head:
            await self._read()

    async def body(self) -> AsyncIterator[bytes]:
        """Raises ConnectionError when it breaks off: half a body must not pass for a whole one."""
        try:
            while True:
                pieces, self._pieces = self._pieces, []
                if pieces:
                    yield b"".join(pieces)
                elif self._is_whole:
                    return
                else:
                    async with asyncio.timeout(PIECE_SECONDS):
                        await self._read()
        finally:
            self.close()

    async def _read(self) -> None:
        received = await self._reader.read(PIECE_SIZE)
        if not received:
            raise ConnectionError("The answer breaks off.")
        self._parser.feed_data(received)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._owner is not None:
            self._owner.done()
            self._owner = None

    __del__ = close
    """A client that hung up before the first piece leaves its answer behind."""

    # The parser's calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("ascii").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._has_head = True

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        self._is_whole = True
