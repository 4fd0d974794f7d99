"""A rebuild in a process of its own: its memory and its share of the processor end with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from crm_es.followers.rebuild import Progress, rebuild
from crm_es.log.recorder import LogRecorder
from crm_es.projections.views import VIEWS

NICENESS = 10
"""How much the rebuild gives way to whoever serves meanwhile."""
LOOK_SECONDS = 0.2


class RebuildFailed(Exception):  # noqa: N818 - reads as what happened
    """The process that rebuilt ended early; what it had to say stands in its own output."""


def rebuild_in_child(
    folder: Path, open_log: Callable[[], LogRecorder], on_progress: Progress
) -> None:
    """Rebuild all views. Raises RebuildFailed, and whatever ``on_progress`` raises: that ends it.

    ``on_progress`` is also called while nothing moves. ``open_log`` travels to the other process.
    """
    spawn = get_context("spawn")  # a fork would inherit connections and locks
    here, there = spawn.Pipe(duplex=False)
    child = spawn.Process(target=_rebuild, args=(folder, open_log, there), daemon=True)
    child.start()
    there.close()
    try:
        _listen(here, on_progress)
    except BaseException:
        child.terminate()
        raise
    finally:
        child.join()
        here.close()
    if child.exitcode:
        raise RebuildFailed(f"The rebuild ended with code {child.exitcode}.")


def _listen(here: Connection, on_progress: Progress) -> None:
    done = total = 0
    while True:
        if here.poll(LOOK_SECONDS):
            try:
                done, total = here.recv()
            except EOFError:
                return
        on_progress(done, total)


def _rebuild(folder: Path, open_log: Callable[[], LogRecorder], there: Connection) -> None:
    os.nice(NICENESS)
    rebuild(folder, open_log(), VIEWS, lambda done, total: there.send((done, total)))
