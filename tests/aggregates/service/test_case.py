"""Cases: opened, given to someone, worked on, kept waiting, resolved, reopened and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases import ANN, BOB, OTHER, S, assigned, opened, standing, told, updated
from contacts import registered
from crm_es.aggregates.base import personal_fields
from crm_es.aggregates.fields import Precision
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import (
    BLOCKERS_MAX,
    LINKS_MAX,
    NEXT,
    REOPEN_WINDOW,
    CaseState,
    LinkKind,
    PendingOn,
)
from crm_es.commands.base import Command
from crm_es.commands.service.case import (
    AcknowledgeCase,
    AssignCase,
    BlockCase,
    CloseCase,
    EscalateCase,
    LinkCase,
    MarkCaseDuplicate,
    OpenCase,
    PendCase,
    ReattributeCase,
    ReclassifyCase,
    RecordCaseUpdate,
    RejectCase,
    ReopenCase,
    ResolveCase,
    ResumeCase,
    RetractCase,
    RouteCase,
    StartCase,
    UnblockCase,
)
from crm_es.errors import Refused
from scenario import NOON, SUBJECT, Fact, Given, TestDesk, given, in_history

LATER = NOON + timedelta(hours=1)
ORDER, CALL = OTHER, BOB


def open_case(**more: Any) -> OpenCase:
    body = {
        "case_id": SUBJECT, "kind": "complaint", "customer_id": ANN, "channel": "phone",
        "category": "noise", "priority": "low",
    }  # fmt: skip
    return OpenCase(**{**body, **more})


def update(**more: Any) -> RecordCaseUpdate:
    return RecordCaseUpdate(**{"case_id": SUBJECT, **more})


assign = AssignCase(case_id=SUBJECT, assignee="bob")
acknowledge = AcknowledgeCase(case_id=SUBJECT)
start = StartCase(case_id=SUBJECT)
pend = PendCase(case_id=SUBJECT, on=PendingOn.CUSTOMER)
resume = ResumeCase(case_id=SUBJECT)
resolve = ResolveCase(case_id=SUBJECT, code="repaired")
reopen = ReopenCase(case_id=SUBJECT)
close = CloseCase(case_id=SUBJECT)
repeat = MarkCaseDuplicate(case_id=SUBJECT, of_case_id=OTHER)
reject = RejectCase(case_id=SUBJECT, reason="spam")
retract = RetractCase(case_id=SUBJECT, reason="test")
route = RouteCase(case_id=SUBJECT, group="second line")
escalate = EscalateCase(case_id=SUBJECT, level=2)
link = LinkCase(case_id=SUBJECT, kind=LinkKind.ORDER, linked_id=ORDER)
block = BlockCase(case_id=SUBJECT, by_case_id=OTHER)
unblock = UnblockCase(case_id=SUBJECT, by_case_id=OTHER, reason="settled by phone")


# Opening.


def test_a_case_is_opened_with_its_words_sealed() -> None:
    given(registered()).when(open_case(subject="Loud", description="At night")).then(
        opened(subject="Loud", description="At night")
    )
    assert personal_fields(Case.Opened) == ("subject", "description", "sealed_attributes")


def test_a_case_opened_for_someone_is_assigned() -> None:
    given(registered()).when(open_case(assignee="bob", group="service")).then(
        opened(assignee="bob", group="service")
    )


def test_a_case_may_have_no_customer() -> None:
    given().when(open_case(customer_id=None)).then(opened(customer_id=None))


def test_a_case_knows_the_call_and_the_order_it_came_from() -> None:
    facts = (opened(call_id=CALL, order_id=ORDER),)
    given(registered()).when(open_case(call_id=CALL, order_id=ORDER)).then(*facts)
    given(*facts).when(link).then_nothing()


def test_a_case_is_known_by_its_id() -> None:
    given(opened(), registered()).when(open_case()).then_refused("case.exists")


def test_nobody_opens_a_case_for_an_unknown_customer() -> None:
    given().when(open_case()).then_refused("customer.unknown")


def test_history_opens_a_case_for_a_customer_nobody_registered() -> None:
    in_history().when(open_case()).then(opened()).with_findings()


def test_history_keeps_how_exactly_the_opening_is_known() -> None:
    day = open_case(at=NOON, at_precision=Precision.DAY)
    in_history().when(day).then(opened(opened_precision=Precision.DAY))


def test_an_attribute_nobody_defined_is_refused() -> None:
    given(registered()).when(open_case(attributes={"shift": "night"})).then_refused(
        "attribute.undefined"
    )


def test_nothing_is_done_with_a_case_nobody_opened() -> None:
    for command in (assign, start, resolve, close, update(), retract, link, route):
        given().when(command).then_refused("case.not_found")
        in_history().when(command).then_refused("case.not_found")


# The steps: every command in every state.

ASK: dict[str, tuple[Command, type[Any], dict[CaseState, CaseState | str | None]]] = {
    "assign": (assign, Case.Assigned, {
        S.NEW: S.ASSIGNED, S.ASSIGNED: None, S.IN_PROGRESS: None, S.PENDING: None,
        S.REOPENED: None, S.UNKNOWN: S.ASSIGNED, S.RESOLVED: None, S.CLOSED: None,
        S.DUPLICATE: None, S.REJECTED: None,
    }),
    "start": (start, Case.Started, {
        S.NEW: "case.state_order", S.ASSIGNED: S.IN_PROGRESS, S.IN_PROGRESS: None,
        S.PENDING: "case.pending", S.REOPENED: S.IN_PROGRESS, S.UNKNOWN: S.IN_PROGRESS,
        S.RESOLVED: "case.state_order", S.CLOSED: "case.state_order",
        S.DUPLICATE: "case.state_order", S.REJECTED: "case.state_order",
    }),
    "pend": (pend, Case.Pended, {
        S.NEW: "case.state_order", S.ASSIGNED: "case.state_order", S.IN_PROGRESS: S.PENDING,
        S.PENDING: None, S.REOPENED: "case.state_order", S.UNKNOWN: S.PENDING,
        S.RESOLVED: "case.state_order", S.CLOSED: "case.state_order",
        S.DUPLICATE: "case.state_order", S.REJECTED: "case.state_order",
    }),
    "resume": (resume, Case.Resumed, {
        S.NEW: "case.not_pending", S.ASSIGNED: "case.not_pending", S.IN_PROGRESS: None,
        S.PENDING: S.IN_PROGRESS, S.REOPENED: "case.not_pending", S.UNKNOWN: "case.not_pending",
        S.RESOLVED: "case.not_pending", S.CLOSED: "case.not_pending",
        S.DUPLICATE: "case.not_pending", S.REJECTED: "case.not_pending",
    }),
    "resolve": (resolve, Case.Resolved, {
        S.NEW: "case.state_order", S.ASSIGNED: "case.state_order", S.IN_PROGRESS: S.RESOLVED,
        S.PENDING: S.RESOLVED, S.REOPENED: "case.state_order", S.UNKNOWN: S.RESOLVED,
        S.RESOLVED: None, S.CLOSED: "case.state_order", S.DUPLICATE: "case.state_order",
        S.REJECTED: "case.state_order",
    }),
    "reopen": (reopen, Case.Reopened, {
        S.NEW: "case.state_order", S.ASSIGNED: "case.state_order",
        S.IN_PROGRESS: "case.state_order", S.PENDING: "case.state_order", S.REOPENED: None,
        S.UNKNOWN: S.REOPENED, S.RESOLVED: S.REOPENED, S.CLOSED: "case.state_order",
        S.DUPLICATE: "case.state_order", S.REJECTED: "case.state_order",
    }),
    "close": (close, Case.Closed, {
        S.NEW: "case.no_resolution", S.ASSIGNED: "case.no_resolution",
        S.IN_PROGRESS: "case.no_resolution", S.PENDING: "case.no_resolution",
        S.REOPENED: "case.no_resolution", S.UNKNOWN: "case.no_resolution", S.RESOLVED: S.CLOSED,
        S.CLOSED: None, S.DUPLICATE: "case.no_resolution", S.REJECTED: "case.no_resolution",
    }),
    "repeat": (repeat, Case.MarkedDuplicate, {
        S.NEW: S.DUPLICATE, S.ASSIGNED: "case.state_order", S.IN_PROGRESS: "case.state_order",
        S.PENDING: "case.state_order", S.REOPENED: "case.state_order", S.UNKNOWN: S.DUPLICATE,
        S.RESOLVED: "case.state_order", S.CLOSED: "case.state_order", S.DUPLICATE: None,
        S.REJECTED: "case.state_order",
    }),
    "reject": (reject, Case.Rejected, {
        S.NEW: S.REJECTED, S.ASSIGNED: "case.state_order", S.IN_PROGRESS: "case.state_order",
        S.PENDING: "case.state_order", S.REOPENED: "case.state_order", S.UNKNOWN: S.REJECTED,
        S.RESOLVED: "case.state_order", S.CLOSED: "case.state_order",
        S.DUPLICATE: "case.state_order", S.REJECTED: None,
    }),
}  # fmt: skip
STEPS = [
    pytest.param(state, *step, id=f"{name} when {state}")
    for name, step in ASK.items()
    for state in CaseState
]


def decided(facts: tuple[Fact, ...], command: Command, *, is_history: bool = False) -> TestDesk:
    desk = TestDesk(Given(facts, is_history=is_history), command)
    command.decide(desk)
    return desk


@pytest.mark.parametrize(("state", "command", "kind", "expected"), STEPS)
def test_a_step_is_taken_refused_or_there_is_nothing_to_do(
    state: CaseState,
    command: Command,
    kind: type[Any],
    expected: dict[CaseState, CaseState | str | None],
) -> None:
    facts, there = (*standing(state), opened(on=OTHER)), expected[state]
    if there is not None and not isinstance(there, CaseState):
        given(*facts).when(command).then_refused(there)
        desk = decided(facts, command, is_history=True)
        assert there in desk.findings
    else:
        desk = decided(facts, command)
    told = [(type(event), event.from_state, event.to_state) for _, event in desk.recorded]
    if there is None:
        assert told == []
    elif isinstance(there, CaseState):
        assert told == [(kind, state, there)]
    else:
        assert [(one, was) for one, was, _ in told] == [(kind, state)]


def test_the_steps_of_the_commands_are_those_of_the_machine() -> None:
    """What some command does live is what an update may report, and the other way round."""
    taken = {
        (state, there)
        for _, _, expected in ASK.values()
        for state, there in expected.items()
        if isinstance(there, CaseState) and state is not S.UNKNOWN
    }
    machine = {(was, now) for was, nexts in NEXT.items() for now in nexts if was is not S.UNKNOWN}
    assert taken == machine


# What the steps carry.


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


def test_history_closes_a_case_that_was_never_resolved_and_that_resolves_it() -> None:
    desk = decided(standing(S.IN_PROGRESS), close, is_history=True)
    assert desk.findings == ["case.no_resolution", "case.state_order"]
    assert desk.recorded[0][1].resolved_at == NOON


# Waiting for other cases.


def test_a_case_is_not_closed_before_the_cases_below_it_are_settled() -> None:
    waits = (*standing(S.RESOLVED), blocked())
    given(*waits, opened(on=OTHER)).when(close).then_refused("case.blocked")
    in_history(*waits, opened(on=OTHER)).when(close).then_found("case.blocked")


@pytest.mark.parametrize("state", [S.RESOLVED, S.CLOSED, S.DUPLICATE, S.REJECTED])
def test_a_case_is_closed_when_the_cases_below_it_are_settled(state: CaseState) -> None:
    below = (opened(on=OTHER), Fact(Case.Updated, updated(S.NEW, state).details, OTHER))
    desk = decided((*standing(S.RESOLVED), blocked(), *below), close)
    assert [event.to_state for _, event in desk.recorded] == [S.CLOSED]


def test_a_case_that_was_taken_back_blocks_nobody() -> None:
    gone = (opened(on=OTHER), Fact(Case.Retracted, retracted(S.NEW).details, OTHER))
    desk = decided((*standing(S.RESOLVED), blocked(), *gone), close)
    assert [event.to_state for _, event in desk.recorded] == [S.CLOSED]


def test_a_case_is_blocked_once_and_let_go_with_a_reason() -> None:
    facts = (*standing(S.IN_PROGRESS), opened(on=OTHER))
    given(*facts).when(block).then(blocked(S.IN_PROGRESS))
    waits = (*facts, blocked(S.IN_PROGRESS))
    given(*waits).when(block).then_nothing()
    given(*facts).when(unblock).then_nothing()
    free = told(
        Case.Unblocked, S.IN_PROGRESS, assignee="bob", by_case_id=OTHER, reason="settled by phone",
    )  # fmt: skip
    given(*waits).when(unblock).then(free)
    given(*waits, free).when(unblock).then_nothing()


def test_no_case_waits_for_itself_or_for_one_nobody_knows() -> None:
    itself = BlockCase(case_id=SUBJECT, by_case_id=SUBJECT)
    given(*standing(S.IN_PROGRESS)).when(itself).then_refused("case.blocked_by_itself")
    given(*standing(S.IN_PROGRESS)).when(block).then_refused("case.not_found")


def test_a_settled_case_is_not_blocked() -> None:
    given(*standing(S.RESOLVED), opened(on=OTHER)).when(block).then_refused("case.settled")


def test_a_case_waits_for_so_many_others_at_most() -> None:
    many = [blocked(S.IN_PROGRESS, by_case_id=id_of(n)) for n in range(BLOCKERS_MAX)]
    facts = (*standing(S.IN_PROGRESS), *many, opened(on=OTHER))
    given(*facts).when(block).then_refused("case.blockers_max")


# Beside the steps.


def test_a_case_is_routed_with_its_assignee() -> None:
    given(*standing(S.IN_PROGRESS, group="first line")).when(route).then(
        told(
            Case.Routed,
            S.IN_PROGRESS,
            group="second line",
            assignee="bob",
            from_group="first line",
            reason=None,
        )
    )
    given(*standing(S.IN_PROGRESS, group="second line")).when(route).then_nothing()
    given(*standing(S.CLOSED)).when(route).then_refused("case.settled")
    in_history(*standing(S.CLOSED)).when(route).then_found("case.settled")


def test_a_case_is_escalated_upwards_only() -> None:
    given(opened()).when(escalate).then(escalated(0, 2))
    raised = (opened(), escalated(0, 2))
    given(*raised).when(escalate).then_nothing()
    lower = EscalateCase(case_id=SUBJECT, level=1)
    given(*raised).when(lower).then_refused("case.escalated")
    given(*standing(S.RESOLVED)).when(escalate).then_refused("case.settled")


def test_reclassifying_tells_what_it_was() -> None:
    urgent = ReclassifyCase(case_id=SUBJECT, priority="high", category="noise")
    given(opened()).when(urgent).then(
        told(
            Case.Reclassified,
            S.NEW,
            priority="high",
            from_priority="low",
            from_kind="complaint",
            from_channel="phone",
            from_category="noise",
            from_product=None,
        )
    )
    same = ReclassifyCase(case_id=SUBJECT, priority="low", kind="complaint")
    given(opened()).when(same).then_nothing()


def test_a_settled_case_may_still_be_reclassified() -> None:
    better = ReclassifyCase(case_id=SUBJECT, category="leak")
    assert decided(standing(S.CLOSED), better).recorded


def test_a_case_repeats_another_that_is_known() -> None:
    given(opened()).when(repeat).then_refused("case.not_found")
    in_history(opened()).when(repeat).then(
        told(Case.MarkedDuplicate, S.NEW, S.DUPLICATE, of_case_id=OTHER, is_first_response=True)
    ).with_findings()
    itself = MarkCaseDuplicate(case_id=SUBJECT, of_case_id=SUBJECT)
    given(opened()).when(itself).then_refused("case.duplicate_of_itself")


def test_a_link_is_made_once() -> None:
    facts = standing(S.CLOSED)
    linked = told(
        Case.Linked, S.CLOSED, assignee="bob", resolved_at=NOON, link=LinkKind.ORDER,
        linked_id=ORDER,
    )  # fmt: skip
    given(*facts).when(link).then(linked)
    given(*facts, linked).when(link).then_nothing()
    call = LinkCase(case_id=SUBJECT, kind=LinkKind.CALL, linked_id=ORDER)
    assert decided((*facts, linked), call).recorded


def test_a_case_has_so_many_links_at_most() -> None:
    links = [
        told(Case.Linked, S.NEW, link=LinkKind.CALL, linked_id=id_of(n)) for n in range(LINKS_MAX)
    ]
    given(opened(), *links).when(link).then_refused("case.links_max")


def test_a_case_of_somebody_else_is_told_to_both() -> None:
    other = ReattributeCase(case_id=SUBJECT, customer_id=BOB)
    given(opened(), registered(BOB)).when(other).then(reattributed(BOB, ANN))
    given(opened()).when(other).then_refused("customer.unknown")
    nobody = ReattributeCase(case_id=SUBJECT, customer_id=None)
    given(opened()).when(nobody).then(reattributed(None, ANN))
    given(opened(customer_id=None)).when(nobody).then_nothing()
    assert Case.Reattributed.SUBJECTS == ("customer_id", "from_customer_id")


# What another system says.


def test_an_update_is_recorded_even_if_nothing_in_it_is_new() -> None:
    facts = standing(S.IN_PROGRESS)
    same = update(state=S.IN_PROGRESS, assignee="bob", source_state="Active")
    said = updated(S.IN_PROGRESS, S.IN_PROGRESS, assignee="bob", source_state="Active")
    given(*facts).when(same).then(said)
    given(*facts, said).when(same).then(said)


def test_an_update_that_says_nothing_leaves_the_case_as_it_was() -> None:
    given(opened(), assigned()).when(update()).then(updated(S.ASSIGNED, S.ASSIGNED, assignee="bob"))


def test_an_update_keeps_the_sources_words_and_figures() -> None:
    full = update(
        state=S.RESOLVED, source_state="Resolved", code="5", group="56", assignee="bob",
        reassignments=3, reopenings=1, is_in_sla=False, disputed=True, timely=True, at=LATER,
    )  # fmt: skip
    given(*standing(S.IN_PROGRESS)).when(full).then(
        updated(
            S.IN_PROGRESS,
            S.RESOLVED,
            source_state="Resolved",
            resolution="5",
            group="56",
            assignee="bob",
            reassignments=3,
            reopenings=1,
            is_in_sla=False,
            disputed=True,
            timely=True,
            resolved_at=LATER,
        )
    )


def test_figures_a_source_reports_are_counted_on_from() -> None:
    facts = (opened(), updated(S.NEW, S.IN_PROGRESS, assignee="bob", reassignments=7))
    handed = AssignCase(case_id=SUBJECT, assignee="eve")
    assert decided(facts, handed).recorded[0][1].reassignments == 8


def test_an_update_tells_first_that_the_case_is_about_something_else() -> None:
    urgent = update(priority="high", channel="email", state=S.NEW)
    given(opened()).when(urgent).then(
        told(
            Case.Reclassified, S.NEW, priority="high", from_priority="low", channel="email",
            from_channel="phone", from_kind="complaint", from_category="noise", from_product=None,
        ),
        updated(S.NEW, S.NEW, priority="high", channel="email"),
    )  # fmt: skip


def test_an_update_tells_first_that_the_case_is_somebody_elses() -> None:
    other = update(customer_id=BOB)
    given(opened(), registered(BOB)).when(other).then(
        reattributed(BOB, ANN), updated(S.NEW, S.NEW, customer_id=BOB)
    )
    given(opened()).when(other).then_refused("customer.unknown")
    in_history(opened()).when(other).then(
        reattributed(BOB, ANN), updated(S.NEW, S.NEW, customer_id=BOB)
    )


def test_an_update_that_keeps_a_case_pending_keeps_whom_it_waits_for() -> None:
    said = update(state=S.PENDING)
    (_, event) = decided(standing(S.PENDING), said).recorded[0]
    assert event.pending_on is PendingOn.CUSTOMER
    on = update(state=S.IN_PROGRESS)
    (_, event) = decided(standing(S.PENDING), on).recorded[0]
    assert event.pending_on is None


JUMPS = [(was, now) for was in CaseState for now in CaseState if was is not now]


@pytest.mark.parametrize(("was", "now"), JUMPS)
def test_an_update_follows_the_machine_or_is_a_finding(was: CaseState, now: CaseState) -> None:
    facts, said = standing(was), update(state=now)
    if now in NEXT[was]:
        given(*facts).when(said).then_found()
    else:
        given(*facts).when(said).then_refused("case.state_order")
        in_history(*facts).when(said).then_found("case.state_order")


def test_an_update_to_work_without_an_assignee_is_a_finding_once() -> None:
    began = update(state=S.IN_PROGRESS)
    in_history(opened()).when(began).then_found("case.state_order", "case.unassigned")
    goes_on = (opened(), updated(S.NEW, S.IN_PROGRESS))
    in_history(*goes_on).when(began).then(
        updated(S.IN_PROGRESS, S.IN_PROGRESS, is_first_response=True)
    ).with_findings()


def test_nothing_happens_to_a_case_before_it_is_opened() -> None:
    early = update(at=NOON - timedelta(minutes=1))
    given(opened()).when(early).then_refused("case.before_opening")
    in_history(opened()).when(early).then_found("case.before_opening")


def test_times_are_compared_as_exactly_as_they_are_known() -> None:
    that_day = update(at=NOON - timedelta(hours=2), at_precision=Precision.DAY)
    given(opened()).when(that_day).then_found()
    some_day = update(at=NOON - timedelta(days=900), at_precision=Precision.UNKNOWN)
    given(opened()).when(some_day).then_found()


# Taking back.


def test_a_case_taken_back_tells_where_it_stood_and_by_what_it_was_counted() -> None:
    given(*standing(S.RESOLVED)).when(retract).then(
        retracted(S.RESOLVED, assignee="bob", resolved_at=NOON)
    )
    given(opened(), retracted(S.NEW)).when(retract).then_nothing()


AFTERWARDS = [
    assign, acknowledge, start, pend, resume, resolve, reopen, close, reject, route, escalate,
    link, update(), ReclassifyCase(case_id=SUBJECT, priority="high"),
    ReattributeCase(case_id=SUBJECT, customer_id=None),
]  # fmt: skip


@pytest.mark.parametrize("command", AFTERWARDS, ids=lambda command: type(command).__name__)
def test_nothing_more_happens_to_a_case_that_was_taken_back(command: Command) -> None:
    facts = (opened(), retracted(S.NEW))
    with pytest.raises(Refused):
        decided(facts, command)
    desk = decided(facts, command, is_history=True)
    assert "case.retracted" in desk.findings


def blocked(state: S = S.RESOLVED, **more: Any) -> Fact:
    facts = {"assignee": "bob", "by_case_id": OTHER, **more}
    if state is S.RESOLVED:
        facts = {"resolved_at": NOON, **facts}
    return told(Case.Blocked, state, **facts)


def escalated(was: int, now: int) -> Fact:
    return told(Case.Escalated, S.NEW, from_level=was, to_level=now, to=None, reason=None)


def reattributed(to: Any, whose: Any) -> Fact:
    return told(Case.Reattributed, S.NEW, customer_id=to, from_customer_id=whose)


def retracted(state: S, **more: Any) -> Fact:
    return told(Case.Retracted, state, reason="test", **more)


def id_of(n: int) -> Any:
    return type(SUBJECT)(int=1_000 + n)
