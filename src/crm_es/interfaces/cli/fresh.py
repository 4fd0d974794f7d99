"""Reading what is stored from a shell: everything recorded so far is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep

from crm_es import bootstrap
from crm_es.errors import Unavailable
from crm_es.interfaces.cli.output import progress
from crm_es.interfaces.http.reading import Reading
from crm_es.settings import Settings

PATIENCE_SECONDS, LOOK_SECONDS = 30.0, 0.02
"""How long a running server's views may take to come to the head."""


@contextmanager
def reading(chosen: Settings) -> Iterator[Reading]:
    """Connections to read by, once the views are where the log was.

    Without a server the views are brought there by this process. Raises NoTenant, Unavailable.
    """
    head = caught_up(chosen)
    found = bootstrap.open_reading(chosen)
    with closing(found.log), closing(found.views):
        _wait(found, head)
        yield found


def caught_up(chosen: Settings) -> int:
    """Where the log is; the views of a tenant without a server are brought there."""
    with closing(bootstrap.open_log(chosen)) as log:
        head = log.head().position
    with progress("views", "steps") as report:
        bootstrap.catch_up(chosen, report)
    return head


def _wait(found: Reading, position: int) -> None:
    """Until the views of a running server hold a position."""
    until = monotonic() + PATIENCE_SECONDS
    while found.views.position < position:
        if monotonic() > until:
            raise Unavailable("position.not_reached", f"The views are not at {position} yet.")
        sleep(LOOK_SECONDS)
