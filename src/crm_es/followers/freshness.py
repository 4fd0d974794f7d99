"""Read your writes: an answer that holds a position, or a refusal to give an older one."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

from crm_es.errors import Invalid, Unavailable

WAIT_SECONDS = 0.3
POLL_SECONDS = 0.001


def wait_for(
    position: int,
    reached: Callable[[], int],
    head: Callable[[], int],
    *,
    timeout: float = WAIT_SECONDS,
) -> int:
    """The position that is reached, at or behind the one asked for.

    ``reached`` says how far a read model is, ``head`` where the log ends. Raises Invalid for a
    position the log does not have, and Unavailable when the time is over.
    """
    now = reached()
    if now >= position:
        return now
    if position > head():
        raise Invalid("position.beyond_head", "The log does not reach that position.")
    until = monotonic() + timeout
    while (now := reached()) < position:
        if monotonic() >= until:
            raise Unavailable("position.not_reached", f"Position {now} is reached so far.")
        sleep(POLL_SECONDS)
    return now
