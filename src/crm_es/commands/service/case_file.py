"""What all that can be asked of a case shares: it names the case."""

from crm_es.aggregates.service.case import Case
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Id


class CaseCommand(Command):
    TARGET = "case_id"
    case_id: Id

    def case(self, desk: Desk) -> Case:
        return desk.get(Case, self.case_id)
