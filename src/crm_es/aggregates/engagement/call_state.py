"""The words a call is described with: its direction, its result, how it stands."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class CallResult(StrEnum):
    """What came of it, in our own few words; the source's words stand in ``outcome``."""

    ANSWERED = "answered"
    MISSED = "missed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


UNANSWERED = frozenset(
    {
        CallResult.MISSED, CallResult.NO_ANSWER, CallResult.BUSY, CallResult.SCHEDULED,
        CallResult.CANCELLED,
    }
)  # fmt: skip
"""Results of a call in which nobody talked. One that failed or was recorded may be either."""


class CallState(StrEnum):
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    ENDED = "ended"


class Callback(StrEnum):
    REQUIRED = "required"
    DONE = "done"
    WAIVED = "waived"


def is_miss(direction: Direction, result: CallResult) -> bool:
    """Whether somebody called us and nobody took it."""
    return direction is Direction.INBOUND and result in {CallResult.MISSED, CallResult.NO_ANSWER}
