"""What a store of facts is to hold: the tenant's calendar, the events, the facts and the views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from json import dumps
from typing import Any

from crm_es.aggregates import EVENTS
from crm_es.projections import facts
from crm_es.projections.facts.calendar import Calendar


def _texts(paths: Iterable[str]) -> dict[str, str]:
    return {facts.name_of(path): facts.text(path) for path in paths}


@dataclass(frozen=True)
class Plan:
    """By default everything there is, in the calendar of a tenant who has set none."""

    calendar: Calendar = field(default_factory=Calendar)
    events: Sequence[type[Any]] = EVENTS
    facts: Mapping[str, str] = field(default_factory=lambda: _texts(facts.FACTS))
    """SQL by name."""
    views: Mapping[str, str] = field(default_factory=lambda: _texts(facts.VIEWS))
    """SQL by name, after that of the views it reads."""

    @cached_property
    def digest(self) -> str:
        """Changes with whatever is read from facts: their texts, those of views, the calendar."""
        texts = [self.calendar.macros(), [*self.facts.items()], [*self.views.items()]]
        return sha256(dumps(texts).encode()).hexdigest()
