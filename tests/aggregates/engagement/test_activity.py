"""Activities: planned, worked on, done; missed and planned again; steps that others tell of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contacts import (
    ANN,
    BOB,
    NOBODY,
    activity,
    after,
    cancelled,
    completed,
    missed,
    recorded_call,
    registered,
    retracted,
    scheduled,
    started,
    step,
)
from crm_es.aggregates.engagement.activity import Activity, ActivityState, Phase
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.commands.engagement.activity import (
    CancelActivity,
    CompleteActivity,
    MissActivity,
    ReassignActivity,
    RecordActivity,
    RescheduleActivity,
    RetractActivity,
    ScheduleActivity,
    StartActivity,
)
from scenario import NOON, SUBJECT, Fact, given, in_history

LATER = NOON + timedelta(days=1)
CALL = NOBODY


def schedule(**more: Any) -> ScheduleActivity:
    body = {"activity_id": SUBJECT, "kind": "call back", "owner": "bob", "planned_at": NOON}
    return ScheduleActivity(**{**body, **more})


def record(**more: Any) -> RecordActivity:
    return RecordActivity(**{"activity_id": SUBJECT, "kind": "call back", **more})


start = StartActivity(activity_id=SUBJECT)
complete = CompleteActivity(activity_id=SUBJECT, outcome="reached")
cancel = CancelActivity(activity_id=SUBJECT, reason="ill")
miss = MissActivity(activity_id=SUBJECT)
reassign = ReassignActivity(activity_id=SUBJECT, owner="eve")
reschedule = RescheduleActivity(activity_id=SUBJECT, planned_at=LATER)
retract = RetractActivity(activity_id=SUBJECT, reason="twice", at=after(minutes=9))

PLANNED = (scheduled(),)
IN_PROGRESS = (*PLANNED, started())
DONE = (*PLANNED, completed())
CANCELLED = (*PLANNED, cancelled())
MISSED = (*PLANNED, missed())
RECORDED = (step(),)


# Planning.


def test_an_activity_is_planned_with_its_words_sealed() -> None:
    given().when(schedule(title="Ask", notes="Twice")).then(
        scheduled(title="Ask", notes="Twice"),
    )


def test_an_activity_may_have_no_time_and_no_owner() -> None:
    given().when(schedule(owner=None, planned_at=None)).then(scheduled(owner=None, planned_at=None))


def test_an_activity_is_known_by_its_id() -> None:
    given(*PLANNED).when(schedule()).then_refused("activity.exists")
    given(*RECORDED).when(record()).then_refused("activity.exists")


@pytest.mark.parametrize("begins", [LATER, None])
def test_no_activity_ends_before_it_begins(begins: Any) -> None:
    backwards = schedule(planned_at=begins, planned_until=NOON)
    given().when(backwards).then_refused("activity.ends_before_it_starts")
    in_history().when(backwards).then(
        scheduled(planned_at=begins, planned_until=NOON)
    ).with_findings("activity.ends_before_it_starts")


def test_moving_an_activity_says_from_where() -> None:
    given(*PLANNED).when(
        RescheduleActivity(
            activity_id=SUBJECT, planned_at=LATER, planned_until=LATER, reason="busy"
        )
    ).then(
        activity(
            Activity.Rescheduled, from_planned_at=NOON, planned_at=LATER, planned_until=LATER,
            was_missed=False, reason="busy",
        )
    )  # fmt: skip


def test_moving_an_activity_to_where_it_is_records_nothing() -> None:
    given(*PLANNED).when(RescheduleActivity(activity_id=SUBJECT, planned_at=NOON)).then_nothing()


def test_a_missed_activity_is_planned_again_even_for_the_same_time() -> None:
    given(*MISSED).when(RescheduleActivity(activity_id=SUBJECT, planned_at=NOON)).then(
        activity(
            Activity.Rescheduled, from_planned_at=NOON, planned_at=NOON, planned_until=None,
            was_missed=True, reason=None,
        )
    )  # fmt: skip


def test_an_activity_planned_again_can_be_done() -> None:
    again = activity(
        Activity.Rescheduled, from_planned_at=NOON, planned_at=LATER, planned_until=None,
        was_missed=True, reason=None,
    )  # fmt: skip
    given(*MISSED, again).when(complete).then(completed(planned_at=LATER))


def test_an_activity_changes_hands() -> None:
    given(*PLANNED).when(reassign).then(
        activity(Activity.Reassigned, owner="eve", from_owner="bob")
    )


def test_giving_an_activity_to_its_owner_records_nothing() -> None:
    given(*DONE).when(ReassignActivity(activity_id=SUBJECT, owner="bob")).then_nothing()


# Doing.


def test_whoever_starts_an_activity_is_its_owner_unless_said_otherwise() -> None:
    given(*PLANNED).when(start).then(started(by="bob"))
    given(*PLANNED).when(StartActivity(activity_id=SUBJECT, by="eve")).then(started(by="eve"))


def test_an_activity_that_was_started_says_how_long_it_took() -> None:
    at = after(minutes=10)
    given(*IN_PROGRESS).when(
        CompleteActivity(activity_id=SUBJECT, outcome="reached", at=at, by="eve", notes="Fine.")
    ).then(completed(started_at=NOON, seconds=600, by="eve", notes="Fine."))


def test_an_activity_can_be_done_without_having_been_started() -> None:
    given(*PLANNED).when(complete).then(completed(started_at=None, seconds=None))


@pytest.mark.parametrize("precision", [Precision.UNKNOWN, Precision.MONTH, Precision.DAY])
def test_how_long_it_took_is_unknown_when_a_time_is(precision: Precision) -> None:
    at = after(minutes=10)
    given(*PLANNED, started(at_precision=precision)).when(
        CompleteActivity(activity_id=SUBJECT, outcome="reached", at=at)
    ).then(completed(started_at=NOON, seconds=None))
    given(*IN_PROGRESS).when(
        CompleteActivity(activity_id=SUBJECT, outcome="reached", at=at, at_precision=precision)
    ).then(completed(started_at=NOON, seconds=None))


def test_nothing_is_done_before_it_was_started() -> None:
    early = CompleteActivity(activity_id=SUBJECT, outcome="reached", at=after(minutes=-1))
    given(*IN_PROGRESS).when(early).then_refused("activity.ends_before_it_starts")
    in_history(*IN_PROGRESS).when(early).then(completed(started_at=NOON, seconds=0)).with_findings(
        "activity.ends_before_it_starts"
    )


def test_days_are_compared_as_days() -> None:
    morning = CompleteActivity(
        activity_id=SUBJECT, outcome="reached", at=after(minutes=-60), at_precision=Precision.DAY
    )
    given(*IN_PROGRESS).when(morning).then(completed(started_at=NOON, seconds=None))


def test_calling_off_says_from_where() -> None:
    given(*IN_PROGRESS).when(cancel).then(cancelled(from_state=ActivityState.IN_PROGRESS))


def test_nothing_is_missed_before_its_time() -> None:
    given(scheduled(planned_at=LATER)).when(miss).then_refused("activity.not_due")
    given(scheduled(planned_at=None)).when(miss).then_refused("activity.not_due")
    given(scheduled(planned_at=NOON)).when(miss).then(missed())
    given(*RECORDED).when(miss).then_refused("activity.recorded")


def test_what_is_due_some_time_of_a_day_is_due_on_that_day() -> None:
    morning = MissActivity(activity_id=SUBJECT, at=after(minutes=-60), at_precision=Precision.DAY)
    given(*PLANNED).when(morning).then(missed())
    given(scheduled(planned_at=LATER)).when(morning).then_refused("activity.not_due")


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (IN_PROGRESS, start),
        (DONE, complete),
        (CANCELLED, cancel),
        (MISSED, miss),
        ((*PLANNED, retracted()), retract),
    ],
)
def test_asking_for_what_is_so_records_nothing(facts: tuple[Fact, ...], command: Command) -> None:
    given(*facts).when(command).then_nothing()


@pytest.mark.parametrize(
    ("facts", "command", "code"),
    [
        (IN_PROGRESS, reschedule, "activity.in_progress"),
        (IN_PROGRESS, miss, "activity.in_progress"),
        *((DONE, command, "activity.done") for command in (start, cancel, miss, reassign)),
        (DONE, reschedule, "activity.done"),
        (DONE, CompleteActivity(activity_id=SUBJECT, outcome="other"), "activity.done"),
        *((CANCELLED, command, "activity.cancelled") for command in (start, complete, miss)),
        (CANCELLED, reschedule, "activity.cancelled"),
        (CANCELLED, reassign, "activity.cancelled"),
        (MISSED, start, "activity.missed"),
        (MISSED, complete, "activity.missed"),
        *(
            (RECORDED, command, "activity.recorded")
            for command in (start, complete, cancel, reassign, reschedule)
        ),
        *(
            ((*PLANNED, retracted()), command, "activity.retracted")
            for command in (start, complete, cancel, miss, reassign, reschedule)
        ),
    ],
)
def test_what_does_not_follow_is_refused_and_in_history_a_finding(
    facts: tuple[Fact, ...], command: Command, code: str
) -> None:
    given(*facts).when(command).then_refused(code)
    in_history(*facts).when(command).then_found(code)


def test_no_step_is_taken_on_an_activity_that_is_not_there() -> None:
    for command in (start, complete, cancel, miss, reassign, reschedule, retract):
        given().when(command).then_refused("activity.not_found")
        in_history().when(command).then_refused("activity.not_found")


# Steps that another system tells of.


def test_a_step_of_history_is_a_thing_of_its_own() -> None:
    in_history().when(
        record(kind="W_Valideren", phase=Phase.STARTED, by="112", seconds=None, source="bank")
    ).then(step(kind="W_Valideren", phase=Phase.STARTED, by="112", source="bank")).with_findings()


def test_a_step_may_be_anyones() -> None:
    in_history().when(record()).then(step(by=None, owner=None))


def test_a_step_is_recorded_with_its_words_sealed() -> None:
    given().when(record(title="Ask", notes="No", outcome="reached", seconds=60)).then(
        step(title="Ask", notes="No", outcome="reached", seconds=60)
    )


def test_taking_back_says_all_it_was_counted_by() -> None:
    done = (*PLANNED, completed(seconds=600))
    given(*done).when(retract).then(
        retracted(state=ActivityState.DONE, outcome="reached", seconds=600)
    )
    given(step(phase=Phase.STARTED, seconds=5, about_kind="case", about_id=BOB)).when(retract).then(
        retracted(
            state=ActivityState.RECORDED, phase=Phase.STARTED, seconds=5, planned_at=None,
            owner=None, about_kind="case", about_id=BOB,
        )
    )  # fmt: skip


# About something.


@pytest.mark.parametrize("more", [{"about_kind": "call"}, {"about_id": CALL}])
def test_a_kind_and_an_id_belong_together(more: dict[str, Any]) -> None:
    given().when(schedule(**more)).then_refused("about.incomplete")
    in_history().when(schedule(**more)).then_refused("about.incomplete")


def test_an_activity_about_a_customer_is_the_customers_story() -> None:
    given(registered()).when(schedule(about_kind="customer", about_id=ANN)).then(
        scheduled(customer_id=ANN, about_kind="customer", about_id=ANN)
    )


def test_an_activity_about_a_call_is_the_story_of_who_called() -> None:
    given(registered(), recorded_call(customer_id=ANN, on=CALL)).when(
        schedule(about_kind="call", about_id=CALL)
    ).then(scheduled(customer_id=ANN, about_kind="call", about_id=CALL))


def test_the_customer_who_is_named_wins() -> None:
    given(registered(), registered(BOB), recorded_call(customer_id=ANN, on=CALL)).when(
        schedule(about_kind="call", about_id=CALL, customer_id=BOB)
    ).then(scheduled(customer_id=BOB, about_kind="call", about_id=CALL))
    given(registered(), registered(BOB)).when(
        schedule(about_kind="customer", about_id=ANN, customer_id=BOB)
    ).then(scheduled(customer_id=BOB, about_kind="customer", about_id=ANN))


def test_nothing_is_about_a_thing_that_is_not_there() -> None:
    given().when(schedule(about_kind="call", about_id=CALL)).then_refused("call.unknown")
    given(registered(CALL)).when(schedule(about_kind="call", about_id=CALL)).then_refused(
        "id.of_other_kind"
    )


def test_history_keeps_what_it_was_about_without_looking() -> None:
    in_history().when(record(about_kind="opportunity", about_id=CALL)).then(
        step(about_kind="opportunity", about_id=CALL)
    ).with_findings()


def test_a_customer_must_be_known_unless_it_is_history() -> None:
    given().when(schedule(customer_id=ANN)).then_refused("customer.unknown")
    in_history().when(schedule(customer_id=ANN)).then(scheduled(customer_id=ANN)).with_findings()
