"""The times of a call in progress, and what they come to when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm_es.aggregates.engagement.moments import Moment
from crm_es.aggregates.fields import Plain


@dataclass(frozen=True)
class CallLeg:
    """The part of a call that one agent had, holds included; None is unknown."""

    agent: Plain | None
    seconds: int | None


@dataclass
class CallTimes:
    """When it rang, was taken, held, handed on; ``latest`` is the last time that is known."""

    rang: Moment | None = None
    answered: Moment | None = None
    held: Moment | None = None
    handed: Moment | None = None
    latest: Moment | None = None
    wait_seconds: int | None = None
    hold_seconds: int | None = 0
    legs: list[CallLeg] = field(default_factory=list)

    def note(self, moment: Moment) -> Moment:
        """Keep in mind that something happened then."""
        if moment.is_known:
            self.latest = moment
        return moment

    def held_until(self, now: Moment) -> int | None:
        """All seconds on hold so far; None is unknown."""
        if self.held is None or self.hold_seconds is None:
            return self.hold_seconds
        last = now.seconds_since(self.held)
        return None if last is None else self.hold_seconds + last

    def measured(self, agent: str | None, now: Moment) -> dict[str, Any]:
        """How long it rang, was talked and was held: together never more than it took."""
        if self.answered is None:
            waited = now.seconds_since(self.rang)
            return {"seconds": 0, "wait_seconds": waited, "hold_seconds": 0, "legs": ()}
        taken, held = now.seconds_since(self.answered), self.held_until(now)
        talked = None if taken is None or held is None else max(taken - held, 0)
        return {
            "seconds": talked, "wait_seconds": self.wait_seconds,
            "hold_seconds": held if taken is None or talked is None else taken - talked,
            "legs": (*self.legs, CallLeg(agent, now.seconds_since(self.handed))),
        }  # fmt: skip
