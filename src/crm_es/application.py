"""The write side: commands come in together, and are decided and recorded in one transaction."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import groupby
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import orjson

from crm_es.aggregates.base import Aggregate, subjects_of
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.errors import Conflict, Invalid, NotFound, Refused
from crm_es.log.envelope import Head, Receipt, Record, Rows, Submission, event_id
from crm_es.log.keys import KeyStore
from crm_es.log.mapper import EventMapper, replay
from crm_es.log.recorder import CLOCK_BEHIND_MAX, ClockBehind, LogRecorder, Transaction
from crm_es.log.sealing import Sealer

CACHE_MAX = 10_000
FUTURE_MAX = timedelta(minutes=5)
DEPTH_MAX = 32

A = TypeVar("A", bound=Aggregate)

Answer = bytes | Refused
"""A receipt as JSON, or why not."""

Unit = Sequence[Submission]
"""Commands recorded together or not at all: one over HTTP, those of a row or group on import."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """What the write side must know of the company: the currency of amounts that name none."""

    currency: str = "EUR"


class Crm:
    """The one writer of a log. ``append`` is called by one thread at a time.

    It holds a bounded cache of aggregates as the last commit left them, which counts only while
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
        self.cache: OrderedDict[UUID, Aggregate] = OrderedDict()
        """Aggregates as the last append left them; a batch in progress may be ahead of the log."""
        self._cache_max = cache_max
        self._hash_key = keys.find(bytes(16)) or keys.create(bytes(16))
        keys.flush()

    def execute(self, submission: Submission) -> Receipt:
        """Decide and record one command durably. Raises Refused, and then nothing was recorded."""
        answer = self.append([[submission]])[0][0]
        if isinstance(answer, Refused):
            raise answer
        return receipt_from(answer)

    def append(self, units: Sequence[Unit]) -> list[list[Answer]]:
        """Decide and record a batch in one durable transaction.

        Returns one answer per command of each unit. A refusal of any command of a unit is the
        answer of all of them, and nothing of that unit was recorded.
        """
        submissions = [submission for unit in units for submission in unit]
        named = dict.fromkeys(id for s in submissions for id in s.command.reads())
        self.load([id for id in named if id not in self.cache], self.recorder.streams)
        self.sealer.fetch(named)
        try:
            with self.recorder.begin() as transaction:
                batch = self._look(transaction, submissions, named)
                answers = [batch.decide(unit) for unit in units]
                self.keys.flush()
                transaction.add(batch.rows)
        except BaseException:
            self.cache.clear()
            self.head = self.head._replace(position=-1)
            raise
        self.head = batch.head
        self._trim(batch.touched)
        return answers

    def _look(
        self, transaction: Transaction, submissions: Sequence[Submission], named: dict[UUID, None]
    ) -> _Batch:
        """What was loaded before the lock was taken counts only if the head is where we left it."""
        head = transaction.head()
        if head != self.head:
            self.cache.clear()
            self.load(list(named), transaction.streams)
        now = self.clock()
        if now < head.recorded_at - CLOCK_BEHIND_MAX:
            raise ClockBehind(f"The clock is {head.recorded_at - now} us behind the log's head.")
        known = transaction.receipts([s.command_id.bytes for s in submissions])
        recorded_at = max(now, head.recorded_at)
        return _Batch(self, transaction, Head(head.position, recorded_at), known, named)

    def load(self, ids: Sequence[UUID], streams: Callable[[Sequence[bytes]], Any]) -> None:
        """Fold some streams into the cache with one query; an id without events is not there."""
        if not ids:
            return
        records = streams([id.bytes for id in ids])
        for key, stream in groupby(records, key=lambda record: record.stream_id):
            self.cache[UUID(bytes=key)] = replay(None, map(self.event_of, stream))

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

    def _trim(self, touched: set[UUID]) -> None:
        for id in touched:
            if id in self.cache:
                self.cache.move_to_end(id)
        while len(self.cache) > self._cache_max:
            self.cache.popitem(last=False)


class _Batch:
    """Commands decided one after another under the lock, each on the state the one before left."""

    def __init__(
        self,
        crm: Crm,
        transaction: Transaction,
        head: Head,
        known: dict[bytes, tuple[bytes, bytes]],
        named: dict[UUID, None],
    ) -> None:
        """``named`` are the streams that have been looked for: one not cached is not there."""
        self.crm, self.transaction, self.known, self._named = crm, transaction, known, named
        self.cache, self.mapper, self.sealer = crm.cache, crm.mapper, crm.sealer
        self.position, self.recorded_at = head
        self.now = datetime.fromtimestamp(head.recorded_at / 1e6, UTC)
        self.rows = Rows()
        self.touched: set[UUID] = set()
        self._staged: dict[UUID, list[Any]] = {}
        self._claims: dict[tuple[str, bytes], bytes | None] = {}

    @property
    def head(self) -> Head:
        return Head(self.position, self.recorded_at)

    def decide(self, unit: Unit) -> list[Answer]:
        desks: list[_Desk] = []
        claims: dict[tuple[str, bytes], bytes | None] = {}
        answers: list[Answer] = []
        position = self.position
        try:
            for submission in unit:
                stored = self._stored(submission, desks)
                if stored is not None:
                    answers.append(stored)
                    continue
                desk = _Desk(self, submission, position, claims)
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

    def _stored(self, submission: Submission, desks: list[_Desk]) -> bytes | None:
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

    def _stage(self, desk: _Desk) -> None:
        rows, receipt = self.rows, (desk.fingerprint, desk.receipt)
        rows.events += desk.events
        rows.subjects += desk.subjects
        rows.receipts.append((desk.command_id, *receipt))
        self.known[desk.command_id] = receipt
        staged, touched = self._staged, self.touched
        for id, event in desk.recorded:
            touched.add(id)
            if id in staged:
                staged[id].append(event)
            else:
                staged[id] = [event]

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

    def _undo(self, desks: list[_Desk]) -> None:
        """Library aggregates change while they decide: bring back what the units before left."""
        for id in {id for desk in desks for id, _ in desk.recorded}:
            self.cache.pop(id, None)
            self.crm.load([id], self.transaction.streams)
            staged = self._staged.get(id)
            if staged:
                self.cache[id] = replay(self.cache.get(id), staged)

    def find(self, id: UUID) -> Aggregate | None:
        found = self.cache.get(id)
        if found is None and id not in self._named:
            self.crm.load([id], self.transaction.streams)
            found = self.cache.get(id)
        return found


class _Desk:
    """One command's view of the world, and what it decided (commands.base.Desk)."""

    __slots__ = (
        "_batch", "_event_id", "_findings", "_n", "_submission", "at", "claims", "command_id",
        "events", "fingerprint", "is_history", "position", "precision", "receipt", "recorded",
        "subjects",
    )  # fmt: skip

    def __init__(
        self,
        batch: _Batch,
        submission: Submission,
        position: int,
        claims: dict[tuple[str, bytes], bytes | None],
    ) -> None:
        """``claims`` is what the commands of the unit have claimed and released so far."""
        command: Command = submission.command
        self._batch, self._submission, self.position = batch, submission, position
        self.is_history = submission.circumstances.import_id is not None
        self.at: datetime = command.at or batch.now
        self.precision: Precision = command.at_precision if command.at else Precision.EXACT
        self.command_id = submission.command_id.bytes
        self.fingerprint = batch.fingerprint(submission)
        self.receipt = b""
        self.events: list[tuple[Any, ...]] = []
        self.subjects: list[tuple[bytes, int]] = []
        self.recorded: list[tuple[UUID, Any]] = []
        self.claims = claims
        self._findings: list[str] = []
        self._n = 0

    def decide(self) -> bytes:
        submission, command = self._submission, self._submission.command
        self._check_time(command)
        if submission.circumstances.depth > DEPTH_MAX:
            raise Conflict("command.too_deep", f"A chain of {DEPTH_MAX} causes is the limit.")
        if submission.expected_version is not None:
            self._check_version(command.target, submission.expected_version)
        command.decide(self)
        target = self._batch.find(command.target)
        version = target.version if target else 0
        self.receipt = Receipt(
            submission.command_id, command.target, version, self.position, len(self.events)
        ).to_bytes()
        return self.receipt

    def _check_time(self, command: Command) -> None:
        ahead = command.at is not None and command.at > self._batch.now + FUTURE_MAX
        if ahead and not command.ALLOWS_FUTURE:
            raise Invalid("time.future", "That time is still to come.", pointer="/at")

    def _check_version(self, target: UUID, expected: int) -> None:
        found = self._batch.find(target)
        version = found.version if found else 0
        if version != expected:
            raise Conflict(
                "version.stale", f"The stream stands at version {version}, not {expected}."
            )

    # Reading.

    @property
    def actor(self) -> str:
        return self._submission.circumstances.actor

    @property
    def currency(self) -> str:
        return self._batch.crm.tenant.currency

    def get(self, kind: type[A], id: UUID, /) -> A:
        found = self._batch.find(id)
        if not isinstance(found, kind):
            raise NotFound(f"{kind.TOPIC}.not_found", f"There is no {kind.TOPIC} {id}.")
        return found

    def find(self, kind: type[A], id: UUID, /) -> A | None:
        found = self._batch.find(id)
        if found is not None and not isinstance(found, kind):
            raise Conflict("id.of_other_kind", f"{id} is the id of something else.")
        return found

    # Judging.

    def must(self, ok: object, code: str, detail: str) -> None:
        if ok:
            return
        if not self.is_history:
            raise Conflict(code, detail)
        if code not in self._findings:
            self._findings.append(code)

    def unknown(self, code: str, detail: str) -> NoReturn:
        raise NotFound(code, detail)

    def claim(self, kind: str, value: str, owner: UUID) -> None:
        self._reserve((kind, value.encode()), owner)

    def holder(self, kind: str, value: str) -> UUID | None:
        held = self._held((kind, value.encode()))
        return UUID(bytes=held) if held else None

    def release(self, kind: str, value: str, owner: UUID) -> None:
        self._give_back((kind, value.encode()), owner)

    def claim_sealed(self, kind: str, value: str, owner: UUID) -> None:
        self._reserve((kind, self._blinded(value)), owner)

    def release_sealed(self, kind: str, value: str, owner: UUID) -> None:
        self._give_back((kind, self._blinded(value)), owner)

    def _held(self, key: tuple[str, bytes]) -> bytes | None:
        return self.claims[key] if key in self.claims else self._batch.claimant(key)

    def _reserve(self, key: tuple[str, bytes], owner: UUID) -> None:
        holder = self._held(key)
        if holder is None:
            self.claims[key] = owner.bytes
        elif holder != owner.bytes:
            self.must(False, f"{key[0]}.taken", "Another record holds this value.")  # noqa: FBT003

    def _give_back(self, key: tuple[str, bytes], owner: UUID) -> None:
        if self._held(key) == owner.bytes:
            self.claims[key] = None

    def _blinded(self, value: str) -> bytes:
        return self._batch.crm.blinded(value.encode())

    # Sealing and recording.

    def sealed(self, personal: tuple[str, ...], subject: UUID, facts: dict[str, Any]) -> None:
        self._n += 1
        bound = self._event_id = event_id(self.command_id, self._n)
        seal = self._batch.sealer.seal
        for name in personal:
            value = facts.get(name)
            if isinstance(value, str):
                facts[name] = seal(subject, bound, value)
            elif isinstance(value, dict):
                facts[name] = {key: seal(subject, bound, text) for key, text in value.items()}

    def is_same(self, token: str | None, text: str | None) -> bool:
        return self._batch.sealer.is_same(token, text)

    def unsealed(self, token: str) -> str | None:
        return self._batch.sealer.open(token)

    def note(self, aggregate: Aggregate) -> None:
        batch, whence, id = self._batch, self._submission.circumstances, aggregate.id
        event = aggregate.pending_events.pop()
        batch.cache[id] = aggregate
        position = self.position = self.position + 1
        topic, schema, data = batch.mapper.encode(event)
        subjects = [subject.bytes for subject in subjects_of(type(event))(event)]
        cause = whence.causation_id
        correlation = whence.import_id or whence.correlation_id
        findings = None
        if self._findings:
            findings = ",".join(self._findings)
            self._findings.clear()
        self.events.append(
            (
                position, self._event_id, id.bytes,
                event.originator_version, topic, schema, _micros(event.timestamp),
                int(self.precision), batch.recorded_at, findings, whence.actor,
                whence.on_behalf_of, self.command_id,
                correlation.bytes if correlation else self.command_id,
                cause.bytes if cause else None, whence.depth, b"".join(subjects), data,
            )
        )  # fmt: skip
        for subject in subjects:
            self.subjects.append((subject, position))
        self.recorded.append((id, event))


def digest(command: Command, canonical: bytes | None = None) -> bytes:
    """What tells a command from another under one id. ``canonical`` is its JSON, if at hand."""
    body = command.model_dump_json().encode() if canonical is None else canonical
    return blake2b(type(command).__name__.encode() + body, digest_size=16).digest()


def receipt_from(answer: bytes) -> Receipt:
    """A stored receipt as an object."""
    raw = orjson.loads(answer)
    return Receipt(
        UUID(raw["command_id"]), UUID(raw["stream_id"]), raw["version"], raw["position"],
        raw["events"],
    )  # fmt: skip


def settle_memory() -> None:
    """Keep the garbage collector away from what lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
