"""The one writer of a log: a batch of commands becomes one durable transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import Any
from uuid import UUID

from crm_es.aggregates.base import Aggregate
from crm_es.application.batch import Batch
from crm_es.application.receipts import receipt_from
from crm_es.application.under_way import Answers, Beside, UnderWay
from crm_es.errors import Refused
from crm_es.log.attempt import Unit
from crm_es.log.envelope import Head, Receipt, Record, Submission
from crm_es.log.failures import verdict
from crm_es.log.keys import KeyStore
from crm_es.log.mapper import EventMapper, replay
from crm_es.log.recorder import CLOCK_BEHIND_MAX, ClockBehind, LogRecorder, Looks
from crm_es.log.sealing import Sealer

CACHE_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Tenant:
    """What the write side must know of the company: the currency of amounts that name none."""

    currency: str = "EUR"


class Crm:
    """The one writer of a log: it decides a batch while the one before is committed.

    It holds a bounded cache of aggregates as the last batch left them, which counts only while
    the head is where this writer left it.
    """

    def __init__(
        self,
        recorder: LogRecorder,
        keys: KeyStore,
        *,
        tenant: Tenant,
        clock: Callable[[], int],
        cache_max: int = CACHE_MAX,
    ) -> None:
        """``clock`` gives microseconds since 1970 UTC."""
        recorder.check_durability()
        self.recorder, self.keys, self.tenant, self.clock = recorder, keys, tenant, clock
        self.mapper, self.sealer = EventMapper(), Sealer(keys)
        self.head = recorder.head()
        """Where the last batch leaves the log."""
        self.cache: OrderedDict[int, Aggregate] = OrderedDict()
        """Aggregates as the last batch left them; it may be ahead of the log.

        By the numbers that their ids are: hashing a UUID costs ten times as much.
        """
        self._cache_max = cache_max
        self._before: UnderWay | None = None
        self._hash_key = keys.find(bytes(16)) or keys.create(bytes(16))
        keys.flush()

    def execute(self, submission: Submission) -> Receipt:
        """Decide and record one command durably. Raises Refused, and then nothing was recorded."""
        answer = self.append([[submission]])[0][0]
        if isinstance(answer, Refused):
            raise answer
        return receipt_from(answer)

    def append(self, units: Sequence[Unit]) -> Answers:
        """Decide and record a batch in one durable transaction.

        Returns one answer per command of each unit. A refusal of any command of a unit is the
        answer of all of them, and nothing of that unit was recorded.
        """
        return self.stage(units).commit()

    def stage(self, units: Sequence[Unit]) -> UnderWay:
        """Decide a batch ahead, wait for the end of the one before, and insert under the lock.

        Its commit may be left to another thread while this one stages the next; what the next
        decides is recorded after it or, should its commit fail, not at all.
        """
        try:
            batch, answers = self._decided(units, self._beside(), self.head)
            if self._before is not None:
                self._before.end()
            transaction = self.recorder.begin()
            try:
                head = transaction.head()
                if head != self.head:  # somebody else wrote, or the batch before failed
                    self.cache.clear()
                    batch, answers = self._decided(units, transaction, head)
                batch.claims.add_to(batch.rows)
                self.keys.flush()
                transaction.add(batch.rows)
            except BaseException:
                transaction.undo()
                raise
        except BaseException:
            self._forget()
            raise
        self.head = batch.head if batch.rows.events else head
        while len(self.cache) > self._cache_max:
            self.cache.popitem(last=False)
        self._before = UnderWay(transaction, batch, answers)
        return self._before

    def _beside(self) -> Looks:
        """What to look at now. Raises what the batch before failed of if that was the end."""
        looks, before = self.recorder.look(), self._before
        if before is None:
            return looks
        if before.error is None:
            return Beside(looks, before)
        if verdict(before.error).is_fatal:
            raise before.error
        self._before = None  # the head shows that its events are not there
        return looks

    def _forget(self) -> None:
        """What was decided has not come into the log: look at everything anew."""
        self.cache.clear()
        self.head = self.head._replace(position=-1)

    def _decided(self, units: Sequence[Unit], looks: Looks, head: Head) -> tuple[Batch, Answers]:
        """Raises ClockBehind."""
        now = self.clock()
        if now < head.recorded_at - CLOCK_BEHIND_MAX:
            raise ClockBehind(f"The clock is {head.recorded_at - now} us behind the log's head.")
        submissions = [submission for unit in units for submission in unit]
        named = self._warm(submissions, looks)
        known = looks.receipts([s.command_id.bytes for s in submissions])
        recorded_at = max(now, head.recorded_at)
        batch = Batch(self, looks, Head(head.position, recorded_at), known, named)
        return batch, [batch.decide(unit) for unit in units]

    def _warm(self, submissions: Sequence[Submission], looks: Looks) -> set[int]:
        """Load cold streams and keys together; the streams that were looked for.

        History does not look at what a command only mentions, but seals under its keys. Live, a
        stream that is not there is about to begin, and has no key yet.
        """
        named: set[int] = set()
        subjects: set[int] = set()
        for submission in submissions:
            command = submission.command
            ids = [id.int for id in command.reads()]
            if submission.circumstances.import_id is None:
                named.update(ids)
            else:
                named.add(command.target.int)
                subjects.update(ids)
        cold = [key for key in named if key not in self.cache]
        self.load(_ids(cold), looks.streams)
        subjects.update(key for key in cold if key in self.cache)
        self.sealer.fetch(_ids(subjects))
        return named

    def load(self, ids: Sequence[bytes], streams: Callable[[Sequence[bytes]], Any]) -> None:
        """Fold some streams into the cache with one query; an id without events is not there."""
        if not ids:
            return
        for id, stream in groupby(streams(ids), key=lambda record: record.stream_id):
            self.cache[int.from_bytes(id, "big")] = replay(None, map(self.event_of, stream))

    def blinded(self, value: bytes) -> bytes:
        """A hash under the log's own key: equal values are told, no value can be guessed."""
        return blake2b(value, digest_size=16, key=self._hash_key).digest()

    def event_of(self, record: Record) -> Any:
        """The domain event of a record. Raises pydantic.ValidationError, TopicError."""
        return self.mapper.decode(
            UUID(bytes=record.stream_id),
            record.version,
            record.topic,
            record.schema_version,
            record.occurred_at,
            record.data,
        )


def _ids(keys: Iterable[int]) -> list[bytes]:
    return [key.to_bytes(16, "big") for key in keys]
