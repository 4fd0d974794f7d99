"""An uploaded file, imported in a process of its own: ``python -m crm_es.interfaces.importing``.

It says one line of JSON once the file is read: which import it is, or why it is none. Then it
carries it out, and what came of it stands in the log.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import orjson

from crm_es import bootstrap
from crm_es.errors import Refused
from crm_es.intake.accounting import Unaccounted
from crm_es.intake.limits import UPLOAD
from crm_es.intake.mapping import shipped
from crm_es.intake.milestones import Halted
from crm_es.interfaces.process import end_with_parent

log = logging.getLogger("crm_es.import")


def main(mapping: str, file: str, actor: str) -> int:
    settings = bootstrap.settings_of()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s import %(message)s")
    end_with_parent()
    try:
        with bootstrap.planned_import(settings, shipped(mapping), [Path(file)], UPLOAD) as plan:
            _say({"import_id": plan.import_id})
            bootstrap.carry_out(settings, plan, actor=actor)
    except Refused as refusal:
        _say({"kind": type(refusal).__name__, "code": refusal.code, "detail": refusal.detail})
        return 1
    except (Halted, Unaccounted) as reason:
        log.error("%s", reason)  # noqa: TRY400 - it stands in the log as well
        return 1
    return 0


def _say(told: dict[str, Any]) -> None:
    """Nobody may be listening any more."""
    try:
        sys.stdout.buffer.write(orjson.dumps(told, str) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        log.info("Nobody waits for the answer")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
