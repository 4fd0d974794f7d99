"""A batch under the log's lock: receipts are looked up, commands decided, rows staged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crm_es.aggregates.base import Aggregate
from crm_es.application.desk import Desk
from crm_es.application.receipts import digest
from crm_es.errors import Invalid, Refused
from crm_es.log.envelope import Head, Rows, Submission
from crm_es.log.mapper import replay
from crm_es.log.recorder import Transaction

if TYPE_CHECKING:
    from crm_es.application.crm import Crm

Answer = bytes | Refused
"""A receipt as JSON, or why not."""

Unit = Sequence[Submission]
"""Commands recorded together or not at all: one over HTTP, those of a row or group on import."""


class Batch:
    """Commands decided one after another under the lock, each on the state the one before left."""

    def __init__(
        self,
        crm: Crm,
        transaction: Transaction,
        head: Head,
        known: dict[bytes, tuple[bytes, bytes]],
        named: set[bytes],
    ) -> None:
        """``named`` are the streams that have been looked for: one not cached is not there."""
        self.crm, self.transaction, self.known, self._named = crm, transaction, known, named
        self.cache, self.mapper, self.sealer = crm.cache, crm.mapper, crm.sealer
        self.position, self.recorded_at = head
        self.now = datetime.fromtimestamp(head.recorded_at / 1e6, UTC)
        self.rows = Rows()
        self._staged: list[tuple[bytes, Any]] = []
        self._claims: dict[tuple[str, bytes], bytes | None] = {}

    @property
    def head(self) -> Head:
        return Head(self.position, self.recorded_at)

    def decide(self, unit: Unit) -> list[Answer]:
        desks: list[Desk] = []
        claims: dict[tuple[str, bytes], bytes | None] = {}
        answers: list[Answer] = []
        position = self.position
        try:
            for submission in unit:
                stored = self._stored(submission, desks)
                if stored is not None:
                    answers.append(stored)
                    continue
                desk = Desk(self, submission, position, claims)
                desks.append(desk)
                answers.append(desk.decide())
                position = desk.position
        except Refused as refusal:
            self._undo(desks)
            return [refusal] * len(unit)
        except BaseException:
            self._undo(desks)
            raise
        for desk in desks:
            self._stage(desk)
        for key, owner in claims.items():
            self._claim(key, owner)
        self.position = position
        return answers

    def _stored(self, submission: Submission, desks: list[Desk]) -> bytes | None:
        """The answer given before to this command id. Raises Invalid if the command was another."""
        id = submission.command_id.bytes
        known = self.known.get(id)
        if known is None and desks:
            known = next(((d.fingerprint, d.receipt) for d in desks if d.command_id == id), None)
        if known is None:
            return None
        if known[0] != self.fingerprint(submission):
            raise Invalid("command.id_reused", "This command id was used for another command.")
        return known[1]

    def fingerprint(self, submission: Submission) -> bytes:
        """A keyed hash of the canonical command: says nothing about its personal values."""
        return self.crm.blinded(submission.digest or digest(submission.command))

    def _stage(self, desk: Desk) -> None:
        rows, receipt = self.rows, (desk.fingerprint, desk.receipt)
        rows.events += desk.events
        rows.subjects += desk.subjects
        rows.receipts.append((desk.command_id, *receipt))
        self.known[desk.command_id] = receipt
        self._staged += desk.recorded

    def claimant(self, key: tuple[str, bytes]) -> bytes | None:
        if key in self._claims:
            return self._claims[key]
        return self.transaction.claimant(*key)

    def _claim(self, key: tuple[str, bytes], owner: bytes | None) -> None:
        held = self.transaction.claimant(*key)
        if key in self._claims:
            self.rows.claims = [c for c in self.rows.claims if c[:2] != key]
        elif held is not None:
            self.rows.released.append((*key, held))
        if owner is not None:
            self.rows.claims.append((*key, owner))
        self._claims[key] = owner

    def _undo(self, desks: list[Desk]) -> None:
        """Library aggregates change while they decide: bring back what the units before left."""
        for key in {key for desk in desks for key, _ in desk.recorded}:
            self.cache.pop(key, None)
            self.crm.load([key], self.transaction.streams)
            staged = [event for of, event in self._staged if of == key]
            if staged:
                self.cache[key] = replay(self.cache.get(key), staged)

    def find(self, id: UUID) -> Aggregate | None:
        key = id.bytes
        found = self.cache.get(key)
        if found is not None:
            self.cache.move_to_end(key)
        elif key not in self._named:
            self.crm.load([key], self.transaction.streams)
            found = self.cache.get(key)
        return found
