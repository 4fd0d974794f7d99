"""An employee: who works here, in which team, under whom, from joining until leaving."""

from __future__ import annotations

from datetime import date
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Personal, Plain


class Employee(Aggregate):
    """One person of ours, known by a handle everywhere else. Here -> left -> here again.

    Its events carry the handle, because that is what calls, deals and orders name.
    """

    TOPIC = "employee"

    def __init__(self) -> None:
        self.handle = ""
        self.name: str | None = None
        self.team: str | None = None
        self.manager: str | None = None
        self.has_left = False
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ()
        handle: Plain

    class Registered(Event, AggregateCreated):
        TOPIC = "employee.registered"
        name: Personal[str] | None
        team: Plain | None
        manager: Plain | None
        since: date | None
        source: Plain | None
        source_id: Plain | None

        def apply(self, employee: Employee) -> None:
            employee.handle, employee.name = self.handle, self.name
            employee.team, employee.manager = self.team, self.manager

    class Renamed(Event):
        TOPIC = "employee.renamed"
        name: Personal[str]

        def apply(self, employee: Employee) -> None:
            employee.name = self.name

    class TeamChanged(Event):
        TOPIC = "employee.team_changed"
        from_team: Plain | None
        to_team: Plain | None

        def apply(self, employee: Employee) -> None:
            employee.team = self.to_team

    class ManagerChanged(Event):
        TOPIC = "employee.manager_changed"
        from_manager: Plain | None
        to_manager: Plain | None

        def apply(self, employee: Employee) -> None:
            employee.manager = self.to_manager

    class Left(Event):
        TOPIC = "employee.left"
        team: Plain | None
        reason: Plain | None

        def apply(self, employee: Employee) -> None:
            employee.has_left = True

    class CameBack(Event):
        TOPIC = "employee.came_back"
        team: Plain | None

        def apply(self, employee: Employee) -> None:
            employee.has_left = False

    class Retracted(Event):
        TOPIC = "employee.retracted"
        reason: Plain

        def apply(self, employee: Employee) -> None:
            employee.is_retracted = True

    # What we allow.

    @classmethod
    def register(cls, id: UUID, on: Occasion, /, **person: Any) -> Self:
        return cls.begin(cls.Registered, on, id, person)

    def rename(self, name: str, on: Occasion) -> None:
        if not on.is_same(self.name, name):
            self._must_count(on)
            self.record(self.Renamed, on, handle=self.handle, name=name)

    def join(self, team: str | None, on: Occasion) -> None:
        if team != self.team:
            self._must_be_here(on)
            self.record(self.TeamChanged, on, handle=self.handle, from_team=self.team, to_team=team)

    def report_to(self, manager: str | None, on: Occasion) -> None:
        if manager != self.manager:
            self._must_be_here(on)
            self.record(
                self.ManagerChanged, on, handle=self.handle, from_manager=self.manager,
                to_manager=manager,
            )  # fmt: skip

    def leave(self, reason: str | None, on: Occasion) -> None:
        if not self.has_left:
            self._must_count(on)
            self.record(self.Left, on, handle=self.handle, team=self.team, reason=reason)

    def come_back(self, on: Occasion) -> None:
        if self.has_left:
            self._must_count(on)
            self.record(self.CameBack, on, handle=self.handle, team=self.team)

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, handle=self.handle, reason=reason)

    def _must_be_here(self, on: Occasion) -> None:
        self._must_count(on)
        on.must(not self.has_left, "employee.left", "That employee has left.")

    def _must_count(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "employee.retracted", "It was taken back.")
