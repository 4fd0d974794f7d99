"""The facts where they are owned: at the live position, waited for, each question a transaction."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from crm_es.followers.facts import FactsFollower
from crm_es.interfaces.facts.asking import Asked, Opened
from crm_es.interfaces.http.problems import Problem
from crm_es.projections.facts.store import FactStore

WAIT_SECONDS = 0.3
"""How long an answer waits for the position it was asked to be at."""
LOOK_SECONDS = 0.002
RETRY = {"Retry-After": "1"}


class LiveFacts:
    """What the facts process asks. Questions may be opened in any thread."""

    def __init__(self, store: FactStore, follower: FactsFollower) -> None:
        self.plan = store.plan
        self._store, self._follower = store, follower

    async def wait(self, asked: Asked) -> None:
        """Raises Problem 503 while the facts are not there, 400 for a position nobody has."""
        deadline = monotonic() + WAIT_SECONDS
        while not self._follower.is_prepared or self._follower.position < asked.min_position:
            if monotonic() > deadline:
                raise await self._too_far(asked)
            await asyncio.sleep(LOOK_SECONDS)

    async def _too_far(self, asked: Asked) -> Problem:
        if not self._follower.is_prepared:
            return Problem(503, "facts.filling", "The facts are being filled.", headers=RETRY)
        if asked.min_position > await asyncio.to_thread(self._follower.log_head):
            return Problem(400, "position.unknown", "The log does not reach that position.")
        return Problem(503, "facts.behind", "The facts are not there yet.", headers=RETRY)

    @property
    def age(self) -> float:
        """Seconds since the facts last had all there was."""
        return max(monotonic() - self._follower.level_at, 0.0)

    def headers(self, position: int) -> dict[str, str]:
        return {"X-Position": str(position), "X-Age": f"{self.age:.3f}"}

    def standing(self) -> dict[str, Any]:
        """How far the facts are, and what they could not take."""
        return {
            "position": self._follower.position, "head": self._follower.head,
            "age": round(self.age, 3), "is_prepared": self._follower.is_prepared,
            "parked": dict(self._store.tables.parked), "rejected": self._store.mirror.rejected,
        }  # fmt: skip

    def opened(self, asked: Asked) -> Opened:
        cursor = self._store.cursor()
        if asked.as_of_position is not None:
            cursor.execute(f"set variable as_of_position = {asked.as_of_position:d}")
        cursor.execute("begin")
        position = cursor.execute("select max(position) from checkpoint").fetchall()[0][0]
        return Opened(cursor, position or 0, self._store.tables.parked)
