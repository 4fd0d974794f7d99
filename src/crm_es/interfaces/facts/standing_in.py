"""The facts while the process that owns them is away: as they were published last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from time import time

from crm_es.interfaces.facts.asking import Asked, Opened
from crm_es.interfaces.http.problems import Problem
from crm_es.projections.facts.published import Published
from crm_es.projections.facts.snapshot import NoSnapshot


class PublishedFacts:
    """Answers at the position of the newest snapshot, and says so; never for a later one."""

    def __init__(self, published: Published, log_head: Callable[[], int]) -> None:
        self.plan = published.plan
        self._published, self._log_head = published, log_head

    async def wait(self, asked: Asked) -> None:
        """Nothing is waited for: no snapshot comes while its maker is away."""
        try:
            position = self._published.newest.position
        except NoSnapshot:
            raise _silent("There is no snapshot yet.") from None
        if asked.min_position > position:
            if asked.min_position > await asyncio.to_thread(self._log_head):
                raise Problem(400, "position.unknown", "The log does not reach that position.")
            raise _silent(f"The newest snapshot is of position {position}.")

    def headers(self, position: int) -> dict[str, str]:
        made_at = datetime.fromtimestamp(self._published.newest.made_at / 1e6, UTC)
        age = time() - made_at.timestamp()
        return {
            "X-Position": str(position), "X-Age": f"{max(age, 0.0):.3f}",
            "X-Snapshot": made_at.isoformat(timespec="milliseconds"),
        }  # fmt: skip

    def opened(self, asked: Asked) -> Opened:
        try:
            cursor, snapshot, parked = self._published.opened()
        except NoSnapshot as none:
            raise _silent(str(none)) from None
        if asked.as_of_position is not None:
            cursor.execute(f"set variable as_of_position = {asked.as_of_position:d}")
        return Opened(cursor, snapshot.position, parked, views_know=snapshot.position)


def _silent(detail: str) -> Problem:
    return Problem(503, "facts.silent", detail)
