"""How deals end: won with an order, lost with a reason, given up; and taken up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.opportunity_state import OpportunityStatus
from crm_es.commands.base import Command
from crm_es.commands.sales.opportunity import (
    AbandonOpportunity,
    LoseOpportunity,
    ReopenOpportunity,
    RetractOpportunity,
    WinOpportunity,
)
from scenario import NOON, SUBJECT, Fact, given, in_history
from trade import (
    ANN,
    BOB,
    NOBODY,
    ORDER,
    STAGES,
    deal,
    lost,
    moved,
    opened,
    placed,
    published,
    won,
)

WHICH: dict[str, Any] = {"opportunity_id": SUBJECT}
CONTACTED, PROPOSAL, WON, LOST = STAGES
START = (published(), opened())
DAY = timedelta(days=1)
win = WinOpportunity(**WHICH, without_order=True)
lose = LoseOpportunity(**WHICH, reason="price")
abandon = AbandonOpportunity(**WHICH, reason="nobody answers")
reopen = ReopenOpportunity(**WHICH, reason="new budget")
retract = RetractOpportunity(**WHICH, reason="twice")
ABANDONED = deal(
    Opportunity.Abandoned, without="probability", from_probability=Decimal("0.1"),
    reason="nobody answers",
)  # fmt: skip
RETRACTED = deal(Opportunity.Retracted, reason="twice")


def reopened(status: OpportunityStatus, from_stage: str, probability: str) -> Fact:
    return moved(
        "contacted", "0.1", Opportunity.Reopened, from_status=status, from_stage=from_stage,
        from_probability=Decimal(probability), reason="new budget",
    )  # fmt: skip


def test_a_deal_is_won_once() -> None:
    given(*START).when(win).then(won())
    given(*START, won()).when(win).then_nothing()
    paid = WinOpportunity(**WHICH, without_order=True, amount=Decimal(500))
    given(*START).when(paid).then(won(amount=Decimal(500)))
    given(*START, won()).when(paid).then_refused("opportunity.decided")


def test_a_deal_is_won_with_its_order_or_by_saying_that_there_is_none() -> None:
    bare = WinOpportunity(**WHICH)
    given(*START).when(bare).then_refused("opportunity.order_missing")
    in_history(*START).when(bare).then(won()).with_findings("opportunity.order_missing")
    ordered = WinOpportunity(**WHICH, order_id=ORDER)
    given(*START, placed(id=ORDER)).when(ordered).then(won(order_id=ORDER))
    given(*START).when(ordered).then_refused("order.not_found")
    in_history(*START).when(ordered).then(won(order_id=ORDER)).with_findings()


@pytest.mark.parametrize(
    ("deal_of", "order_of", "is_theirs"),
    [(ANN, ANN, True), (ANN, None, True), (None, ANN, True), (ANN, BOB, False)],
)
def test_a_deal_is_not_won_with_anothers_order(
    deal_of: Any, order_of: Any, *, is_theirs: bool
) -> None:
    past = (published(), opened(customer_id=deal_of), placed(id=ORDER, customer_id=order_of))
    told = given(*past).when(WinOpportunity(**WHICH, order_id=ORDER))
    if is_theirs:
        told.then_found()
    else:
        told.then_refused("opportunity.order_of_other_customer")


def test_the_last_stage_asks_for_its_evidence_too() -> None:
    stages = (replace(CONTACTED, requires=("amount",)), *STAGES[1:])
    past = (published(stages=stages), opened())
    given(*past).when(win).then_refused("opportunity.evidence_missing")
    given(*past).when(lose).then_found()


def test_a_deal_is_lost_once_and_says_why() -> None:
    given(*START).when(lose).then(lost())
    given(*START, lost()).when(lose).then_nothing()
    silent = LoseOpportunity(**WHICH)
    given(*START).when(silent).then_refused("opportunity.reason_missing")
    in_history(*START).when(silent).then(lost(reason=None)).with_findings(
        "opportunity.reason_missing"
    )


def test_the_reason_is_one_of_the_pipelines() -> None:
    past = (published(reasons=("timing",)), opened())
    given(*past).when(lose).then_refused("opportunity.reason_unknown")
    in_history(*past).when(lose).then(lost()).with_findings("opportunity.reason_unknown")
    given(*past).when(LoseOpportunity(**WHICH, reason="timing")).then(lost(reason="timing"))


def test_a_stage_of_the_other_kind_decides_nothing() -> None:
    for command in (
        WinOpportunity(**WHICH, stage="lost", without_order=True),
        LoseOpportunity(**WHICH, stage="won", reason="price"),
        ReopenOpportunity(**WHICH, stage="won", reason="new budget"),
    ):
        given(*START).when(command).then_refused("opportunity.stage_kind")
        in_history(*START).when(command).then_refused("opportunity.stage_kind")


def test_nothing_is_decided_before_it_was_opened() -> None:
    code = "opportunity.closed_before_opened"
    for command in (win, lose):
        early = command.model_copy(update={"at": NOON - DAY})
        given(*START).when(early).then_refused(code)
        in_history(*START).when(early).then_found(code)


def test_two_times_are_compared_at_the_coarser_precision() -> None:
    midnight = NOON - timedelta(hours=12)
    by_day = LoseOpportunity(**WHICH, reason="price", at=midnight, at_precision=Precision.DAY)
    given(*START).when(by_day).then_found()
    past = (published(), opened(opened_precision=Precision.UNKNOWN))
    early = LoseOpportunity(**WHICH, reason="price", at=NOON - 9 * DAY)
    given(*past).when(early).then(lost(opened_precision=Precision.UNKNOWN))


def test_a_deal_is_given_up_without_being_lost() -> None:
    given(*START).when(abandon).then(ABANDONED)
    given(*START, ABANDONED).when(abandon).then_nothing()


ENDS = [
    (won(), OpportunityStatus.WON, "won", "1"),
    (lost(), OpportunityStatus.LOST, "lost", "0"),
    (ABANDONED, OpportunityStatus.ABANDONED, "contacted", "0"),
]


@pytest.mark.parametrize(("end", "status", "stage", "probability"), ENDS)
def test_a_decided_deal_is_taken_up_again(
    end: Fact, status: OpportunityStatus, stage: str, probability: str
) -> None:
    again = reopened(status, stage, probability)
    given(*START, end).when(reopen).then(again)
    given(*START, end, again).when(reopen).then_nothing()
    given(*START).when(reopen).then_nothing()
    given(*START, end, RETRACTED).when(reopen).then_refused("opportunity.retracted")


KINDS: dict[type[Command], Any] = {
    WinOpportunity: Opportunity.Won,
    LoseOpportunity: Opportunity.Lost,
    AbandonOpportunity: Opportunity.Abandoned,
}


@pytest.mark.parametrize("command", [win, lose, abandon])
@pytest.mark.parametrize(("end", "status", "stage", "probability"), ENDS)
def test_a_deal_is_decided_once_and_history_says_what_it_undid(
    command: Command, end: Fact, status: OpportunityStatus, stage: str, probability: str
) -> None:
    asked_again = given(*START, end).when(command)
    if KINDS[type(command)] is end.kind:
        asked_again.then_nothing()
        return
    asked_again.then_refused("opportunity.decided")
    [(_, event)] = in_history(*START, end).when(command)._decide().recorded
    assert (event.from_status, event.from_probability) == (status, Decimal(probability))
    assert getattr(event, "from_stage", stage) == stage


def test_what_was_recorded_by_mistake_is_taken_back_once_and_counts_nowhere() -> None:
    given(*START).when(retract).then(RETRACTED)
    given(*START, RETRACTED).when(retract).then_nothing()
    given(*START, RETRACTED).when(win).then_refused("opportunity.retracted")
    in_history(*START, RETRACTED).when(win).then(won(from_status=None)).with_findings(
        "opportunity.retracted"
    )


def test_what_is_on_no_pipeline_we_know_cannot_be_won() -> None:
    given(opened()).when(win).then_refused("pipeline.not_found")
    given().when(WinOpportunity(opportunity_id=NOBODY)).then_refused("opportunity.not_found")
