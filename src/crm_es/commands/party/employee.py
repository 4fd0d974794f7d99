"""What can be asked of an employee."""

from pydantic import Field

from crm_es.aggregates.party.employee import Employee
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Day, Handle, Id, Line, SourceId
from crm_es.errors import Conflict

MANAGERS_MAX = 20


class _EmployeeCommand(Command):
    TARGET = "employee_id"
    employee_id: Id

    def employee(self, desk: Desk) -> Employee:
        return desk.get(Employee, self.employee_id)


class RegisterEmployee(Command):
    """Make an employee known. A handle belongs to one employee for ever."""

    TARGET = "employee_id"
    employee_id: Id
    handle: Handle
    name: Line | None = None
    team: Code | None = None
    manager: Handle | None = Field(default=None, description="The handle of whom they report to.")
    since: Day | None = Field(default=None, description="The first day here, if known.")
    source: Code | None = None
    source_id: SourceId | None = None

    def decide(self, desk: Desk) -> None:
        if desk.standing(Employee, self.employee_id) is not None:
            raise Conflict("employee.exists", f"Employee {self.employee_id} is registered.")
        desk.claim("employee.handle", self.handle, self.employee_id)
        _check_managers(self.handle, self.manager, desk)
        Employee.register(
            self.employee_id, desk, handle=self.handle, name=self.name, team=self.team,
            manager=self.manager, since=self.since, source=self.source, source_id=self.source_id,
        )  # fmt: skip


class RenameEmployee(_EmployeeCommand):
    """Correct or change an employee's name; the handle stays."""

    name: Line

    def decide(self, desk: Desk) -> None:
        self.employee(desk).rename(self.name, desk)


class ChangeEmployeeTeam(_EmployeeCommand):
    """Put an employee into another team, or into none."""

    team: Code | None

    def decide(self, desk: Desk) -> None:
        self.employee(desk).join(self.team, desk)


class ChangeEmployeeManager(_EmployeeCommand):
    """Let an employee report to someone else; nobody can stand above themselves."""

    manager: Handle | None

    def decide(self, desk: Desk) -> None:
        employee = self.employee(desk)
        _check_managers(employee.handle, self.manager, desk)
        employee.report_to(self.manager, desk)


class EndEmployment(_EmployeeCommand):
    """Note that an employee has left."""

    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.employee(desk).leave(self.reason, desk)


class ResumeEmployment(_EmployeeCommand):
    """Note that an employee who left is back."""

    def decide(self, desk: Desk) -> None:
        self.employee(desk).come_back(desk)


class RetractEmployee(_EmployeeCommand):
    """Take back an employee who was registered by mistake; the handle is free again."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        employee = self.employee(desk)
        employee.retract(self.reason, desk)
        desk.release("employee.handle", employee.handle, self.employee_id)


def _check_managers(handle: str, manager: str | None, desk: Desk) -> None:
    """Walk up the line of managers; one who is not registered yet ends it."""
    above = manager
    for _ in range(MANAGERS_MAX):
        if above is None:
            return
        if above == handle:
            break
        holder = desk.holder("employee.handle", above)
        above = None if holder is None else desk.get(Employee, holder).manager
    desk.must(above is None, "employee.manager_cycle", "They would stand above themselves.")


COMMANDS = (
    RegisterEmployee, RenameEmployee, ChangeEmployeeTeam, ChangeEmployeeManager, EndEmployment,
    ResumeEmployment, RetractEmployee,
)  # fmt: skip
