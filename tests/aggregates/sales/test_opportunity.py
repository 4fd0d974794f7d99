"""Deals on their way: opened, moved, held, estimated anew, migrated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.opportunity_state import OpportunityStatus
from crm_es.commands.base import Command
from crm_es.commands.sales.opportunity import (
    AssignOpportunity,
    HoldOpportunity,
    LinkCompetitor,
    MigrateOpportunity,
    MoveCloseDate,
    MoveOpportunity,
    OpenOpportunity,
    OverrideProbability,
    ResumeOpportunity,
    ReviseOpportunityAmount,
)
from scenario import NOON, SUBJECT, Fact, fact, given, in_history
from trade import (
    ANN,
    FUNNEL,
    NOBODY,
    STAGES,
    day,
    deal,
    defined,
    lost,
    moved,
    opened,
    person,
    published,
    republished,
    won,
)

WHICH: dict[str, Any] = {"opportunity_id": SUBJECT}
CONTACTED, PROPOSAL, WON, LOST = STAGES
HELD = deal(Opportunity.Held, reason="budget")
RETRACTED = deal(Opportunity.Retracted, reason="twice")
START = (published(), opened())


def open_deal(**more: Any) -> OpenOpportunity:
    return OpenOpportunity(**{**WHICH, "pipeline_id": FUNNEL, **more})


def move(stage: str) -> MoveOpportunity:
    return MoveOpportunity(**WHICH, stage=stage)


def test_a_deal_is_opened_in_the_first_stage_with_or_without_a_customer() -> None:
    given(published()).when(open_deal()).then(opened())
    given(published(), person()).when(open_deal(customer_id=ANN, title="A pump")).then(
        opened(customer_id=ANN, title="A pump")
    )
    given(published()).when(open_deal(customer_id=NOBODY)).then_refused("customer.unknown")
    in_history(published()).when(open_deal(customer_id=NOBODY)).then(opened(customer_id=NOBODY))
    given(*START).when(open_deal()).then_refused("opportunity.exists")
    given().when(open_deal()).then_refused("pipeline.not_found")


def test_a_deal_is_opened_in_any_open_stage() -> None:
    given(published()).when(open_deal(stage="proposal")).then(
        opened(stage="proposal", probability=Decimal("0.5"))
    )
    given(published()).when(open_deal(stage="moon")).then_refused("opportunity.stage_unknown")
    given(published()).when(open_deal(stage="won")).then_refused("opportunity.stage_decides")
    in_history(published()).when(open_deal(stage="won")).then(
        opened(stage="won", probability=Decimal(1))
    ).with_findings("opportunity.stage_decides")


def test_a_deal_remembers_how_exactly_its_opening_is_known() -> None:
    command = open_deal(at=NOON, at_precision=Precision.UNKNOWN)
    given(published()).when(command).then(opened(opened_precision=Precision.UNKNOWN))


def test_a_deal_pins_the_edition_it_was_opened_on() -> None:
    rated = (replace(CONTACTED, probability=Decimal("0.2")), *STAGES[1:])
    given(published(), republished(stages=rated)).when(open_deal()).then(
        opened(edition=2, probability=Decimal("0.2"))
    )
    given(*START, republished(stages=rated)).when(move("proposal")).then(moved("proposal", "0.5"))


def test_a_deal_keeps_attributes_plain_or_sealed() -> None:
    fields = (defined("opportunity", "level"), defined("opportunity", "health", is_sealed=True))
    command = open_deal(attributes={"level": "B1", "health": "fine"})
    given(published(), *fields).when(command).then(
        opened(attributes={"level": "B1"}, sealed_attributes={"health": "fine"})
    )


def test_a_deal_moves_forwards_and_back() -> None:
    there = moved("proposal", "0.5")
    back = moved(
        "contacted", "0.1", Opportunity.StageRegressed, from_stage="proposal",
        from_probability=Decimal("0.5"),
    )  # fmt: skip
    given(*START).when(move("proposal")).then(there)
    given(*START, there).when(move("proposal")).then_nothing()
    given(*START, there).when(move("contacted")).then(back)
    given(*START).when(move("moon")).then_refused("opportunity.stage_unknown")


def test_a_move_does_not_decide() -> None:
    given(*START).when(move("won")).then_refused("opportunity.stage_decides")
    in_history(*START).when(move("won")).then(moved("won", "1")).with_findings(
        "opportunity.stage_decides"
    )


def test_a_move_after_the_decision_is_kept_with_a_finding_and_changes_no_probability() -> None:
    for end, probability, status in (
        (won(), "1", OpportunityStatus.WON), (lost(), "0", OpportunityStatus.LOST),
    ):  # fmt: skip
        given(*START, end).when(move("proposal")).then_refused("opportunity.decided")
        in_history(*START, end).when(move("proposal")).then(
            moved(
                "proposal", probability, Opportunity.StageRegressed, from_status=status,
                from_stage=end.details["to_stage"], from_probability=Decimal(probability),
            )
        ).with_findings("opportunity.decided")  # fmt: skip


STRICT = (
    replace(CONTACTED, requires=("amount", "owner"), leads_to=("proposal",)), *STAGES[1:],
)  # fmt: skip


def test_a_stage_is_not_left_forwards_without_its_evidence() -> None:
    past = (published(stages=STRICT), opened())
    given(*past).when(move("proposal")).then_refused("opportunity.evidence_missing")
    in_history(*past).when(move("proposal")).then(moved("proposal", "0.5")).with_findings(
        "opportunity.evidence_missing"
    )
    known: dict[str, Any] = {"amount": Decimal(5), "owner": "bob"}
    given(published(stages=STRICT), opened(**known)).when(move("proposal")).then(
        moved("proposal", "0.5", **known)
    )


def test_a_stage_leads_only_where_its_pipeline_says() -> None:
    third = replace(PROPOSAL, name="talks")
    stages = (replace(CONTACTED, leads_to=("proposal",)), PROPOSAL, third, WON, LOST)
    past = (published(stages=stages), opened())
    given(*past).when(move("proposal")).then_found()
    given(*past).when(move("talks")).then_refused("opportunity.move_forbidden")
    in_history(*past).when(move("talks")).then_found("opportunity.move_forbidden")


FRIEND: dict[str, Any] = {
    "from_probability": Decimal("0.1"),
    "to_probability": Decimal("0.9"),
    "reason": "friend",
}
CHANGES: list[tuple[Command, Fact]] = [
    (
        ReviseOpportunityAmount(**WHICH, amount=Decimal(5)),
        deal(Opportunity.AmountRevised, without="amount", from_amount=None, to_amount=Decimal(5)),
    ),
    (
        MoveCloseDate(**WHICH, expected_close_on=day("2026-03-01")),
        deal(Opportunity.CloseDateMoved, from_date=None, to_date=day("2026-03-01"), pushes=0),
    ),
    (
        OverrideProbability(**WHICH, probability=Decimal("0.9"), reason="friend"),
        deal(Opportunity.ProbabilityOverridden, without="probability", **FRIEND),
    ),
    (HoldOpportunity(**WHICH, reason="budget"), HELD),
]


@pytest.mark.parametrize(("command", "change"), CHANGES, ids=lambda one: type(one).__name__)
def test_an_estimate_changes_once_and_only_while_nothing_is_decided(
    command: Command, change: Fact
) -> None:
    given(*START).when(command).then(change)
    given(*START, change).when(command).then_nothing()
    given(*START, lost()).when(command).then_refused("opportunity.decided")
    in_history(*START, lost()).when(command).then_found("opportunity.decided")
    given(*START, RETRACTED).when(command).then_refused("opportunity.retracted")
    if not isinstance(command, HoldOpportunity):
        given(*START, HELD).when(command).then_refused("opportunity.held")


def test_moving_the_close_date_later_counts_as_a_push() -> None:
    first, later, sooner = (day(f"2026-0{month}-01") for month in (3, 4, 2))
    told: dict[str, Any] = {"from_date": first, "expected_close_on": first}
    past = (published(), opened(expected_close_on=first))
    push = deal(Opportunity.CloseDateMoved, **told, to_date=later, pushes=1)
    given(*past).when(MoveCloseDate(**WHICH, expected_close_on=later)).then(push)
    given(*past).when(MoveCloseDate(**WHICH, expected_close_on=sooner)).then(
        deal(Opportunity.CloseDateMoved, **told, to_date=sooner, pushes=0)
    )


def test_an_amount_stays_in_its_currency() -> None:
    other = ReviseOpportunityAmount(**WHICH, amount=Decimal(5), currency="SEK")
    given(*START).when(other).then_refused("money.currency_mismatch")
    in_history(*START).when(other).then_refused("money.currency_mismatch")


def test_a_probability_lies_between_nought_and_one() -> None:
    with pytest.raises(ValidationError):
        OverrideProbability(**WHICH, probability=Decimal(2), reason="friend")


def test_a_deal_rests_and_is_taken_up_again() -> None:
    resume = ResumeOpportunity(**WHICH)
    resumed = deal(Opportunity.Resumed, from_status=OpportunityStatus.ON_HOLD)
    given(*START, HELD).when(resume).then(resumed)
    given(*START).when(resume).then_nothing()
    given(*START, won()).when(resume).then_refused("opportunity.decided")
    given(*START, HELD).when(move("proposal")).then_refused("opportunity.held")


def test_a_deal_changes_hands_even_when_it_is_decided() -> None:
    assign = AssignOpportunity(**WHICH, owner="bob")
    told: dict[str, Any] = {"without": "owner", "from_owner": None, "to_owner": "bob"}
    assigned = deal(Opportunity.Assigned, **told)
    status: dict[str, Any] = {
        "from_status": OpportunityStatus.WON,
        "stage": "won",
        "probability": Decimal(1),
    }
    after = deal(Opportunity.Assigned, **told, **status)
    given(*START).when(assign).then(assigned)
    given(*START, assigned).when(assign).then_nothing()
    given(*START, won()).when(assign).then(after)
    given(*START, RETRACTED).when(assign).then_refused("opportunity.retracted")


def test_a_competitor_is_linked_once() -> None:
    link = LinkCompetitor(**WHICH, competitor="Nordflux")
    linked = fact(Opportunity.CompetitorLinked, customer_id=None, competitor="Nordflux")
    given(*START).when(link).then(linked)
    given(*START, linked).when(link).then_nothing()


def test_a_deal_migrates_to_the_newest_edition_and_is_rated_as_it_rates() -> None:
    rated = (replace(CONTACTED, probability=Decimal("0.2")), *STAGES[1:])
    migrate = MigrateOpportunity(**WHICH)
    migrated = deal(
        Opportunity.Migrated, pipeline_id=FUNNEL, from_edition=1, to_edition=2,
        from_probability=Decimal("0.1"), probability=Decimal("0.2"),
    )  # fmt: skip
    past = (*START, republished(stages=rated))
    given(*START).when(migrate).then_nothing()
    given(*past).when(migrate).then(migrated)
    given(*past, migrated).when(migrate).then_nothing()
    given(*past, migrated).when(move("proposal")).then(
        moved("proposal", "0.5", from_probability=Decimal("0.2"))
    )
    given(*past, lost()).when(migrate).then_refused("opportunity.decided")


def test_a_deal_does_not_migrate_to_where_its_stage_is_gone() -> None:
    past = (*START, republished(stages=STAGES[1:]))
    migrate = MigrateOpportunity(**WHICH)
    given(*past).when(migrate).then_refused("opportunity.stage_gone")
    gone = deal(
        Opportunity.Migrated, pipeline_id=FUNNEL, from_edition=1, to_edition=2,
        from_probability=Decimal("0.1"),
    )  # fmt: skip
    in_history(*past).when(migrate).then(gone).with_findings("opportunity.stage_gone")
    given(*past, gone).when(move("proposal")).then(moved("proposal", "0.5"))


def test_two_equal_deals_are_two() -> None:
    given(published(), opened(ANN)).when(open_deal()).then(opened())


def test_what_is_told_late_is_kept_at_its_own_time() -> None:
    early = MoveOpportunity(**WHICH, stage="proposal", at=NOON - timedelta(days=3))
    given(*START).when(early).then(moved("proposal", "0.5"))
