"""Employees: who works here, in which team, under whom."""

from __future__ import annotations

from typing import Any

import pytest

from crm_es.aggregates.party.employee import Employee
from crm_es.commands.base import Command
from crm_es.commands.party.employee import (
    ChangeEmployeeManager,
    ChangeEmployeeTeam,
    EndEmployment,
    RegisterEmployee,
    RenameEmployee,
    ResumeEmployment,
    RetractEmployee,
)
from scenario import SUBJECT, Fact, fact, given, in_history
from trade import day, hired
from world import World

WHO: dict[str, Any] = {"employee_id": SUBJECT}
HANDLE: dict[str, Any] = {"handle": "bob"}
LEFT = fact(Employee.Left, **HANDLE, team=None, reason="pension")
BACK = fact(Employee.CameBack, **HANDLE, team=None)
RETRACTED = fact(Employee.Retracted, **HANDLE, reason="twice")
leave = EndEmployment(**WHO, reason="pension")
resume = ResumeEmployment(**WHO)


def test_an_employee_is_registered_once() -> None:
    register = RegisterEmployee(
        **WHO, handle="bob", name="Bob", team="north", manager="eve", since=day("2020-02-01")
    )
    given().when(register).then(hired(team="north", manager="eve", since=day("2020-02-01")))
    given(hired()).when(register).then_refused("employee.exists")


@pytest.mark.parametrize(
    ("command", "change"),
    [
        (RenameEmployee(**WHO, name="Bobby"), fact(Employee.Renamed, **HANDLE, name="Bobby")),
        (
            ChangeEmployeeTeam(**WHO, team="south"),
            fact(Employee.TeamChanged, **HANDLE, from_team=None, to_team="south"),
        ),
        (
            ChangeEmployeeManager(**WHO, manager="eve"),
            fact(Employee.ManagerChanged, **HANDLE, from_manager=None, to_manager="eve"),
        ),
        (leave, LEFT),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_change_is_recorded_once(command: Command, change: Fact) -> None:
    given(hired()).when(command).then(change)
    given(hired(), change).when(command).then_nothing()
    given().when(command).then_refused("employee.not_found")
    given(hired(), RETRACTED).when(command).then_refused("employee.retracted")
    in_history(hired(), RETRACTED).when(command).then_found("employee.retracted")


@pytest.mark.parametrize(
    "command", [ChangeEmployeeTeam(**WHO, team="a"), ChangeEmployeeManager(**WHO, manager="eve")]
)
def test_whoever_has_left_changes_neither_team_nor_manager(command: Command) -> None:
    given(hired(), LEFT).when(command).then_refused("employee.left")
    in_history(hired(), LEFT).when(command).then_found("employee.left")


def test_whoever_has_left_comes_back() -> None:
    given(hired(), LEFT).when(resume).then(BACK)
    given(hired(), LEFT, BACK).when(resume).then_nothing()
    given(hired()).when(resume).then_nothing()


def test_a_registration_is_taken_back_once() -> None:
    retract = RetractEmployee(**WHO, reason="twice")
    given(hired()).when(retract).then(RETRACTED)
    given(hired(), RETRACTED).when(retract).then_nothing()


def test_nobody_leads_themselves() -> None:
    lead = ChangeEmployeeManager(**WHO, manager="bob")
    given(hired()).when(lead).then_refused("employee.manager_cycle")
    in_history(hired()).when(lead).then_found("employee.manager_cycle")
    register = RegisterEmployee(**WHO, handle="bob", manager="bob")
    given().when(register).then_refused("employee.manager_cycle")


def test_nobody_stands_above_their_own_manager(world: World) -> None:
    ids = {handle: f"00000000-0000-0000-0000-00000000000{n}" for n, handle in enumerate("abc", 1)}
    for handle, manager in (("a", None), ("b", "a"), ("c", "b")):
        world.do("RegisterEmployee", employee_id=ids[handle], handle=handle, manager=manager)
    refused = world.refusal("ChangeEmployeeManager", employee_id=ids["a"], manager="c")
    assert refused == "employee.manager_cycle"
    world.do("ChangeEmployeeManager", employee_id=ids["c"], manager="a")


def test_a_handle_belongs_to_one_employee_until_it_is_taken_back(world: World) -> None:
    one, other = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
    world.do("RegisterEmployee", employee_id=one, handle="bob")
    refused = world.refusal("RegisterEmployee", employee_id=other, handle="bob")
    assert refused == "employee.handle.taken"
    world.do("RetractEmployee", employee_id=one, reason="twice")
    world.do("RegisterEmployee", employee_id=other, handle="bob")
