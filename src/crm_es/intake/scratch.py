"""A folder for the rows of one import, gone with its process: what a kill left is swept away."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "intake-"
_LOCK = "lock"


class Scratch:
    """The rows are personal data, so nobody else may look, and none outlive their process long."""

    def __init__(self, folder: Path) -> None:
        for left in folder.glob(f"{PREFIX}*"):
            _sweep(left)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        shutil.rmtree(self.path)
        os.close(self._lock)


def _sweep(left: Path) -> None:
    """Remove a folder whose process has ended: nobody holds its lock."""
    try:
        lock = os.open(left / _LOCK, os.O_RDWR)
    except FileNotFoundError:  # just made, or just gone
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(lock)
