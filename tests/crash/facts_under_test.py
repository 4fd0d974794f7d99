"""A facts follower that follows for ever, told which folder; a line on its output once it is level.

With CONTROL set it forgets its checkpoint at every start: what a store without one would do.
"""

import os
import sys
import threading
from pathlib import Path

from crm_es.followers.facts import FactsFollower
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.store import FactStore
from fact_store import SMALL


def main(folder: Path) -> None:
    store = FactStore(folder, SMALL, memory_limit_mib=256)
    if os.environ.get("CONTROL"):
        store.tables.position = 0
    follower = FactsFollower(store, lambda: SQLiteLog(folder / "log.sqlite", is_reader=True))
    follower.catch_up()
    sys.stdout.write("follows\n")
    sys.stdout.flush()
    follower.run(threading.Event())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
