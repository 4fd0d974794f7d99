"""What was written ahead of a build, copied into its file beside whoever writes and reads.

Left to SQLite the writer does it within a commit, every few hundred events, and waits for the disk:
40 to 180 ms in which nothing becomes visible.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from pathlib import Path

from crm_es.projections.views.build_file import BUSY_SECONDS, open_build

EVERY_SECONDS = 0.1
"""The writer itself copies only what has come since, when the file written ahead has grown long."""

log = logging.getLogger("crm_es.follow")


class Checkpointer:
    """A thread with a connection of its own, until it is closed."""

    def __init__(self, build: Path) -> None:
        self._build, self._stop = build, threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpointer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(BUSY_SECONDS)

    def _run(self) -> None:
        """What keeps it from copying is met by the writer too, and dealt with there."""
        try:
            with closing(open_build(self._build)) as db:
                while not self._stop.wait(EVERY_SECONDS):
                    db.execute("pragma wal_checkpoint(passive)").fetchall()
        except Exception as error:  # noqa: BLE001 - the views go on without it, only less smoothly
            log.warning("%s is no longer copied beside: %s", self._build.name, error)
