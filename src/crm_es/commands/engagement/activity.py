"""What can be asked of an activity."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.engagement.activity import Activity, Phase
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.engagement.about import AboutSomething
from crm_es.commands.fields import Code, Handle, Id, Instant, Line, Note, Seconds, SourceId
from crm_es.commands.party.reference import mentioned
from crm_es.errors import Conflict


class _ActivityCommand(Command):
    TARGET = "activity_id"
    activity_id: Id

    def activity(self, desk: Desk) -> Activity:
        return desk.get(Activity, self.activity_id)


class _NewActivity(AboutSomething):
    TARGET = "activity_id"
    activity_id: Id
    kind: Line = Field(description="What is done: call back, site survey, W_Valideren, ...")
    title: Line | None = None
    notes: Note | None = None
    owner: Handle | None = Field(default=None, description="Who is to do it.")
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        ids = mentioned(self.activity_id, self.customer_id)
        return (*ids, *definitions("activity", self.attributes))

    def must_be_new(self, desk: Desk) -> None:
        if desk.standing(Activity, self.activity_id) is not None:
            raise Conflict("activity.exists", f"Activity {self.activity_id} is there.")


class RecordActivity(_NewActivity):
    """Record one step of some work, done by anyone on anything: a line of an event log.

    Every record is a thing of its own, with an id of its own; nothing follows it.
    """

    phase: Phase = Phase.COMPLETED
    by: Handle | None = Field(default=None, description="Who took the step; unknown if left out.")
    outcome: Code | None = None
    seconds: Seconds | None = Field(default=None, description="How long it took; null is unknown.")

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        customer_id = self.customer(desk)
        plain, sealed = sort_attributes("activity", self.attributes, desk)
        Activity.log(
            self.activity_id, desk, customer_id=customer_id, kind=self.kind,
            about_kind=self.about_kind, about_id=self.about_id, owner=self.owner, by=self.by,
            phase=self.phase, title=self.title, outcome=self.outcome, seconds=self.seconds,
            notes=self.notes, source=self.source, source_id=self.source_id, attributes=plain,
            sealed_attributes=sealed,
        )  # fmt: skip


class ScheduleActivity(_NewActivity):
    """Plan a task or an appointment. Without a time it is to be done some day."""

    planned_at: Instant | None = None
    planned_until: Instant | None = None

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        customer_id = self.customer(desk)
        plain, sealed = sort_attributes("activity", self.attributes, desk)
        Activity.schedule(
            self.activity_id, desk, customer_id=customer_id, kind=self.kind,
            about_kind=self.about_kind, about_id=self.about_id, owner=self.owner, by=None,
            title=self.title, notes=self.notes, planned_at=self.planned_at,
            planned_until=self.planned_until, source=self.source, source_id=self.source_id,
            attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class RescheduleActivity(_ActivityCommand):
    """Move an activity to another time; a missed one is planned again."""

    planned_at: Instant
    planned_until: Instant | None = None
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        activity = self.activity(desk)
        activity.reschedule(self.planned_at, self.planned_until, self.reason, desk)


class ReassignActivity(_ActivityCommand):
    """Give an activity to someone else."""

    owner: Handle

    def decide(self, desk: Desk) -> None:
        self.activity(desk).assign(self.owner, desk)


class StartActivity(_ActivityCommand):
    """Begin to work on an activity."""

    by: Handle | None = Field(default=None, description="Its owner, if left out.")

    def decide(self, desk: Desk) -> None:
        self.activity(desk).start(self.by, desk)


class CompleteActivity(_ActivityCommand):
    """Note that an activity is done, and what came of it."""

    outcome: Code
    notes: Note | None = None
    by: Handle | None = Field(default=None, description="Its owner, if left out.")

    def decide(self, desk: Desk) -> None:
        self.activity(desk).complete(self.outcome, self.notes, self.by, desk)


class CancelActivity(_ActivityCommand):
    """Call an activity off."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.activity(desk).cancel(self.reason, desk)


class MissActivity(_ActivityCommand):
    """Note that the time of an activity went by and nothing was done."""

    def decide(self, desk: Desk) -> None:
        self.activity(desk).miss(desk)


class RetractActivity(_ActivityCommand):
    """Take back an activity that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.activity(desk).retract(self.reason, desk)


COMMANDS = (
    RecordActivity, ScheduleActivity, RescheduleActivity, ReassignActivity, StartActivity,
    CompleteActivity, CancelActivity, MissActivity, RetractActivity,
)  # fmt: skip
