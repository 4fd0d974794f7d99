"""What can be asked of the work on a case."""

from typing import Annotated

from pydantic import Field

from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import PendingOn
from crm_es.commands.base import Desk
from crm_es.commands.fields import Code, Handle, Note
from crm_es.commands.service.case_file import CaseCommand

Level = Annotated[int, Field(ge=1, le=9)]


class RouteCase(CaseCommand):
    """Send a case to another group."""

    group: Handle
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).route(self.group, self.reason, desk)


class AssignCase(CaseCommand):
    """Give a case to someone, and to their group if it is another one."""

    assignee: Handle
    group: Handle | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).assign(self.assignee, self.group, desk)


class AcknowledgeCase(CaseCommand):
    """Tell whoever opened it that somebody has it. The first answer ends the wait for one."""

    def decide(self, desk: Desk) -> None:
        self.case(desk).acknowledge(desk)


class StartCase(CaseCommand):
    """Begin to work on a case."""

    def decide(self, desk: Desk) -> None:
        self.case(desk).start(desk)


class PendCase(CaseCommand):
    """Wait for the customer or a third party."""

    on: PendingOn
    reason: Note | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).pend(self.on, self.reason, desk)


class ResumeCase(CaseCommand):
    """Go on with a case that waited."""

    def decide(self, desk: Desk) -> None:
        self.case(desk).resume(desk)


class ResolveCase(CaseCommand):
    """Say that the matter is settled, and how."""

    code: Code = Field(description="What came of it, from the company's own list.")
    summary: Note | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).resolve(self.code, self.summary, desk)


class ReopenCase(CaseCommand):
    """Take a resolved case up again, within 30 days."""

    reason: Note | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).reopen(self.reason, desk)


class CloseCase(CaseCommand):
    """Close a resolved case for good. It must be known what came of it, and nothing open below."""

    code: Code | None = Field(default=None, description="If resolving it did not say.")

    def decide(self, desk: Desk) -> None:
        case = self.case(desk)
        below = {id: desk.find(Case, id) for id in sorted(case.blockers)}
        waits = [id for id, child in below.items() if child is not None and not child.is_settled]
        case.close(self.code, waits, desk)


class EscalateCase(CaseCommand):
    """Raise a case to a higher level."""

    level: Level
    to: Handle | None = Field(default=None, description="Who answers for it now.")
    reason: Note | None = None

    def decide(self, desk: Desk) -> None:
        self.case(desk).escalate(self.level, self.to, self.reason, desk)


COMMANDS = (
    RouteCase, AssignCase, AcknowledgeCase, StartCase, PendCase, ResumeCase, ResolveCase,
    ReopenCase, CloseCase, EscalateCase,
)  # fmt: skip
