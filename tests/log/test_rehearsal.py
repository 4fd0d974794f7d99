"""A log that is only rehearsed with: an append that breaks is undone alone."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

import pytest

from crm_es.application import Crm, Tenant
from crm_es.log.rehearsal import RehearsalKeys, RehearsalLog
from world import MASTER, World, command, submission

EVE = {"employee_id": UUID(int=9), "handle": "eve"}


def break_off(log: RehearsalLog) -> None:
    """An append that has gone far when it fails."""
    with log.begin() as transaction:
        log.db.execute("delete from event")
        assert transaction.head().position == 0
        raise ZeroDivisionError


def test_an_append_that_breaks_leaves_those_before_it(world: World) -> None:
    world.do("RegisterCustomer", customer_id=UUID(int=1))
    with (
        closing(RehearsalLog(world.folder / "log.sqlite")) as log,
        closing(RehearsalKeys(world.folder / "keys.sqlite", MASTER)) as keys,
    ):
        crm = Crm(log, keys, tenant=Tenant(), clock=world.tick)
        for n in (2, 3):
            crm.execute(submission(command("RegisterCustomer", customer_id=UUID(int=n), name="X")))
        with pytest.raises(ZeroDivisionError):
            break_off(log)
        assert log.head().position == 3
        assert crm.execute(submission(command("RegisterEmployee", **EVE))).position == 4
    assert world.log.head().position == 1
