"""What can be asked of a visit."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from crm_es.aggregates.engagement.visit import WORTH_MAX, Visit, VisitLine
from crm_es.aggregates.fields import plain
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.engagement.about import AboutSomething
from crm_es.commands.fields import (
    LINES_MAX,
    Amount,
    Code,
    Currency,
    Handle,
    Id,
    Instant,
    Line,
    Note,
    Seconds,
    SourceId,
)
from crm_es.commands.party.reference import mentioned
from crm_es.errors import Conflict, Invalid


class VisitLineBody(BaseModel):
    """A product shown, a sample or anything else of value that was left there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)
    product: Line | None = None
    quantity: Amount | None = None
    value: Amount | None = None
    source_id: SourceId | None = Field(default=None, description="Its id in the source.")

    def as_line(self) -> VisitLine:
        return VisitLine(self.product, self.quantity, self.value, self.source_id)


Lines = Annotated[list[VisitLineBody], Field(max_length=LINES_MAX)]


class _VisitCommand(Command):
    TARGET = "visit_id"
    visit_id: Id

    def visit(self, desk: Desk) -> Visit:
        return desk.get(Visit, self.visit_id)


class _NewVisit(AboutSomething):
    TARGET = "visit_id"
    visit_id: Id
    agent: Handle | None = Field(default=None, description="Who goes there.")
    company: SourceId | None = Field(
        default=None, description="Whom the visitor comes from, where it is not ourselves."
    )
    purpose: Code | None = None
    place: Line | None = None
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        ids = mentioned(self.visit_id, self.customer_id)
        return (*ids, *definitions("visit", self.attributes))

    def must_be_new(self, desk: Desk) -> None:
        if desk.standing(Visit, self.visit_id) is not None:
            raise Conflict("visit.exists", f"Visit {self.visit_id} is there.")


class _Told(Command):
    """What came of a visit."""

    outcome: Code | None = None
    lines: Lines = []
    value: Amount | None = Field(
        default=None, description="What was left there is worth; the sum of its lines if left out."
    )
    currency: Currency | None = None
    order_id: Id | None = Field(default=None, description="The order taken there.")

    def worth(self, desk: Desk) -> tuple[Decimal | None, str | None]:
        """(value, its currency). Raises Invalid."""
        value = self.value
        values = [line.value for line in self.lines if line.value is not None]
        if value is None and values:
            value = plain(sum(values, Decimal(0)))
            if abs(value) >= WORTH_MAX:
                raise Invalid("visit.worth", "That is beyond any visit.", pointer="/lines")
        return value, None if value is None else self.currency or desk.currency


class RecordVisit(_NewVisit, _Told):
    """Record a visit that is over. Its agent, its customer and its length may be unknown."""

    report: Note | None = None
    seconds: Seconds | None = Field(default=None, description="How long it took; null is unknown.")

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        customer_id = self.customer(desk)
        plain, sealed = sort_attributes("visit", self.attributes, desk)
        value, currency = self.worth(desk)
        Visit.log(
            self.visit_id, desk, tuple(line.as_line() for line in self.lines),
            customer_id=customer_id, agent=self.agent, company=self.company, purpose=self.purpose,
            about_kind=self.about_kind, about_id=self.about_id, place=self.place,
            outcome=self.outcome, report=self.report, seconds=self.seconds, value=value,
            currency=currency, order_id=self.order_id, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class PlanVisit(_NewVisit):
    """Plan a visit."""

    planned_at: Instant

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        customer_id = self.customer(desk)
        plain, sealed = sort_attributes("visit", self.attributes, desk)
        Visit.plan(
            self.visit_id, desk, customer_id=customer_id, agent=self.agent, company=self.company,
            purpose=self.purpose, about_kind=self.about_kind, about_id=self.about_id,
            planned_at=self.planned_at, place=self.place, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class RescheduleVisit(_VisitCommand):
    """Move a visit to another time."""

    planned_at: Instant
    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.visit(desk).reschedule(self.planned_at, self.reason, desk)


class CheckInVisit(_VisitCommand):
    """Note that the agent has arrived."""

    place: Line | None = Field(default=None, description="Where: an address or a position.")

    def decide(self, desk: Desk) -> None:
        self.visit(desk).check_in(self.place, desk)


class CheckOutVisit(_VisitCommand):
    """Note that the agent has left."""

    def decide(self, desk: Desk) -> None:
        self.visit(desk).check_out(desk)


class ReportVisit(_VisitCommand, _Told):
    """Tell what came of a visit, once."""

    report: Note

    def decide(self, desk: Desk) -> None:
        value, currency = self.worth(desk)
        self.visit(desk).tell(
            self.report, self.outcome, desk, lines=tuple(line.as_line() for line in self.lines),
            value=value, currency=currency, order_id=self.order_id,
        )  # fmt: skip


class MarkVisitNoShow(_VisitCommand):
    """Note that a visit came to nothing because nobody was there."""

    def decide(self, desk: Desk) -> None:
        self.visit(desk).miss(desk)


class CancelVisit(_VisitCommand):
    """Call a visit off."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.visit(desk).cancel(self.reason, desk)


class RetractVisit(_VisitCommand):
    """Take back a visit that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.visit(desk).retract(self.reason, desk)


COMMANDS = (
    RecordVisit, PlanVisit, RescheduleVisit, CheckInVisit, CheckOutVisit, ReportVisit,
    MarkVisitNoShow, CancelVisit, RetractVisit,
)  # fmt: skip
