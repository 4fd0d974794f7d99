"""A follower's place in the log: kept beside what it made, and checked before it goes on."""

from __future__ import annotations

from typing import Protocol

from crm_es.log.envelope import Head, Record
from crm_es.log.recorder import Generation
from crm_es.projections.views.build_file import Checkpoint


class Log(Protocol):
    """What is asked of a log to find out whether a place is in it."""

    def generation(self) -> Generation: ...
    def head(self) -> Head: ...
    def read(self, after: int, limit: int) -> list[Record]: ...


def place_at(log: Log, position: int) -> Checkpoint:
    """The place behind the event at a position; 0 is before the first."""
    found = log.read(position - 1, 1) if position else []
    return Checkpoint(log.generation().id, position, found[0].event_id if found else b"")


def is_in(log: Log, place: Checkpoint) -> bool:
    """Whether this very log was read up to there; not if it was restored, or ends before."""
    return place_at(log, place.position) == place
