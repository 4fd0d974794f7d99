"""The desk a command decides at: the streams it may see, the judge of its rules, its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from uuid import UUID

from crm_es.aggregates.base import Aggregate, subjects_of
from crm_es.aggregates.fields import Precision
from crm_es.application.claims import Key
from crm_es.commands.base import Command
from crm_es.errors import Conflict, Invalid, NotFound
from crm_es.log.envelope import Submission, event_id, receipt_json

if TYPE_CHECKING:
    from crm_es.application.batch import Batch

FUTURE_MAX = timedelta(minutes=5)
DEPTH_MAX = 32
_EXACT = Precision.EXACT

A = TypeVar("A", bound=Aggregate)


class Desk:
    """One command's view of the world, and what it decided (commands.base.Desk)."""

    __slots__ = (
        "_batch", "_findings", "_n", "_occurred_at", "_sealed", "_submission", "at", "command_id",
        "is_history", "precision",
    )  # fmt: skip

    def __init__(self, batch: Batch, submission: Submission, command_id: bytes) -> None:
        command: Command = submission.command
        self._batch, self._submission, self.command_id = batch, submission, command_id
        self.is_history = submission.circumstances.import_id is not None
        at = command.at
        if at is None:
            self.at, self.precision, self._occurred_at = batch.now, _EXACT, batch.recorded_at
        else:
            self.at, self.precision, self._occurred_at = at, command.at_precision, _micros(at)
        self._findings: list[str] = []
        self._n = 0

    def decide(self) -> bytes:
        """The receipt. Raises Refused, and then what was staged so far is to be cut off."""
        submission, batch = self._submission, self._batch
        command: Command = submission.command
        if command.at is not None:
            self._check_time(command, command.at)
        if submission.circumstances.depth > DEPTH_MAX:
            raise Conflict("command.too_deep", f"A chain of {DEPTH_MAX} causes is the limit.")
        if submission.expected_version is not None:
            self._check_version(command.target, submission.expected_version)
        before, target = batch.position, command.target
        command.decide(self)
        found, position = batch.find(target), batch.position
        version = found.version if found else 0
        return receipt_json(submission.command_id, target, version, position, position - before)

    def _check_time(self, command: Command, at: datetime) -> None:
        if at > self._batch.now + FUTURE_MAX and not command.ALLOWS_FUTURE:
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

    def standing(self, kind: type[A], id: UUID, /) -> A | None:
        found = self.find(kind, id)
        return None if found is None or found.is_retracted else found

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
        held = self._batch.claims.holder((kind, value.encode()))
        return UUID(bytes=held) if held else None

    def release(self, kind: str, value: str, owner: UUID) -> None:
        self._give_back((kind, value.encode()), owner)

    def claim_sealed(self, kind: str, value: str, owner: UUID) -> None:
        self._reserve((kind, self._blinded(value)), owner)

    def release_sealed(self, kind: str, value: str, owner: UUID) -> None:
        self._give_back((kind, self._blinded(value)), owner)

    def _reserve(self, key: Key, owner: UUID) -> None:
        claims = self._batch.claims
        holder = claims.holder(key)
        if holder is None:
            claims.give(key, owner.bytes)
        elif holder != owner.bytes:
            self.must(False, f"{key[0]}.taken", "Another record holds this value.")  # noqa: FBT003

    def _give_back(self, key: Key, owner: UUID) -> None:
        claims = self._batch.claims
        if claims.holder(key) == owner.bytes:
            claims.give(key, None)

    def _blinded(self, value: str) -> bytes:
        return self._batch.crm.blinded(value.encode())

    # Sealing and recording.

    def seal(
        self, kind: type[Any], personal: tuple[str, ...], subject: UUID, facts: dict[str, Any]
    ) -> None:
        batch, n = self._batch, self._n + 1
        self._n, bound = n, event_id(self.command_id, n)
        for name in personal:
            value = facts.get(name)
            if isinstance(value, str):
                facts[name] = batch.sealer.seal(subject, bound, value)
            elif value:
                seal = partial(batch.sealer.seal, subject, bound)
                facts[name] = {key: seal(text) for key, text in value.items()}
        self._sealed = bound, batch.mapper.encode_facts(kind, facts)

    def is_same(self, token: str | None, text: str | None) -> bool:
        return self._batch.sealer.is_same(token, text)

    def unsealed(self, token: str) -> str | None:
        return self._batch.sealer.open(token)

    def next_version(self, id: UUID) -> int:
        found = self._batch.find(id)
        return found.version + 1 if found is not None and found.is_retracted else 1

    def note(self, aggregate: Aggregate, event: Any) -> None:
        batch, id, whence = self._batch, event.originator_id, self._submission.circumstances
        event_id, (topic, schema, data) = self._sealed
        batch.cache[id.int] = aggregate
        batch.recorded.append((id.int, event))
        batch.position = position = batch.position + 1
        subjects = subjects_of(event)
        for subject in subjects:
            batch.rows.subjects.append((subject, position))
        findings = None
        if self._findings:
            findings = ",".join(self._findings)
            self._findings.clear()
        cause, correlation = whence.causation_id, whence.import_id or whence.correlation_id
        batch.rows.events.append(
            (
                position, event_id, id.bytes, event.originator_version, topic, schema,
                self._occurred_at, int(self.precision), batch.recorded_at, findings, whence.actor,
                whence.on_behalf_of, self.command_id,
                correlation.bytes if correlation else self.command_id,
                cause.bytes if cause else None, whence.depth, b"".join(subjects), data,
            )
        )  # fmt: skip


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
