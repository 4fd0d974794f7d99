"""One process of a server: ``python -m crm_es.interfaces.process log``, set by CRM_ES_...."""

from __future__ import annotations

import logging
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable

from crm_es import bootstrap
from crm_es.followers.follow import FollowRunning
from crm_es.log.lock import WriterRunning
from crm_es.projections.facts.files import FactsRunning
from crm_es.settings import Settings

PROCESSES: dict[str, Callable[[Settings], object]] = {
    "log": bootstrap.writer_process,
    "api": bootstrap.api_process,
    "follow": bootstrap.follow_process,
    "facts": bootstrap.facts_process,
}
FAILED, HELD = 1, 3
"""Exit codes: it could not go on; another process has its place."""


def main(name: str) -> int:
    settings = bootstrap.settings_of()
    logging.basicConfig(
        level=settings.log_level.upper(), format=f"%(asctime)s {name} %(levelname)s %(message)s"
    )
    end_with_parent()
    try:
        return FAILED if PROCESSES[name](settings) is False else 0
    except (WriterRunning, FollowRunning, FactsRunning) as running:
        logging.getLogger("crm_es").error("%s", running)  # noqa: TRY400 - no fault of ours
        return HELD


def end_with_parent() -> None:
    """Stop as if told to when the supervisor is gone: its end of the pipe closes with it."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
