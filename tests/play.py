"""Commands one after another on streams in memory: what holds whatever anyone asks, in any order.

After every command each stream is folded again from its events and must be what the live one is. A
refused command must have recorded nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.commands.base import Command
from crm_es.errors import Refused
from crm_es.log.mapper import replay
from scenario import Given, TestDesk
from world import command


class Play:
    """``do`` gives the events a command records, or the code of its refusal."""

    def __init__(self, *, is_history: bool = False) -> None:
        self.is_history = is_history
        self.events: dict[UUID, list[Any]] = {}
        self.claims: dict[tuple[str, str], UUID] = {}
        self.findings: list[str] = []
        """Of the last command."""
        self.refusal: Refused | None = None
        """Of the last command."""

    def do(self, name: str, /, **body: Any) -> list[Any] | str:
        return self.decide(command(name, **body))

    def decide(self, command: Command) -> list[Any] | str:
        self.refusal = None
        desk = TestDesk(Given((), is_history=self.is_history), command)
        desk._streams = {id: replay(None, events) for id, events in self.events.items()}
        desk.claims = dict(self.claims)
        try:
            command.decide(desk)
        except Refused as refusal:
            self.refusal = refusal
            return refusal.code
        self.claims, self.findings = desk.claims, desk.findings
        for aggregate, event in desk.recorded:
            self.events.setdefault(aggregate.id, []).append(event)
        for id, live in desk._streams.items():
            assert vars(live) == vars(replay(None, self.events[id]))
        return [event for _, event in desk.recorded]

    def lives(self) -> list[list[Any]]:
        """The events of each stream, apart where it was taken back and began anew."""
        lives: list[list[Any]] = []
        for events in self.events.values():
            for event in events:
                if isinstance(event, AggregateCreated):
                    lives.append([])
                lives[-1].append(event)
        return lives
