"""Leads: captured, assigned, worked on, qualified; recycled or given up."""

from __future__ import annotations

from typing import Any

import pytest

from crm_es.aggregates.sales.lead import Lead, LeadStage
from crm_es.commands.base import Command
from crm_es.commands.sales.lead import (
    AssignLead,
    CaptureLead,
    DisqualifyLead,
    QualifyLead,
    RecycleLead,
    RetractLead,
    ScoreLead,
    WorkLead,
)
from scenario import SUBJECT, Fact, fact, given, in_history
from trade import ANN, NOBODY, captured, converted, defined, lead, person

WHICH: dict[str, Any] = {"lead_id": SUBJECT}
NEW, ASSIGNED, IN_PROCESS, QUALIFIED, CONVERTED, RECYCLED, DEAD = LeadStage
assign, work = AssignLead(**WHICH, owner="bob"), WorkLead(**WHICH)
qualify = QualifyLead(**WHICH)
recycle, kill = RecycleLead(**WHICH, reason="later"), DisqualifyLead(**WHICH, reason="spam")
retract = RetractLead(**WHICH, reason="twice")

TO: dict[LeadStage, tuple[Fact, ...]] = {
    NEW: (captured(),),
    ASSIGNED: (captured(owner="bob"),),
    IN_PROCESS: (captured(owner="bob"), lead(Lead.Worked)),
    QUALIFIED: (captured(owner="bob"), lead(Lead.Qualified)),
    CONVERTED: (captured(owner="bob"), lead(Lead.Qualified), converted()),
    RECYCLED: (captured(owner="bob"), lead(Lead.Recycled, reason="later")),
    DEAD: (captured(owner="bob"), lead(Lead.Disqualified, reason="spam")),
}
"""A past that ends in each stage."""


def test_a_lead_is_captured_as_it_was_given() -> None:
    given(person()).when(CaptureLead(**WHICH, customer_id=ANN, origin="unknown", name="Ann")).then(
        captured(customer_id=ANN, origin="unknown", name="Ann")
    )
    given().when(CaptureLead(**WHICH)).then(captured())
    given(captured()).when(CaptureLead(**WHICH)).then_refused("lead.exists")


def test_a_lead_of_an_unknown_customer_is_refused_live_only() -> None:
    capture = CaptureLead(**WHICH, customer_id=NOBODY)
    given().when(capture).then_refused("customer.unknown")
    in_history().when(capture).then(captured(customer_id=NOBODY)).with_findings()


def test_a_lead_keeps_attributes_plain_or_sealed() -> None:
    fields = (defined("lead", "need"), defined("lead", "health", is_sealed=True))
    capture = CaptureLead(**WHICH, attributes={"need": "pump", "health": "asthma"})
    given(*fields).when(capture).then(
        captured(attributes={"need": "pump"}, sealed_attributes={"health": "asthma"})
    )


STEPS: list[tuple[Command, LeadStage, Fact]] = [
    (assign, NEW, lead(Lead.Assigned, from_stage=NEW, from_owner=None)),
    (assign, RECYCLED, lead(Lead.Assigned, from_stage=RECYCLED, from_owner="bob")),
    (work, ASSIGNED, lead(Lead.Worked)),
    (qualify, ASSIGNED, lead(Lead.Qualified)),
    (qualify, IN_PROCESS, lead(Lead.Qualified, from_stage=IN_PROCESS)),
    *((recycle, stage, lead(Lead.Recycled, from_stage=stage, reason="later"))
      for stage in (ASSIGNED, IN_PROCESS, QUALIFIED, DEAD)),
    *((kill, stage, lead(Lead.Disqualified, from_stage=stage, reason="spam"))
      for stage in (ASSIGNED, IN_PROCESS, QUALIFIED, RECYCLED)),
]  # fmt: skip


@pytest.mark.parametrize(("command", "stage", "step"), STEPS)
def test_a_lead_takes_its_steps_each_once(command: Command, stage: LeadStage, step: Fact) -> None:
    given(*TO[stage]).when(command).then(step)
    given(*TO[stage], step).when(command).then_nothing()


@pytest.mark.parametrize(
    ("command", "stage", "code"),
    [
        (work, NEW, "lead.unassigned"),
        (work, QUALIFIED, "lead.stage_order"),
        (work, RECYCLED, "lead.stage_order"),
        (work, DEAD, "lead.dead"),
        (work, CONVERTED, "lead.converted"),
        (qualify, NEW, "lead.unassigned"),
        (qualify, RECYCLED, "lead.stage_order"),
        (qualify, CONVERTED, "lead.converted"),
        (assign, DEAD, "lead.dead"),
        (recycle, CONVERTED, "lead.converted"),
        (kill, CONVERTED, "lead.converted"),
        (ScoreLead(**WHICH, score=50), CONVERTED, "lead.converted"),
    ],
)
def test_what_does_not_follow_is_refused_live_and_found_in_history(
    command: Command, stage: LeadStage, code: str
) -> None:
    past = TO[stage] if command is not assign else (*TO[stage][:-1], *_of_eve(stage))
    given(*past).when(command).then_refused(code)
    told = in_history(*past).when(command)
    assert code in _findings(told)


def _of_eve(stage: LeadStage) -> tuple[Fact, ...]:
    owned = lead(Lead.Assigned, from_owner="bob", owner="eve")
    return (owned, TO[stage][-1])


def _findings(told: Any) -> list[str]:
    desk = told._decide()
    assert desk.recorded
    return desk.findings  # type: ignore[no-any-return]


def test_a_lead_changes_hands_without_leaving_its_stage() -> None:
    given(*TO[QUALIFIED]).when(AssignLead(**WHICH, owner="eve")).then(
        lead(Lead.Assigned, from_stage=QUALIFIED, owner="eve", from_owner="bob")
    )
    given(*TO[QUALIFIED]).when(assign).then_nothing()


def test_a_score_is_recorded_when_it_changes() -> None:
    score = ScoreLead(**WHICH, score=50, model="m1")
    scored = fact(Lead.Scored, customer_id=None, from_score=None, to_score=50, model="m1")
    given(captured()).when(score).then(scored)
    given(captured(), scored).when(score).then_nothing()


def test_a_lead_is_taken_back_once_whatever_became_of_it() -> None:
    for stage, past in TO.items():
        owner = None if stage is NEW else "bob"
        customer = ANN if stage is CONVERTED else None
        gone = lead(
            Lead.Retracted, from_stage=stage, reason="twice", owner=owner, customer_id=customer
        )
        given(*past).when(retract).then(gone)
        given(*past, gone).when(retract).then_nothing()
    given(captured(), lead(Lead.Retracted, reason="twice")).when(kill).then_refused(
        "lead.retracted"
    )
