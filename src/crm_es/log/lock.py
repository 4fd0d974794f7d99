"""The writer's lock: one process per log may append, for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class Held(Exception):  # noqa: N818 - reads as how things stand
    """Another process has this place: that of a writer, a follower, an owner of files."""


class WriterRunning(Held):
    """Another process is this log's writer."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(
            f"Process {pid or 'of unknown id'} is already the writer of {folder}:"
            " stop it, or let it take your commands over its socket."
        )
        self.pid = pid


class WriterLock:
    """Held from construction until ``release`` or the end of the process, however it ends.

    The lock is the kernel's, so a kill leaves none behind; the pid in the file is for people.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock at once. Raises WriterRunning."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise WriterRunning(path.parent, pid) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
