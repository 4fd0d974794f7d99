"""A batch of commands: decided one after another on what the log says, their rows staged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm_es.aggregates.base import Aggregate
from crm_es.application.claims import Claims
from crm_es.application.desk import Desk
from crm_es.application.receipts import digest
from crm_es.errors import Invalid, Refused
from crm_es.log.attempt import Unit
from crm_es.log.envelope import Head, Rows, Submission
from crm_es.log.mapper import replay
from crm_es.log.recorder import Looks

if TYPE_CHECKING:
    from crm_es.application.crm import Crm

Answer = bytes | Refused
"""A receipt as JSON, or why not."""


class Batch:
    """Commands decided one after another, each on the state the one before left.

    Their rows are staged as they come; those of a unit that is refused are cut off again.
    """

    def __init__(
        self,
        crm: Crm,
        looks: Looks,
        head: Head,
        known: dict[bytes, tuple[bytes, bytes]],
        named: set[int],
    ) -> None:
        """``named`` are the streams that have been looked for: one not cached is not there."""
        self.crm, self._looks, self._known, self._named = crm, looks, known, named
        self.cache, self.mapper, self.sealer = crm.cache, crm.mapper, crm.sealer
        self.position, self.recorded_at = head
        self.now = datetime.fromtimestamp(head.recorded_at / 1e6, UTC)
        self.rows, self.claims = Rows(), Claims(looks)
        self.recorded: list[tuple[int, Any]] = []
        """(stream, event), one for each row of an event."""

    @property
    def head(self) -> Head:
        return Head(self.position, self.recorded_at)

    def decide(self, unit: Unit) -> list[Answer]:
        rows = self.rows
        before = len(rows.events), len(rows.subjects), len(rows.receipts)
        try:
            answers: list[Answer] = [self._answer(submission) for submission in unit]
        except Refused as refusal:
            self._undo(*before)
            return [refusal] * len(unit)
        except BaseException:
            self._undo(*before)
            raise
        self.claims.keep()
        return answers

    def _answer(self, submission: Submission) -> bytes:
        """The receipt of a command, or of the one before under its id. Raises Refused."""
        id = submission.command_id.bytes
        fingerprint = self.crm.blinded(submission.digest or digest(submission.command))
        known = self._known.get(id)
        if known is None:
            receipt = Desk(self, submission, id).decide()
            self._known[id] = fingerprint, receipt
            self.rows.receipts.append((id, fingerprint, receipt))
            return receipt
        if known[0] != fingerprint:
            raise Invalid("command.id_reused", "This command id was used for another command.")
        return known[1]

    def _undo(self, events: int, subjects: int, receipts: int) -> None:
        """Library aggregates change while they decide: bring back what the units before left."""
        rows = self.rows
        for id, _, _ in rows.receipts[receipts:]:
            del self._known[id]
        changed = {key for key, _ in self.recorded[events:]}
        self.position -= len(rows.events) - events
        del rows.events[events:], rows.subjects[subjects:], rows.receipts[receipts:]
        del self.recorded[events:]
        self.claims.undo()
        for key in changed:
            self.cache.pop(key, None)
            self.crm.load([key.to_bytes(16, "big")], self._looks.streams)
            staged = [event for of, event in self.recorded if of == key]
            if staged:
                self.cache[key] = replay(self.cache.get(key), staged)

    def find(self, id: UUID) -> Aggregate | None:
        key = id.int
        found = self.cache.get(key)
        if found is not None:
            self.cache.move_to_end(key)
        elif key not in self._named:
            self.crm.load([id.bytes], self._looks.streams)
            found = self.cache.get(key)
        return found
