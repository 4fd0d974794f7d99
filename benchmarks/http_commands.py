"""HTTP commands a second over 64 connections, against the same endpoint that records nothing.

Writer and api run as processes of their own, as in production; the rounds are interleaved.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time, time_ns
from typing import cast
from uuid import UUID

import uvloop

from benchmarks.figure import Figure, scaled
from crm_es import bootstrap
from crm_es.interfaces.http import serve
from crm_es.interfaces.listening import bind
from crm_es.log.attempt import Answer, Unit
from crm_es.log.envelope import Receipt, new_id
from crm_es.settings import Settings

CONNECTIONS, CUSTOMERS, ROUNDS, SECONDS = 64, scaled(2_000), 3, scaled(4)


class Nowhere:
    """Takes commands and records nothing: what is left is HTTP, reading and validation."""

    async def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        return [
            [Receipt(s.command_id, s.command.target, 1, 1, 1).to_bytes() for s in unit]
            for unit in units
        ]

    async def figures(self) -> dict[str, object]:
        return {}

    async def close(self) -> None:
        pass


def be(role: str, folder: str, port: int) -> None:
    settings = Settings(data=Path(folder), port=port)
    if role == "writer":
        bootstrap.writer_process(settings)
    elif role == "api":
        bootstrap.api_process(settings)
    else:
        parts = bootstrap.http_parts(settings, Nowhere())
        uvloop.run(serve.serve(lambda: parts, bind(settings.host, port)))


class Connection(asyncio.Protocol):
    """As little HTTP/1.1 as it takes, so that the client costs little."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._received = b""
            self._answer.set_result(int(head[9:12]))

    async def post(self, name: bytes, body: bytes) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(
            b"POST /v1/commands/%b HTTP/1.1\r\nhost: localhost\r\nidempotency-key: %b\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (name, str(new_id()).encode(), len(body), body)
        )
        return await self._answer


async def connect(port: int) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    return connection


async def register(port: int, customers: list[UUID]) -> None:
    connections = [await connect(port) for _ in range(CONNECTIONS)]

    async def some(n: int) -> None:
        for id in customers[n::CONNECTIONS]:
            body = b'{"customer_id":"%b","name":"Ann"}' % str(id).encode()
            assert await connections[n].post(b"RegisterCustomer", body) == 201

    await asyncio.gather(*map(some, range(CONNECTIONS)))
    for connection in connections:
        connection.transport.close()


async def load(port: int, customers: list[UUID], seconds: float) -> tuple[float, float]:
    """(requests a second, microseconds of this client's CPU for each)."""
    connections = [await connect(port) for _ in range(CONNECTIONS)]
    chance, end, count = random.Random(1), perf_counter() + seconds, 0

    async def one(connection: Connection) -> None:
        nonlocal count
        while perf_counter() < end:
            id = str(chance.choice(customers)).encode()
            body = b'{"customer_id":"%b","name":"Ann %d"}' % (id, time_ns())
            status = await connection.post(b"RenameCustomer", body)
            assert status == 201, status
            count += 1

    began, cpu = perf_counter(), process_time()
    await asyncio.gather(*map(one, connections))
    took = perf_counter() - began
    for connection in connections:
        connection.transport.close()
    return count / took, (process_time() - cpu) / count * 1e6


@contextlib.contextmanager
def process(role: str, folder: str, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.http_commands", "--be", role, folder, str(port)]
    running = subprocess.Popen(command)  # noqa: S603 - this very file
    try:
        yield
    finally:
        running.terminate()
        running.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until_up(*ports: int) -> None:
    for port in ports:
        for _ in range(200):
            with contextlib.suppress(OSError):
                (await connect(port)).transport.close()
                break
            await asyncio.sleep(0.1)


async def measure(folder: str, seconds: float) -> Figure:
    bootstrap.init(Settings(data=Path(folder)))
    real, nowhere = free_port(), free_port()
    customers = [new_id() for _ in range(CUSTOMERS)]
    with (
        process("writer", folder, 0),
        process("api", folder, real),
        process("nowhere", folder, nowhere),
    ):
        await until_up(real, nowhere)
        await register(real, customers)
        pairs = []
        for _ in range(ROUNDS):
            idle, _ = await load(nowhere, customers, seconds)
            durable, _ = await load(real, customers, seconds)
            pairs.append((durable / idle, durable, idle))
    ratio, durable, idle = sorted(pairs)[ROUNDS // 2]
    return Figure(
        f"HTTP commands, {CONNECTIONS} connections",
        "the same endpoint that validates and does nothing", 0.5, ratio,
        detail=f"{durable:,.0f}/s against {idle:,.0f}",
    )  # fmt: skip


def figures(folder: Path) -> list[Figure]:
    return [uvloop.run(measure(str(folder), SECONDS))]


if __name__ == "__main__":  # one of the processes
    be(sys.argv[2], sys.argv[3], int(sys.argv[4]))
