"""``given(*facts).when(command).then(*facts)``: the one shape of a decision's test.

A fact is an event without its envelope, and personal values are compared by what they seal, so that
a test states only what matters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import pytest
from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import ENVELOPE, Aggregate, personal_fields
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.errors import Conflict, NotFound, Refused
from crm_es.log.mapper import replay

SUBJECT = UUID(int=1)  # the aggregate under test
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True)
class Fact:
    """One event of one stream: what kind, which stream, when, and its own fields."""

    kind: type[Any]
    details: dict[str, Any]
    stream: UUID = SUBJECT
    at: datetime = NOON

    def __repr__(self) -> str:
        return f"{self.kind.__qualname__}({self.details})"


def fact(
    kind: type[Aggregate.Event], /, *, on: UUID = SUBJECT, when: datetime = NOON, **details: Any
) -> Fact:
    """A past or expected event of the stream ``on``."""
    return Fact(kind, details, on, when)


def given(*facts: Fact) -> Given:
    return Given(facts)


def in_history(*facts: Fact) -> Given:
    """As ``given``, but the command comes from an import: broken rules become findings."""
    return Given(facts, is_history=True)


def decided(facts: tuple[Fact, ...], command: Command, *, is_history: bool = False) -> TestDesk:
    """What a command leaves on the desk, for a closer look at one thing about it."""
    return When(Given(facts, is_history=is_history), command)._decide()


@dataclass(frozen=True)
class Given:
    facts: tuple[Fact, ...]
    is_history: bool = False

    def when(self, command: Command) -> When:
        return When(self, command)


@dataclass
class When:
    """A decision taken on some facts; a test says what follows."""

    given: Given
    command: Command
    findings: list[str] = field(default_factory=list)

    def then(self, *facts: Fact) -> When:
        """Exactly these events are recorded, in this order."""
        desk = self._decide()
        recorded = [_fact(aggregate.id, event) for aggregate, event in desk.recorded]
        expected = [_sealed(one) for one in facts]
        assert [(f.kind, f.stream, f.details) for f in recorded] == [
            (f.kind, f.stream, f.details) for f in expected
        ]
        self.findings = desk.findings
        return self

    def then_nothing(self) -> When:
        return self.then()

    def with_findings(self, *codes: str) -> None:
        assert self.findings == list(codes)

    def then_found(self, *codes: str) -> None:
        """Something is recorded all the same, with exactly these findings."""
        desk = self._decide()
        assert desk.recorded
        assert desk.findings == list(codes)

    def then_refused(self, code: str) -> None:
        with pytest.raises(Refused) as refusal:
            self._decide()
        assert refusal.value.code == code

    def _decide(self) -> TestDesk:
        desk = TestDesk(self.given, self.command)
        self.command.decide(desk)
        return desk


class TestDesk:
    """The Desk of commands.base over given facts; seals by marking, so tests can read."""

    __test__ = False
    actor = "ann"
    currency = "EUR"

    def __init__(self, given: Given, command: Command) -> None:
        self.at = command.at or NOON
        self.precision = command.at_precision if command.at else Precision.EXACT
        self.is_history = given.is_history
        self.findings: list[str] = []
        self.recorded: list[tuple[Aggregate, Any]] = []
        self.claims: dict[tuple[str, str], UUID] = {}
        self._streams: dict[UUID, Any] = {}
        versions: dict[UUID, int] = {}
        for past in map(_sealed, given.facts):
            version = versions[past.stream] = versions.get(past.stream, 0) + 1
            event = _event(past, version)
            self._streams[past.stream] = replay(self._streams.get(past.stream), [event])

    def get(self, kind: type[A], id: UUID, /) -> A:
        found = self._streams.get(id)
        if not isinstance(found, kind):
            raise NotFound(f"{kind.TOPIC}.not_found", f"There is no {kind.TOPIC} {id}.")
        return found

    def find(self, kind: type[A], id: UUID, /) -> A | None:
        found = self._streams.get(id)
        if found is not None and not isinstance(found, kind):
            raise Conflict("id.of_other_kind", f"{id} is the id of something else.")
        return found

    def standing(self, kind: type[A], id: UUID, /) -> A | None:
        found = self.find(kind, id)
        return None if found is None or found.is_retracted else found

    def must(self, ok: object, code: str, detail: str) -> None:
        if not ok and not self.is_history:
            raise Conflict(code, detail)
        if not ok and code not in self.findings:
            self.findings.append(code)

    def unknown(self, code: str, detail: str) -> NoReturn:
        raise NotFound(code, detail)

    def claim(self, kind: str, value: str, owner: UUID) -> None:
        holder = self.claims.setdefault((kind, value), owner)
        self.must(holder == owner, f"{kind}.taken", "Another record holds this value.")

    def holder(self, kind: str, value: str) -> UUID | None:
        return self.claims.get((kind, value))

    def release(self, kind: str, value: str, owner: UUID) -> None:
        if self.claims.get((kind, value)) == owner:
            del self.claims[kind, value]

    claim_sealed = claim
    release_sealed = release

    def seal(
        self, kind: type[Any], personal: tuple[str, ...], subject: UUID, facts: dict[str, Any]
    ) -> None:
        facts.update(_marked(personal, facts))

    def is_same(self, token: str | None, text: str | None) -> bool:
        return token == (None if text is None else _mark(text))

    def unsealed(self, token: str) -> str | None:
        return token.removeprefix("~")

    def next_version(self, id: UUID) -> int:
        found = self._streams.get(id)
        return found.version + 1 if found is not None and found.is_retracted else 1

    def note(self, aggregate: Aggregate, event: Any) -> None:
        self._streams[aggregate.id] = aggregate
        self.recorded.append((aggregate, event))


def _mark(text: str) -> str:
    return f"~{text}"


def _marked(personal: tuple[str, ...], facts: dict[str, Any]) -> dict[str, Any]:
    marked: dict[str, Any] = {}
    for name in personal:
        value = facts.get(name)
        if isinstance(value, str):
            marked[name] = _mark(value)
        elif isinstance(value, dict):
            marked[name] = {key: _mark(text) for key, text in value.items()}
    return marked


def _sealed(one: Fact) -> Fact:
    details = {**one.details, **_marked(personal_fields(one.kind), one.details)}
    return Fact(one.kind, details, one.stream, one.at)


def _event(past: Fact, version: int) -> Any:
    envelope: dict[str, Any] = {
        "originator_id": past.stream,
        "originator_version": version,
        "timestamp": past.at,
    }
    topic: str = past.kind.TOPIC
    if issubclass(past.kind, AggregateCreated):
        envelope["originator_topic"], _, _ = topic.partition(".")
    return past.kind(**envelope, **past.details)


def _fact(stream: UUID, event: Any) -> Fact:
    details = {name: value for name, value in vars(event).items() if name not in ENVELOPE}
    return Fact(type(event), details, stream)
