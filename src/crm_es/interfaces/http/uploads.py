"""Uploaded files on their way in: received to disk, read and imported by a child process each."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import NamedTuple
from uuid import UUID

import orjson

from crm_es.errors import KINDS
from crm_es.intake.limits import UPLOAD
from crm_es.interfaces.http.asgi import too_large
from crm_es.interfaces.http.problems import Problem
from crm_es.interfaces.http.readers import Readers
from crm_es.interfaces.http.reading import Reading

SIZE_MAX = UPLOAD.bytes_max or 0
AT_ONCE_MAX = 2
PLAN_SECONDS, BEGIN_SECONDS, LOOK_SECONDS = 60.0, 10.0, 0.02


class Begun(NamedTuple):
    import_id: UUID
    position: int
    """Where its beginning stands in the log."""


class Uploads:
    """The imports this process has begun. Each ends with the process, and can be sent again."""

    def __init__(self, data: Path, folder: Path, readers: Readers[Reading]) -> None:
        """``folder`` is where what is received lies meanwhile."""
        self._data, self._folder, self._readers = data, folder, readers
        self._count = 0
        self._children: set[Process] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def begin(self, mapping: str, actor: str, pieces: AsyncIterator[bytes]) -> Begun:
        """Raises Problem; Refused for a file that cannot be read as the mapping says."""
        if self._count >= AT_ONCE_MAX:
            detail = f"{AT_ONCE_MAX} imports at once are the limit."
            raise Problem(429, "imports.too_many", detail, headers={"Retry-After": "10"})
        self._count += 1
        self._folder.mkdir(exist_ok=True)
        place = Path(mkdtemp(dir=self._folder))
        child = None
        try:
            file = place / "upload.csv"
            await _receive(file, pieces)
            child = await self._start(mapping, file, actor)
            import_id = await _planned(child)
        except BaseException:
            if child is not None and child.returncode is None:
                child.kill()
            self._end(place)
            raise
        task = asyncio.create_task(self._wait(child, place))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return Begun(import_id, await self._position(import_id, child))

    async def close(self) -> None:
        """End what is under way; sent again, it goes on where it stopped."""
        for child in self._children:
            if child.returncode is None:
                child.terminate()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _start(self, mapping: str, file: Path, actor: str) -> Process:
        program = ("-m", "crm_es.interfaces.importing", mapping, str(file), actor)
        environment = {**os.environ, "CRM_ES_DATA": str(self._data)}
        return await asyncio.create_subprocess_exec(
            sys.executable, *program, stdin=PIPE, stdout=PIPE, env=environment,
            start_new_session=True,
        )  # fmt: skip

    async def _position(self, import_id: UUID, child: Process) -> int:
        """Where it began; it begins at once unless the writer is away."""
        for _ in range(int(BEGIN_SECONDS / LOOK_SECONDS)):
            events = await self._readers.run(lambda reading: reading.log.stream(import_id, limit=1))
            if events:
                return events[0].position
            if child.returncode is not None:
                break
            await asyncio.sleep(LOOK_SECONDS)
        raise Problem(
            503, "import.not_begun", "It could not begin; send it again.",
            headers={"Retry-After": "5"},
        )  # fmt: skip

    async def _wait(self, child: Process, place: Path) -> None:
        self._children.add(child)
        try:
            await child.wait()
        finally:
            self._children.discard(child)
            self._end(place)

    def _end(self, place: Path) -> None:
        self._count -= 1
        rmtree(place, ignore_errors=True)


async def _receive(file: Path, pieces: AsyncIterator[bytes]) -> None:
    """Raises Problem 413, 408, Gone."""
    size = 0
    with file.open("wb") as target:
        async for piece in pieces:
            size += len(piece)
            if size > SIZE_MAX:
                raise too_large(SIZE_MAX)
            await asyncio.to_thread(target.write, piece)


async def _planned(child: Process) -> UUID:
    """Which import it is. Raises Problem, Refused."""
    assert child.stdout is not None  # noqa: S101 - it has a pipe
    try:
        async with asyncio.timeout(PLAN_SECONDS):
            line = await child.stdout.readline()
    except TimeoutError:
        raise Problem(422, "import.too_slow", "The file takes too long to read.") from None
    told = orjson.loads(line) if line else {}
    if "import_id" in told:
        return UUID(told["import_id"])
    if "code" in told:
        raise KINDS[told["kind"]](told["code"], told["detail"])
    raise Problem(503, "import.failed", "The file could not be read.", headers={"Retry-After": "5"})
