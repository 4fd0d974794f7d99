"""Updates: what another system says of its case, in its words and in ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import (
    ANN,
    BOB,
    S,
    assigned,
    opened,
    reattributed,
    reopen,
    standing,
    told,
    update,
    updated,
)
from contacts import registered
from crm_es.aggregates.fields import Precision
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import NEXT, CaseState, PendingOn
from crm_es.commands.service.case_work import AssignCase
from scenario import NOON, SUBJECT, decided, given, in_history

LATER = NOON + timedelta(hours=1)


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
    settled = (*facts, updated(S.IN_PROGRESS, S.RESOLVED, assignee="bob", reopenings=2))
    assert decided(settled, reopen).recorded[0][1].reopenings == 3


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
