"""A company on a stage: commands are told in a line each, and the views show what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_es.log.envelope import Receipt
from view_builds import built, reading
from world import START, World, command, submission

ANN, BOB, ACME = UUID(int=1), UUID(int=2), UUID(int=3)
NOON = datetime.fromtimestamp(START / 1e6, UTC)
IMPORT = UUID(int=0xF11E)


def nth(number: int) -> UUID:
    """An id for a thing a test names by number."""
    return UUID(int=0x1000 + number)


def day(number: float) -> str:
    """So many days before the scene opens if below nought, else after."""
    return (NOON + timedelta(days=number)).isoformat()


class Scene:
    """Ann and Bob are customers, Acme is an organisation."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self._folder, self._builds = folder, 0
        for customer, kind in ((ANN, "person"), (BOB, "person"), (ACME, "organisation")):
            self.do("RegisterCustomer", customer_id=customer, kind=kind, at=day(-100))

    def do(self, name: str, /, **body: Any) -> Receipt:
        return self.world.do(name, **body)

    def do_all(self, commands: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Many at once, none of which is refused."""
        units = [[submission(command(name, **body))] for name, body in commands]
        for (answer,) in self.world.crm.append(units):
            assert isinstance(answer, bytes), answer

    def tell(self, name: str, /, **body: Any) -> Receipt:
        """As history: what breaks a rule becomes a finding."""
        return self.world.crm.execute(submission(command(name, **body), import_id=IMPORT))

    @contextmanager
    def views(self) -> Iterator[sa.Connection]:
        """All views of what was told so far."""
        self._builds += 1
        with reading(built(self._folder / f"views-{self._builds}", self.world.log)) as db:
            yield db
