"""A follow process, or a rebuild beside it, that runs until it is killed."""

import threading
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from crm_es.followers.follow import Follow
from crm_es.followers.rebuild import RebuildRunning, rebuild
from crm_es.log.sqlite import SQLiteLog
from small_views import SMALL_VIEWS


def follow_on_and_on(folder: Path, is_up: Event) -> None:
    log = SQLiteLog(folder / "log.sqlite", is_reader=True)
    again = partial(rebuild, folder / "views", log, SMALL_VIEWS)
    lock = folder / "follow.lock"
    follow = Follow(folder / "views", lock, log, SMALL_VIEWS, rebuild=again)
    is_up.set()
    follow.run(threading.Event())


def rebuild_on_and_on(folder: Path, is_up: Event) -> None:
    log = SQLiteLog(folder / "log.sqlite", is_reader=True)
    is_up.set()
    while True:
        try:
            rebuild(folder / "views", log, SMALL_VIEWS)
        except RebuildRunning:
            return
