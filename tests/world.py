"""A whole write side on a folder of its own, with a clock the test holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from crm_es.aggregates import EVENTS
from crm_es.application import Crm, Tenant
from crm_es.commands import REGISTRY
from crm_es.commands.base import Command
from crm_es.errors import Refused
from crm_es.log.envelope import Circumstances, Receipt, Submission, new_id
from crm_es.log.keys import KeyStore
from crm_es.log.sqlite import SQLiteLog

MASTER = bytes(range(32))
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z in microseconds
TICK = 1_000_000
IMPORT = UUID(int=99)

assert EVENTS  # registers every topic


class World:
    """``do("RegisterCustomer", customer_id=..., ...)`` runs a command as a service would."""

    def __init__(self, folder: Path, *, cache_max: int = 10_000) -> None:
        self.folder = folder
        self.now = START
        self.log = SQLiteLog(folder / "log.sqlite")
        self.log.create_table()
        self.keys = KeyStore(folder / "keys.sqlite", MASTER)
        self.crm = Crm(
            self.log, self.keys, tenant=Tenant("EUR"), clock=self.tick, cache_max=cache_max
        )

    def tick(self) -> int:
        self.now += TICK
        return self.now

    def do(self, name: str, /, **body: Any) -> Receipt:
        return self.crm.execute(self.submission(name, **body))

    def tell(self, name: str, /, **body: Any) -> Receipt:
        """As ``do``, but as history an import tells: broken rules become findings."""
        return self.crm.execute(submission(command(name, **body), import_id=IMPORT))

    def refusal(self, name: str, /, **body: Any) -> str | None:
        """The code a command is refused with, if it is."""
        try:
            self.do(name, **body)
        except Refused as refused:
            return refused.code
        return None

    def submission(self, name: str, /, **body: Any) -> Submission:
        return submission(command(name, **body))

    def topics(self) -> list[str]:
        return [record.topic for record in self.log.read(0, 100_000)]

    def close(self) -> None:
        self.log.close()
        self.keys.close()


def command(name: str, /, **body: Any) -> Command:
    """A command as a service would send it: validated from JSON."""
    return REGISTRY[name].model_validate_json(orjson.dumps(body, str))


def submission(
    command: Command,
    *,
    id: UUID | None = None,
    version: int | None = None,
    import_id: UUID | None = None,
) -> Submission:
    whence = Circumstances("ann", import_id=import_id)
    return Submission(id or new_id(), command, whence, version)
