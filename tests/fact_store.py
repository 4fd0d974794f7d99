"""Facts over a log on a folder of its own, filled as the facts process fills them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crm_es.followers.facts import FactsFollower
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.digest import digest
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.store import FactStore

Rows = list[tuple[Any, ...]]

_FEW = ("fact_customer_change", "fact_interaction", "fact_call", "fact_order_line")
SMALL = Plan(facts={name: Plan().facts[name] for name in _FEW}, views={})
"""Few facts: how they are followed does not depend on how many there are."""


class Facts:
    """``asked(sql)`` answers from facts that follow ``folder / "log.sqlite"``."""

    def __init__(self, folder: Path, plan: Plan | None = None, *, log: Path | None = None) -> None:
        path = log or folder / "log.sqlite"
        self.store = FactStore(folder, plan or Plan(), memory_limit_mib=256)
        try:
            self.follower = FactsFollower(self.store, lambda: SQLiteLog(path, is_reader=True))
        except BaseException:
            self.store.close()
            raise

    def follow(self) -> Facts:
        self.follower.catch_up()
        return self

    def asked(self, sql: str, *parameters: Any, as_of: int | None = None) -> Rows:
        """Rows of a question, as of a position if one is given."""
        cursor = self.store.cursor()
        if as_of is not None:
            cursor.execute(f"set variable as_of_position = {as_of}")
        return cursor.execute(sql, list(parameters)).fetchall()

    def digest(self) -> dict[str, str]:
        return digest(self.store.db, self.store.tables.facts)

    def close(self) -> None:
        self.follower.close()
        self.store.close()


@contextmanager
def facts_of(folder: Path, plan: Plan | None = None, *, log: Path | None = None) -> Iterator[Facts]:
    """Opened and brought to the head of the log."""
    facts = Facts(folder, plan, log=log)
    try:
        yield facts.follow()
    finally:
        facts.close()
