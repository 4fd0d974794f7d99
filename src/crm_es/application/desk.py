"""The desk a command decides at: the streams it may see, the judge of its rules, its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from uuid import UUID

from crm_es.aggregates.base import Aggregate, subjects_of
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.errors import Conflict, Invalid, NotFound
from crm_es.log.envelope import Receipt, Submission, event_id

if TYPE_CHECKING:
    from crm_es.application.batch import Batch

FUTURE_MAX = timedelta(minutes=5)
DEPTH_MAX = 32

A = TypeVar("A", bound=Aggregate)


class Desk:
    """One command's view of the world, and what it decided (commands.base.Desk)."""

    __slots__ = (
        "_batch", "_envelope", "_event_id", "_findings", "_n", "_submission", "at", "claims",
        "command_id", "events", "fingerprint", "is_history", "position", "precision", "receipt",
        "recorded", "subjects",
    )  # fmt: skip

    def __init__(
        self,
        batch: Batch,
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
        self.recorded: list[tuple[bytes, Any]] = []
        self._envelope: tuple[tuple[int, ...], tuple[Any, ...]] | None = None
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
        target = command.target
        found = self._batch.find(target)
        version = found.version if found else 0
        self.receipt = Receipt(
            submission.command_id, target, version, self.position, len(self.events)
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

    def next_version(self, id: UUID) -> int:
        found = self._batch.find(id)
        return found.version + 1 if found is not None and found.is_retracted else 1

    def note(self, aggregate: Aggregate, event: Any) -> None:
        batch, key = self._batch, aggregate.id.bytes
        batch.cache[key] = aggregate
        position = self.position = self.position + 1
        topic, schema, data = batch.mapper.encode(event)
        subjects = [subject.bytes for subject in subjects_of(type(event))(event)]
        findings = None
        if self._findings:
            findings = ",".join(self._findings)
            self._findings.clear()
        times, whence = self._envelope or self._prepared()
        self.events.append(
            (
                position, self._event_id, key, event.originator_version, topic, schema, *times,
                findings, *whence, b"".join(subjects), data,
            )
        )  # fmt: skip
        for subject in subjects:
            self.subjects.append((subject, position))
        self.recorded.append((key, event))

    def _prepared(self) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        """The columns that all events of one command share, in their two places."""
        whence, recorded_at = self._submission.circumstances, self._batch.recorded_at
        occurred_at = _micros(self.at) if self.at is not self._batch.now else recorded_at
        cause, correlation = whence.causation_id, whence.import_id or whence.correlation_id
        self._envelope = (
            (occurred_at, int(self.precision), recorded_at),
            (
                whence.actor, whence.on_behalf_of, self.command_id,
                correlation.bytes if correlation else self.command_id,
                cause.bytes if cause else None, whence.depth,
            ),
        )  # fmt: skip
        return self._envelope


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
