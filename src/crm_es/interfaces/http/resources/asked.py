"""What every read can be asked for: how fresh, as of when, and which page."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from crm_es.commands.fields import Instant
from crm_es.interfaces.http.log import POSITION_MAX
from crm_es.projections.views.paging import LIMIT, LIMIT_MAX

WAIT_MS, WAIT_MS_MAX = 300, 10_000
CURSOR_SIZE_MAX = 500

MinPosition = Annotated[
    int, Query(ge=0, le=POSITION_MAX, description="The answer holds at or beyond it, or 503.")
]
WaitMs = Annotated[
    int, Query(ge=0, le=WAIT_MS_MAX, description="How long that may take, in milliseconds.")
]
Then = Annotated[
    Instant | None, Query(description="As it was at that time: by when things happened.")
]
KnownThen = Annotated[
    Instant | None, Query(description="As it was known at that time: by when it was recorded.")
]
Cursor = Annotated[
    str | None, Query(max_length=CURSOR_SIZE_MAX, description="The `next` of the page before.")
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX)]


@dataclass(frozen=True, slots=True)
class _Fresh:
    min_position: MinPosition = 0
    wait_ms: WaitMs = WAIT_MS


@dataclass(frozen=True, slots=True)
class _AsOf:
    as_of: Then = None
    known_at: KnownThen = None

    @property
    def is_now(self) -> bool:
        return self.as_of is None and self.known_at is None


@dataclass(frozen=True, slots=True)
class _Paged:
    after: Cursor = None
    limit: Limit = LIMIT


Fresh = Annotated[_Fresh, Depends()]
"""How fresh an answer must be: never older than the position of a receipt."""
AsOf = Annotated[_AsOf, Depends()]
"""A moment of the past: what had happened, and what had been recorded by then."""
NOW = _AsOf()
Paged = Annotated[_Paged, Depends()]
"""A page of a list in its one order."""
