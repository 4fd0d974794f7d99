"""Who answers for the facts process while it does not: made when needed, let go when it is back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Response

from crm_es.interfaces.http.problems import Problem

if TYPE_CHECKING:
    from crm_es.interfaces.facts.app import FactsApp

AWAY = {"facts.silent", "facts.filling"}
"""What is said of facts that cannot be asked where they are owned."""

logger = logging.getLogger("crm_es.http")


class StandIn:
    """Reads snapshots in this process; DuckDB is loaded no sooner than that is asked for."""

    def __init__(self, snapshots: Path, open_: Callable[[], FactsApp]) -> None:
        self._snapshots, self._open = snapshots, open_
        self._opening = asyncio.Lock()
        self._app: FactsApp | None = None

    async def answer(
        self, answer: Callable[[FactsApp], Awaitable[Response]], away: Problem
    ) -> Response:
        """Raises Problem; where no snapshot will do, the one of who is away."""
        if next(self._snapshots.glob("*.duckdb"), None) is None:
            raise away
        async with self._opening:
            if self._app is None:
                logger.warning("The facts are read from a snapshot: their process does not answer")
                self._app = await asyncio.to_thread(self._open)
            app = self._app
        try:
            return await answer(app)
        except Problem as none:
            if none.code not in AWAY:
                raise
            detail = f"{away.detail} {none.detail}"
            raise Problem(503, away.code, detail, headers=away.headers) from None

    def rest(self) -> None:
        """The facts process answers again."""
        self._app = None


def on_damage(error: Exception) -> None:
    """A snapshot that is not whole is none; the facts process will make another."""
    logger.error("The newest snapshot is damaged: %s", error)
    raise Problem(503, "facts.silent", "The newest snapshot is damaged.")
