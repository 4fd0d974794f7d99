"""An import taken back, in a process of its own: ``python -m crm_es.interfaces.reverting ID``.

Somebody has begun the revert by a command; what comes of it stands in the log. Killed, it is begun
again by who follows, and goes on where it stopped.
"""

from __future__ import annotations

import logging
import sys
from uuid import UUID

from crm_es import bootstrap
from crm_es.errors import Refused
from crm_es.intake.milestones import Halted
from crm_es.interfaces.process import end_with_parent

log = logging.getLogger("crm_es.reverts")


def main(import_id: str) -> int:
    settings = bootstrap.settings_of()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s revert %(message)s")
    end_with_parent()
    try:
        came = bootstrap.finish_revert(settings, UUID(import_id))
    except (Refused, Halted) as reason:
        log.error("%s", reason)  # noqa: TRY400 - says all there is to say
        return 1
    gone, kept = sum(came.taken_back.values()), sum(came.kept.values())
    log.info("Import %s is taken back: %d things, %d were kept", import_id, gone, kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
