"""Visits: planned, made, reported; come to nothing; told after the fact with their worth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contacts import (
    ANN,
    BOB,
    after,
    checked_in,
    checked_out,
    planned,
    recorded_visit,
    registered,
    reported,
    retracted_visit,
    visit,
)
from crm_es.aggregates.engagement.visit import Visit, VisitLine, VisitState
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.commands.engagement.visit import (
    CancelVisit,
    CheckInVisit,
    CheckOutVisit,
    MarkVisitNoShow,
    PlanVisit,
    RecordVisit,
    ReportVisit,
    RescheduleVisit,
    RetractVisit,
    VisitLineBody,
)
from play import Play
from scenario import NOON, SUBJECT, Fact, given, in_history

LATER = NOON + timedelta(days=1)
REPORT = "Saw the boiler room."


def plan(**more: Any) -> PlanVisit:
    body = {"visit_id": SUBJECT, "agent": "bob", "planned_at": NOON, "purpose": "survey"}
    return PlanVisit(**{**body, **more})


def record(**more: Any) -> RecordVisit:
    return RecordVisit(**{"visit_id": SUBJECT, **more})


def report(**more: Any) -> ReportVisit:
    body = {"visit_id": SUBJECT, "report": REPORT, "outcome": "interested"}
    return ReportVisit(**{**body, **more})


def line(value: str | None, product: str = "MK-3102", source_id: str = "171850346") -> VisitLine:
    return VisitLine(product, None, None if value is None else Decimal(value), source_id)


def body(value: str | None, product: str = "MK-3102", source_id: str = "171850346") -> Any:
    worth = None if value is None else Decimal(value)
    return VisitLineBody(product=product, value=worth, source_id=source_id)


check_in = CheckInVisit(visit_id=SUBJECT)
check_out = CheckOutVisit(visit_id=SUBJECT)
no_show = MarkVisitNoShow(visit_id=SUBJECT)
cancel = CancelVisit(visit_id=SUBJECT, reason="ill")
reschedule = RescheduleVisit(visit_id=SUBJECT, planned_at=LATER)
retract = RetractVisit(visit_id=SUBJECT, reason="twice", at=after(minutes=90))

PLANNED = (planned(),)
INSIDE = (*PLANNED, checked_in())
LEFT = (*INSIDE, checked_out())
REPORTED = (*LEFT, reported())
CANCELLED = (*PLANNED, visit(Visit.Cancelled, planned_at=NOON, reason="ill"))
NO_SHOW = (*PLANNED, visit(Visit.NoShow, planned_at=NOON))
RECORDED = (recorded_visit(),)


# From the plan to the report.


def test_a_visit_is_planned_with_its_place_sealed() -> None:
    given(registered()).when(plan(customer_id=ANN, place="1 High Street")).then(
        planned(customer_id=ANN, place="1 High Street")
    )


def test_a_visit_is_known_by_its_id() -> None:
    given(*PLANNED).when(plan()).then_refused("visit.exists")
    given(*RECORDED).when(record()).then_refused("visit.exists")


def test_moving_a_visit_says_from_where() -> None:
    given(*PLANNED).when(RescheduleVisit(visit_id=SUBJECT, planned_at=LATER, reason="busy")).then(
        visit(Visit.Rescheduled, from_planned_at=NOON, planned_at=LATER, reason="busy")
    )
    given(*PLANNED).when(RescheduleVisit(visit_id=SUBJECT, planned_at=NOON)).then_nothing()


def test_whoever_arrives_may_say_where_and_it_is_sealed() -> None:
    given(*PLANNED).when(CheckInVisit(visit_id=SUBJECT, place="48.2,16.3")).then(
        checked_in(place="48.2,16.3")
    )


def test_whoever_leaves_says_how_long_it_took() -> None:
    given(*INSIDE).when(CheckOutVisit(visit_id=SUBJECT, at=after(minutes=30))).then(checked_out())


def test_how_long_it_took_is_unknown_when_a_time_is() -> None:
    leave = CheckOutVisit(visit_id=SUBJECT, at=after(minutes=30), at_precision=Precision.DAY)
    given(*INSIDE).when(leave).then(checked_out(seconds=None))
    given(*PLANNED, checked_in(at_precision=Precision.UNKNOWN)).when(
        CheckOutVisit(visit_id=SUBJECT, at=after(minutes=-30))
    ).then(checked_out(seconds=None))


def test_nobody_leaves_before_arriving() -> None:
    early = CheckOutVisit(visit_id=SUBJECT, at=after(minutes=-1))
    given(*INSIDE).when(early).then_refused("visit.ends_before_it_starts")
    in_history(*INSIDE).when(early).then(checked_out(seconds=0)).with_findings(
        "visit.ends_before_it_starts"
    )


def test_a_report_carries_the_visit_and_its_words_are_sealed() -> None:
    given(*LEFT).when(report(order_id=BOB)).then(reported(order_id=BOB))


def test_what_was_left_there_adds_up() -> None:
    left = (body("12.50"), body("0.25"), body(None))
    given(*LEFT).when(report(lines=list(left))).then(
        reported(
            lines=(line("12.50"), line("0.25"), line(None)), line_count=3, value=Decimal("12.75"),
            currency="EUR",
        )
    )  # fmt: skip


def test_the_same_report_again_records_nothing_another_is_refused() -> None:
    given(*REPORTED).when(report()).then_nothing()
    for other in (
        report(report="Something else."),
        report(outcome="cool"),
        report(lines=[body("1")]),
        report(lines=[body(None)]),
        report(value=Decimal(1)),
    ):
        given(*REPORTED).when(other).then_refused("visit.reported")
        in_history(*REPORTED).when(other).then_found("visit.reported")


def test_nobody_fails_to_show_before_the_time() -> None:
    given(planned(planned_at=LATER)).when(no_show).then_refused("visit.not_due")
    in_history(planned(planned_at=LATER)).when(no_show).then_found("visit.not_due")
    given(*PLANNED).when(no_show).then(visit(Visit.NoShow, planned_at=NOON))
    for facts in (REPORTED, RECORDED):
        given(*facts).when(no_show).then_refused("visit.reported")


def test_calling_off_gives_a_reason() -> None:
    given(*PLANNED).when(cancel).then(visit(Visit.Cancelled, planned_at=NOON, reason="ill"))


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (INSIDE, check_in),
        (LEFT, check_out),
        (NO_SHOW, no_show),
        (CANCELLED, cancel),
        ((*PLANNED, retracted_visit()), retract),
    ],
)
def test_asking_for_what_is_so_records_nothing(facts: tuple[Fact, ...], command: Command) -> None:
    given(*facts).when(command).then_nothing()


@pytest.mark.parametrize(
    ("facts", "command", "code"),
    [
        (PLANNED, check_out, "visit.planned"),
        (PLANNED, report(), "visit.planned"),
        *((INSIDE, c, "visit.checked_in") for c in (report(), no_show, cancel, reschedule)),
        *((LEFT, c, "visit.checked_out") for c in (check_in, no_show, cancel, reschedule)),
        *(
            (facts, c, "visit.reported")
            for c in (check_in, check_out, cancel, reschedule)
            for facts in (REPORTED, RECORDED)
        ),
        *(
            (CANCELLED, c, "visit.cancelled")
            for c in (check_in, check_out, report(), no_show, reschedule)
        ),
        *(
            (NO_SHOW, c, "visit.no_show")
            for c in (check_in, check_out, report(), cancel, reschedule)
        ),
        *(
            ((*PLANNED, retracted_visit()), c, "visit.retracted")
            for c in (check_in, no_show, cancel, reschedule)
        ),
    ],
)
def test_what_does_not_follow_is_refused_and_in_history_a_finding(
    facts: tuple[Fact, ...], command: Command, code: str
) -> None:
    given(*facts).when(command).then_refused(code)
    in_history(*facts).when(command).then_found(code)


def test_no_step_is_taken_on_a_visit_that_is_not_there() -> None:
    for command in (check_in, check_out, report(), no_show, cancel, reschedule, retract):
        given().when(command).then_refused("visit.not_found")
        in_history().when(command).then_refused("visit.not_found")


# Told after the fact.


def test_a_visit_of_history_needs_nothing_but_its_id() -> None:
    in_history().when(record()).then(recorded_visit()).with_findings()


def test_several_rows_of_one_day_are_lines_of_one_visit() -> None:
    rows = [body("12.5", "X", "1"), body("12.5", "X", "1"), body("100", "Y", "2")]
    in_history().when(
        record(customer_id=ANN, company="100000000053", lines=rows, currency="USD")
    ).then(
        recorded_visit(
            customer_id=ANN, company="100000000053", line_count=3,
            lines=(line("12.5", "X", "1"), line("12.5", "X", "1"), line("100", "Y", "2")),
            value=Decimal(125), currency="USD",
        )
    ).with_findings()  # fmt: skip


def test_a_value_that_is_given_wins_over_its_lines() -> None:
    given().when(record(lines=[body("5")], value=Decimal(7))).then(
        recorded_visit(lines=(line("5"),), line_count=1, value=Decimal(7), currency="EUR")
    )


def test_what_lines_add_up_to_is_no_more_than_facts_can_hold() -> None:
    most = body("99999999999999.9999")
    given().when(record(lines=[most])).then_found()
    for beyond in (record(lines=[most, body("0.0001")]), report(lines=[most, most])):
        given(*LEFT[: 3 * isinstance(beyond, ReportVisit)]).when(beyond).then_refused("visit.worth")


def test_a_sum_is_written_as_other_amounts_are() -> None:
    told = Play().do("RecordVisit", visit_id=SUBJECT, lines=[{"value": "1.50"}, {"value": "0.50"}])
    assert not isinstance(told, str)
    assert [str(event.value) for event in told] == ["2"]


def test_a_visit_without_a_value_has_no_currency() -> None:
    given().when(record(currency="USD", lines=[body(None)])).then(
        recorded_visit(lines=(line(None),), line_count=1)
    )


def test_no_visit_is_worth_less_than_nothing() -> None:
    given().when(record(value=Decimal(-1))).then_refused("visit.negative_value")
    in_history().when(record(value=Decimal(-1))).then(
        recorded_visit(value=Decimal(-1), currency="EUR")
    ).with_findings("visit.negative_value")
    given(*LEFT).when(report(value=Decimal(-1))).then_refused("visit.negative_value")


def test_a_visit_is_about_anything_and_its_customer_is_taken_from_there() -> None:
    given(registered()).when(plan(about_kind="customer", about_id=ANN)).then(
        planned(customer_id=ANN, about_kind="customer", about_id=ANN)
    )
    given().when(record(about_kind="customer", about_id=ANN)).then_refused("customer.unknown")


def test_a_customer_must_be_known_unless_it_is_history() -> None:
    given().when(record(customer_id=ANN)).then_refused("customer.unknown")
    in_history().when(record(customer_id=ANN)).then(recorded_visit(customer_id=ANN))


def test_taking_back_says_all_it_was_counted_by() -> None:
    told = {"lines": (line("5"),), "line_count": 1, "value": Decimal(5), "currency": "USD"}
    given(recorded_visit(seconds=60, outcome="ok", customer_id=ANN, **told)).when(retract).then(
        retracted_visit(
            state=VisitState.REPORTED, seconds=60, outcome="ok", customer_id=ANN, agent=None,
            purpose=None, planned_at=None, **told,
        )
    )  # fmt: skip


def test_a_visit_is_taken_back_where_it_was_counted_in() -> None:
    came = after(minutes=45)
    given(*PLANNED, checked_in(when=came), checked_out(checked_in_at=came)).when(retract).then(
        retracted_visit(state=VisitState.CHECKED_OUT, took_place_at=came, seconds=1800)
    )
