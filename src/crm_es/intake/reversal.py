"""An import taken back: what it began and nobody else has touched since is retracted.

The latest first, so that an order goes before its customer. It can be killed and run again: the
commands' ids are functions of the import and the stream, and its own events are nobody else's.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import orjson

from crm_es.aggregates import BEGINNINGS
from crm_es.aggregates.platform.import_batch import ImportState
from crm_es.commands import REGISTRY
from crm_es.errors import NotFound, Refused, Unavailable
from crm_es.intake.milestones import Halted, standing, tell
from crm_es.log.envelope import Circumstances, Submission
from crm_es.log.failures import Failed
from crm_es.log.queue import Submitter
from crm_es.log.recorder import LogRecorder

PAGE_SIZE = 500
LISTED_MAX = 1_000
TOUCHED = "touched"
RETRACTIONS: dict[str, str] = {
    "customer": "RetractCustomer",
    "employee": "RetractEmployee",
    "affiliation": "RetractAffiliation",
    "activity": "RetractActivity",
    "call": "RetractCall",
    "visit": "RetractVisit",
    "interaction": "RetractInteraction",
    "web_session": "RetractWebSession",
    "product": "RetractProduct",
    "lead": "RetractLead",
    "opportunity": "RetractOpportunity",
    "order": "RetractOrder",
    "case": "RetractCase",
    "campaign": "RetractCampaign",
    "campaign_member": "RetractMember",
    "exchange_rate": "RetractExchangeRate",
}
"""By kind of stream, the command that takes one back."""
MADE_OF = {
    "campaign_member": ("campaign_id", "customer_id"),
    "exchange_rate": ("currency", "valid_on"),
}
"""Kinds whose ids are made of what they are: the fields of their first event."""
KEPT = {"pipeline", "field_definition", "import"}
"""Kinds that stay: they say what words mean, or what was done."""


class Reversed(NamedTuple):
    """What came of a revert, by kind of stream."""

    taken_back: dict[str, int]
    kept: dict[str, int]
    listed: Path
    """The file of what was kept, and why."""
    is_repeat: bool = False
    """It was taken back before, and nothing was done now."""


class _Stream(NamedTuple):
    id: UUID
    kind: str
    begun_at: int
    """The position: of what began anew, that of its last beginning."""


class _Kept(NamedTuple):
    kind: str
    stream_id: UUID
    code: str
    touched_by: UUID | None = None


class Reversal:
    """One import on its way out. ``log`` is a reader, ``folder`` is where what stays is listed."""

    def __init__(
        self,
        import_id: UUID,
        submitter: Submitter,
        log: LogRecorder,
        *,
        folder: Path,
        actor: str,
        progress: Callable[[int], None] = lambda streams: None,
    ) -> None:
        self._import_id, self._submitter, self._log = import_id, submitter, log
        self._path, self._progress = folder / f"{import_id}.kept.csv", progress
        self._whence = Circumstances(actor, correlation_id=import_id)

    def carry_out(self, reason: str) -> Reversed:
        """Raises NotFound, Refused, Halted."""
        known = standing(self._log, self._import_id)
        if known is None:
            raise NotFound("import.not_found", f"There is no import {self._import_id}.")
        if known.state is ImportState.REVERTED:
            told = known.reverted or {}
            return Reversed(told["taken_back"], told["kept"], self._path, is_repeat=True)
        self._tell("RevertImport", reason=reason)
        taken_back: Counter[str] = Counter()
        kept: Counter[str] = Counter()
        listed: list[_Kept] = []
        with self._path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(_Kept._fields)
            for page in self._begun(known.begun_at):
                left = self._retract(page)
                rows.writerows(left)
                kept.update(one.kind for one in left)
                taken_back.update(stream.kind for stream in page)
                listed += left[: LISTED_MAX - len(listed)]
                self._progress(len(page))
        taken_back.subtract(kept)
        self._tell(
            "FinishRevert", taken_back=+taken_back, kept=kept,
            listed=[one._asdict() for one in listed],
        )  # fmt: skip
        return Reversed(dict(+taken_back), dict(kept), self._path)

    def _begun(self, after: int) -> Iterator[list[_Stream]]:
        """The streams the import began, its own left out, page by page."""
        before = self._log.head().position + 1
        while page := self._log.begun(
            self._import_id, BEGINNINGS, after=after, before=before, limit=PAGE_SIZE
        ):
            before = page[-1][0]
            yield [_Stream(UUID(bytes=id), topic.partition(".")[0], at) for at, id, topic in page]

    def _retract(self, streams: list[_Stream]) -> list[_Kept]:
        """Take back what nobody has touched. Returns what stays."""
        since = [(stream.id.bytes, stream.begun_at) for stream in streams]
        touched = self._log.touched(since, but_by=self._import_id)
        kept: list[_Kept] = []
        going: list[_Stream] = []
        for stream in streams:
            by = touched.get(stream.id.bytes)
            if by is not None:
                kept.append(_Kept(stream.kind, stream.id, TOUCHED, UUID(bytes=by)))
            elif stream.kind in KEPT:
                kept.append(_Kept(stream.kind, stream.id, f"{stream.kind}.kept"))
            else:
                going.append(stream)
        answers = self._submitter.submit([[self._retraction(stream)] for stream in going])
        for stream, (answer,) in zip(going, answers, strict=True):
            if isinstance(answer, (Unavailable, Failed)):
                raise Halted(str(answer))
            if isinstance(answer, Refused):
                kept.append(_Kept(stream.kind, stream.id, answer.code))
        return kept

    def _retraction(self, stream: _Stream) -> Submission:
        kind = REGISTRY[RETRACTIONS[stream.kind]]
        body: dict[str, Any] = {"reason": "import reverted"}
        if stream.kind in MADE_OF:
            (first,) = self._log.stream(stream.id, limit=1)
            told = orjson.loads(first.data)
            body |= {name: told[name] for name in MADE_OF[stream.kind]}
        else:
            body[kind.TARGET] = stream.id
        command = kind.model_validate_json(orjson.dumps(body))
        return Submission(uuid5(self._import_id, f"revert {stream.id}"), command, self._whence)

    def _tell(self, name: str, **body: Any) -> None:
        tell(self._submitter, self._import_id, self._whence.actor, name, **body)
