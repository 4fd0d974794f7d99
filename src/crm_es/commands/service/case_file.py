"""What all that can be asked of a case shares: it names the case."""

from uuid import UUID

from crm_es.aggregates.service.case import Case
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Id


class CaseCommand(Command):
    TARGET = "case_id"
    case_id: Id

    def case(self, desk: Desk) -> Case:
        return desk.get(Case, self.case_id)


def known_case(desk: Desk, id: UUID) -> None:
    """Live, another case that is named must be there; history may tell of it later."""
    if not desk.is_history and desk.find(Case, id) is None:
        desk.unknown("case.not_found", f"There is no case {id}.")
