"""A batch whose commit is under way, and what the next one may look at meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from crm_es.application.batch import Answer, Batch
from crm_es.log.envelope import Record
from crm_es.log.recorder import Looks, Transaction

Answers = list[list[Answer]]
"""One per command of each unit."""


class UnderWay:
    """A batch that is decided and inserted, and lacks but its commit."""

    def __init__(self, transaction: Transaction, batch: Batch, answers: Answers) -> None:
        rows = batch.rows
        self._transaction, self._answers = transaction, answers
        self.receipts = {receipt[0] for receipt in rows.receipts}
        self.streams = {event[2] for event in rows.events}
        self.claims = {(kind, value) for kind, value, _ in (*rows.claims, *rows.released)}
        self._committing = threading.Lock()
        self._committing.acquire()
        self.error: BaseException | None = None
        """What its commit failed of."""

    def commit(self) -> Answers:
        """Make it durable. Raises what it fails of, and then nothing of it was recorded."""
        try:
            self._transaction.commit()
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._committing.release()
        return self._answers

    def end(self) -> None:
        """Wait for its commit. Raises what that failed of: what is built on it falls with it."""
        with self._committing:
            pass
        if self.error is not None:
            raise self.error


class Beside:
    """The log as it will stand once the batch under way is in it (recorder.Looks).

    Its aggregates are at hand in the cache. Only who asks for something else that it changes
    must wait for its end.
    """

    def __init__(self, looks: Looks, before: UnderWay) -> None:
        self._looks, self._before = looks, before

    def receipts(self, command_ids: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        if not self._before.receipts.isdisjoint(command_ids):
            self._before.end()
        return self._looks.receipts(command_ids)

    def claimant(self, kind: str, value: bytes) -> bytes | None:
        if (kind, value) in self._before.claims:
            self._before.end()
        return self._looks.claimant(kind, value)

    def streams(self, stream_ids: Sequence[bytes]) -> Iterator[Record]:
        if not self._before.streams.isdisjoint(stream_ids):
            self._before.end()
        return self._looks.streams(stream_ids)
