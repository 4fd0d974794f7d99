"""What the writer refused of an import, kept until it is committed: run again, it stays refused.

A refusal stores nothing in the log, so a second run could find what a row had wanted in vain, made
by a later row of the first. The file also keeps two runs of one import apart.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import orjson

from crm_es.errors import Conflict


class Refusal(NamedTuple):
    ordinal: int
    """Of the unit it is about."""
    code: str
    detail: str


class Refusals:
    """Read and added to in the order of the units."""

    def __init__(self, folder: Path, import_id: UUID) -> None:
        """Raises Conflict while another process runs this import."""
        self._path = folder / f"{import_id}.refused"
        self._file = self._path.open("ab+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise Conflict("import.running", "This import is under way.") from None
        self._earlier = self._read()
        self._next = next(self._earlier, None)

    def of(self, ordinal: int) -> Refusal | None:
        """The refusal of a unit in an earlier run. Asked for units in their order."""
        while self._next is not None and self._next.ordinal < ordinal:
            self._next = next(self._earlier, None)
        return self._next if self._next is not None and self._next.ordinal == ordinal else None

    def add(self, refusal: Refusal) -> None:
        self._file.write(orjson.dumps(list(refusal)) + b"\n")

    def flush(self) -> None:
        self._file.flush()

    def drop(self) -> None:
        """Nothing is to be remembered any longer."""
        self._path.unlink()

    def close(self) -> None:
        self._file.close()

    def _read(self) -> Iterator[Refusal]:
        """What earlier runs left; a line cut short by the end of one is taken out."""
        size = 0
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    size += len(line)
        os.truncate(self._path, size)
        return self._entries(size)

    def _entries(self, size: int) -> Iterator[Refusal]:
        with self._path.open("rb") as file:
            while file.tell() < size:
                yield Refusal(*orjson.loads(file.readline()))
