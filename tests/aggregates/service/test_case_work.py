"""What the steps of the work on a case carry, and what they may not be taken without."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import (
    OTHER,
    S,
    acknowledge,
    assign,
    assigned,
    close,
    opened,
    reject,
    reopen,
    repeat,
    resolve,
    resume,
    standing,
    start,
    told,
    updated,
)
from crm_es.aggregates.fields import Precision
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import REOPEN_WINDOW, CaseState, PendingOn
from crm_es.commands.base import Command
from crm_es.commands.service.case_work import (
    AssignCase,
    CloseCase,
    PendCase,
    ReopenCase,
    ResolveCase,
)
from scenario import NOON, SUBJECT, decided, given, in_history

LATER = NOON + timedelta(hours=1)


def test_the_first_response_is_told_once() -> None:
    facts = (opened(), assigned())
    given(*facts).when(acknowledge).then(
        told(Case.Acknowledged, S.ASSIGNED, assignee="bob", is_first_response=True)
    )
    answered = (*facts, told(Case.Acknowledged, S.ASSIGNED, assignee="bob", is_first_response=True))
    given(*answered).when(acknowledge).then_nothing()
    given(*answered).when(start).then(told(Case.Started, S.ASSIGNED, S.IN_PROGRESS, assignee="bob"))


@pytest.mark.parametrize(
    ("state", "command"),
    [(S.ASSIGNED, start), (S.NEW, repeat), (S.NEW, reject)],
)
def test_whoever_works_or_decides_has_answered(state: CaseState, command: Command) -> None:
    facts = (*standing(state), opened(on=OTHER))
    (_, event) = decided(facts, command).recorded[0]
    assert event.is_first_response


def test_being_given_to_someone_is_no_answer() -> None:
    given(opened()).when(assign).then(assigned())


def test_a_settled_case_is_not_acknowledged() -> None:
    unanswered = standing(S.RESOLVED, is_first_response=False)
    given(*unanswered).when(acknowledge).then_refused("case.settled")
    in_history(*unanswered).when(acknowledge).then_found("case.settled")


def test_nobody_works_on_a_case_without_an_assignee() -> None:
    facts = (opened(), updated(S.NEW, S.PENDING))
    given(*facts).when(resume).then_refused("case.unassigned")
    given(*facts).when(resolve).then_refused("case.unassigned")
    in_history(*facts).when(resolve).then_found("case.unassigned")


def test_a_case_that_changes_hands_counts_it_and_tells_whose_it_was() -> None:
    handed = AssignCase(case_id=SUBJECT, assignee="eve", group="repair")
    given(*standing(S.IN_PROGRESS, group="service")).when(handed).then(
        assigned(
            S.IN_PROGRESS,
            S.IN_PROGRESS,
            assignee="eve",
            group="repair",
            from_assignee="bob",
            from_group="service",
            reassignments=1,
        )
    )


def test_another_group_for_the_same_assignee_is_no_reassignment() -> None:
    moved = AssignCase(case_id=SUBJECT, assignee="bob", group="repair")
    given(opened(), assigned()).when(moved).then(
        assigned(S.ASSIGNED, S.ASSIGNED, group="repair", from_assignee="bob")
    )


def test_a_reopened_case_can_be_given_to_another() -> None:
    handed = AssignCase(case_id=SUBJECT, assignee="eve")
    (_, event) = decided(standing(S.REOPENED), handed).recorded[0]
    assert (event.to_state, event.reassignments) == (S.REOPENED, 1)


def test_a_settled_case_is_given_to_nobody_else() -> None:
    handed = AssignCase(case_id=SUBJECT, assignee="eve")
    for state in (S.RESOLVED, S.CLOSED, S.DUPLICATE, S.REJECTED):
        given(*standing(state)).when(handed).then_refused("case.settled")
        in_history(*standing(state)).when(handed).then_found("case.settled")


def test_a_case_waits_for_another_party_without_going_on_between() -> None:
    vendor = PendCase(case_id=SUBJECT, on=PendingOn.THIRD_PARTY, reason="part is ordered")
    facts = standing(S.PENDING)
    given(*facts).when(vendor).then(
        told(
            Case.Pended,
            S.PENDING,
            assignee="bob",
            pending_on=PendingOn.THIRD_PARTY,
            reason="part is ordered",
        )
    )


def test_resuming_tells_whom_it_waited_for() -> None:
    (_, event) = decided(standing(S.PENDING), resume).recorded[0]
    assert event.pending_on is PendingOn.CUSTOMER


def test_resolving_tells_when_and_how() -> None:
    done = ResolveCase(case_id=SUBJECT, code="repaired", summary="New seal", at=LATER)
    facts = (*standing(S.IN_PROGRESS),)
    given(*facts).when(done).then(
        told(
            Case.Resolved,
            S.IN_PROGRESS,
            S.RESOLVED,
            assignee="bob",
            resolved_at=LATER,
            resolution="repaired",
            summary="New seal",
        )
    )


def test_a_case_resolved_one_way_is_not_resolved_another_way() -> None:
    otherwise = ResolveCase(case_id=SUBJECT, code="replaced")
    given(*standing(S.RESOLVED)).when(otherwise).then_refused("case.resolved")
    in_history(*standing(S.RESOLVED)).when(otherwise).then_found("case.resolved")


def test_a_resolution_of_an_unknown_day_has_no_time() -> None:
    some_day = ResolveCase(
        case_id=SUBJECT, code="repaired", at=NOON, at_precision=Precision.UNKNOWN
    )
    (_, event) = decided(standing(S.IN_PROGRESS), some_day).recorded[0]
    assert event.resolved_at is None


@pytest.mark.parametrize("late", [timedelta(0), REOPEN_WINDOW])
def test_a_case_is_reopened_within_the_window(late: timedelta) -> None:
    again = ReopenCase(case_id=SUBJECT, reason="It happened again", at=NOON + late)
    given(*standing(S.RESOLVED)).when(again).then(
        told(
            Case.Reopened,
            S.RESOLVED,
            S.REOPENED,
            assignee="bob",
            from_resolution="repaired",
            was_resolved_at=NOON,
            reopenings=1,
            reason="It happened again",
        )
    )


def test_nobody_reopens_a_case_after_the_window() -> None:
    late = ReopenCase(case_id=SUBJECT, at=NOON + REOPEN_WINDOW + timedelta(seconds=1))
    given(*standing(S.RESOLVED)).when(late).then_refused("case.reopen_window")
    in_history(*standing(S.RESOLVED)).when(late).then_found("case.reopen_window")


def test_a_case_resolved_on_an_unknown_day_can_be_reopened_at_any_time() -> None:
    late = ReopenCase(case_id=SUBJECT, at=NOON + 2 * REOPEN_WINDOW)
    desk = decided(standing(S.RESOLVED, resolved_at=None), late)
    assert [event.to_state for _, event in desk.recorded] == [S.REOPENED]


def test_every_reopening_counts() -> None:
    facts = (
        *standing(S.RESOLVED, reopenings=2),
        told(
            Case.Reopened, S.RESOLVED, S.REOPENED, from_resolution="repaired",
            was_resolved_at=NOON, reopenings=3, reason=None, assignee="bob",
        ),
        updated(S.REOPENED, S.RESOLVED, assignee="bob", resolution="replaced", resolved_at=NOON),
    )  # fmt: skip
    (_, event) = decided(facts, reopen).recorded[0]
    assert (event.reopenings, event.from_resolution) == (4, "replaced")


def test_a_reopened_case_has_no_resolution_until_it_is_resolved_again() -> None:
    facts = (
        *standing(S.RESOLVED),
        told(
            Case.Reopened, S.RESOLVED, S.REOPENED, from_resolution="repaired",
            was_resolved_at=NOON, reopenings=1, reason=None, assignee="bob",
        ),
    )  # fmt: skip
    given(*facts).when(close).then_refused("case.no_resolution")
    assert decided(facts, start).recorded[0][1].resolved_at is None


def test_closing_may_say_what_came_of_it() -> None:
    facts = (opened(), updated(S.NEW, S.RESOLVED, assignee="bob", resolved_at=NOON))
    given(*facts).when(close).then_refused("case.no_resolution")
    said = CloseCase(case_id=SUBJECT, code="repaired")
    given(*facts).when(said).then(
        told(
            Case.Closed,
            S.RESOLVED,
            S.CLOSED,
            assignee="bob",
            resolved_at=NOON,
            resolution="repaired",
            is_first_response=True,
        )
    )


def test_closing_does_not_say_that_something_else_came_of_it() -> None:
    otherwise = CloseCase(case_id=SUBJECT, code="replaced")
    given(*standing(S.RESOLVED)).when(otherwise).then_refused("case.resolved")
    desk = decided(standing(S.RESOLVED), otherwise, is_history=True)
    assert desk.findings == ["case.resolved"]
    assert desk.recorded[0][1].resolution == "replaced"
    same = CloseCase(case_id=SUBJECT, code="repaired")
    assert decided(standing(S.RESOLVED), same).recorded


def test_history_closes_a_case_that_was_never_resolved_and_that_resolves_it() -> None:
    desk = decided(standing(S.IN_PROGRESS), close, is_history=True)
    assert desk.findings == ["case.no_resolution", "case.state_order"]
    assert desk.recorded[0][1].resolved_at == NOON
