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
from crm_es.log.lock import Held
from crm_es.settings import Settings

PROCESSES: dict[str, Callable[[], Callable[[Settings], object]]] = {
    "log": lambda: bootstrap.writer_process,
    "api": lambda: bootstrap.api_process,
    "follow": lambda: bootstrap.follow_process,
    "facts": lambda: bootstrap.facts_process,
}
"""By name what it runs, looked up late: each loads its own parts only."""
FAILED, HELD = 1, 3
"""Exit codes: it could not go on; another process has its place."""


def main(name: str) -> int:
    settings = bootstrap.settings_of()
    logging.basicConfig(
        level=settings.log_level.upper(), format=f"%(asctime)s {name} %(levelname)s %(message)s"
    )
    end_with_parent()
    try:
        return FAILED if PROCESSES[name]()(settings) is False else 0
    except Held as held:
        logging.getLogger("crm_es").error("%s", held)  # noqa: TRY400 - no fault of ours
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
