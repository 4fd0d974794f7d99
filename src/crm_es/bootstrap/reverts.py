"""Reverts that were begun by a command, brought to their end."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

import orjson

from crm_es.aggregates.platform.import_batch import ImportBatch
from crm_es.bootstrap.imports import revert_import
from crm_es.bootstrap.tenant import open_log
from crm_es.errors import NotFound
from crm_es.intake.milestones import EVENTS_MAX
from crm_es.intake.reversal import Reversed
from crm_es.settings import Settings


def finish_revert(settings: Settings, import_id: UUID) -> Reversed:
    """Take back what somebody has asked to be, in their name. Raises NotFound, Refused, Halted."""
    with closing(open_log(settings)) as log:
        told = log.stream(import_id, limit=EVENTS_MAX)
    asked = [one for one in told if one.topic == ImportBatch.RevertStarted.TOPIC]
    if not asked:
        raise NotFound("import.not_reverting", f"Nobody has asked for a revert of {import_id}.")
    reason = orjson.loads(asked[-1].data)["reason"]
    return revert_import(settings, import_id, reason=reason, actor=asked[-1].actor)
