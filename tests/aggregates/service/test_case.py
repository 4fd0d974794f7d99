"""Cases: opened, routed, escalated, linked, waited for, told apart, taken back."""

from __future__ import annotations

import pytest

from cases import (
    ANN,
    BOB,
    OTHER,
    S,
    acknowledge,
    assign,
    block,
    blocked,
    close,
    escalate,
    escalated,
    id_of,
    link,
    linked,
    open_case,
    opened,
    pend,
    reattributed,
    reject,
    reopen,
    repeat,
    resolve,
    resume,
    retract,
    retracted,
    route,
    standing,
    start,
    told,
    unblock,
    unlink,
    unlinked,
    update,
    updated,
)
from contacts import registered
from crm_es.aggregates.base import personal_fields
from crm_es.aggregates.fields import Precision
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import BLOCKERS_MAX, LINKS_MAX, CaseState, LinkKind
from crm_es.commands.base import Command
from crm_es.commands.service.case import (
    BlockCase,
    LinkCase,
    MarkCaseDuplicate,
    ReattributeCase,
    ReclassifyCase,
)
from crm_es.commands.service.case_work import EscalateCase
from crm_es.errors import Refused
from scenario import NOON, SUBJECT, Fact, decided, given, in_history

ORDER, CALL = OTHER, BOB


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
    came = open_case(call_id=CALL, order_id=ORDER)
    given(registered()).when(came).then_refused("call.unknown")
    given(registered()).when(open_case(order_id=ORDER)).then_refused("order.unknown")
    in_history().when(came).then(opened(call_id=CALL, order_id=ORDER))
    again = LinkCase(case_id=SUBJECT, kind=LinkKind.ORDER, linked_id=ORDER)
    in_history(opened(call_id=CALL, order_id=ORDER)).when(again).then_nothing()


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
    for command in (assign, start, resolve, close, update(), retract, unlink, route):
        given().when(command).then_refused("case.not_found")
        in_history().when(command).then_refused("case.not_found")


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
    given(*standing(S.IN_PROGRESS)).when(block).then_refused("case.unknown")


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
    given(opened()).when(repeat).then_refused("case.unknown")
    in_history(opened()).when(repeat).then(
        told(Case.MarkedDuplicate, S.NEW, S.DUPLICATE, of_case_id=OTHER, is_first_response=True)
    ).with_findings()
    itself = MarkCaseDuplicate(case_id=SUBJECT, of_case_id=SUBJECT)
    given(opened()).when(itself).then_refused("case.duplicate_of_itself")


def test_a_link_is_made_once_and_can_be_undone() -> None:
    facts = (*standing(S.CLOSED), opened(on=OTHER))
    given(*facts).when(link).then(linked())
    given(*facts, linked()).when(link).then_nothing()
    given(*facts, linked()).when(unlink).then(unlinked())
    given(*facts).when(unlink).then_nothing()
    given(*facts, linked(), unlinked()).when(unlink).then_nothing()
    given(*facts, linked(), unlinked()).when(link).then(linked())


def test_a_link_is_of_one_kind() -> None:
    call = LinkCase(case_id=SUBJECT, kind=LinkKind.CALL, linked_id=OTHER)
    assert decided((*standing(S.CLOSED), linked()), call, is_history=True).recorded


def test_nobody_links_a_case_to_what_is_not_there() -> None:
    given(opened()).when(link).then_refused("case.unknown")
    in_history(opened()).when(link).then_found()


def test_a_case_has_so_many_links_at_most() -> None:
    links = [
        told(Case.Linked, S.NEW, link=LinkKind.CALL, linked_id=id_of(n)) for n in range(LINKS_MAX)
    ]
    given(opened(), opened(on=OTHER), *links).when(link).then_refused("case.links_max")


def test_a_case_of_somebody_else_is_told_to_both() -> None:
    other = ReattributeCase(case_id=SUBJECT, customer_id=BOB)
    given(opened(), registered(BOB)).when(other).then(reattributed(BOB, ANN))
    given(opened()).when(other).then_refused("customer.unknown")
    nobody = ReattributeCase(case_id=SUBJECT, customer_id=None)
    given(opened()).when(nobody).then(reattributed(None, ANN))
    given(opened(customer_id=None)).when(nobody).then_nothing()
    assert Case.Reattributed.SUBJECTS == ("customer_id", "from_customer_id")


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
