"""What an import tells the log of itself, and what the log knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from crm_es.aggregates.platform.import_batch import ImportBatch, ImportState
from crm_es.commands import REGISTRY
from crm_es.errors import Refused, Unavailable
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.failures import Failed
from crm_es.log.queue import Submitter
from crm_es.log.recorder import LogRecorder

EVENTS_MAX = 1_000
"""Of one import: begun, failed, begun again, ..., done."""


class Halted(Exception):  # noqa: N818 - says how things stand
    """It cannot go on now. Run again, it goes on where it stopped."""


def tell(submitter: Submitter, import_id: UUID, actor: str, name: str, **body: Any) -> None:
    """One command about the import itself. Raises Refused, Halted."""
    command = REGISTRY[name].model_validate_json(orjson.dumps({"import_id": import_id, **body}))
    whence = Circumstances(actor, correlation_id=import_id)
    ((answer,),) = submitter.submit([[Submission(new_id(), command, whence)]])
    if isinstance(answer, (Unavailable, Failed)):
        raise Halted(str(answer))
    if isinstance(answer, Refused):
        raise answer


@dataclass(frozen=True, slots=True)
class Standing:
    """How an import stands in the log."""

    state: ImportState
    begun_at: int
    """The position of its first event."""
    committed: dict[str, Any] | None = None
    """Its report, if it was committed."""
    reverted: dict[str, Any] | None = None
    """What came of its revert, if there was one."""


def standing(log: LogRecorder, import_id: UUID) -> Standing | None:
    """None if nobody has begun it."""
    records = log.stream(import_id, limit=EVENTS_MAX)
    if not records:
        return None
    told = {record.topic: _facts(record.data) for record in records}
    return Standing(
        ImportState(orjson.loads(records[-1].data)["to_state"]),
        records[0].position,
        told.get(ImportBatch.Committed.TOPIC),
        told.get(ImportBatch.Reverted.TOPIC),
    )


def _facts(data: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = orjson.loads(data)
    return {name: value for name, value in facts.items() if not name.endswith("_state")}
