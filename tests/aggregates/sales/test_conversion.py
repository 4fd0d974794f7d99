"""What a lead becomes: a customer and perhaps a deal, all at once, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest

from crm_es.aggregates.party.contact_points import Channel
from crm_es.aggregates.party.customer_state import PartyKind
from crm_es.aggregates.sales.lead import Lead, LeadStage
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.commands.sales.conversion import ConvertLead
from crm_es.commands.sales.lead import RetractLead
from scenario import SUBJECT, given, in_history
from trade import (
    ACME,
    ANN,
    BOB,
    DEAL,
    FUNNEL,
    NOBODY,
    captured,
    converted,
    deal,
    lead,
    opened,
    organisation,
    person,
    published,
    reachable,
    registered,
)
from world import World

READY = (captured(owner="bob", email="ann@example.org"), lead(Lead.Qualified))


def convert(**more: Any) -> ConvertLead:
    return ConvertLead(**{"lead_id": SUBJECT, "customer_id": ANN, **more})


def test_a_lead_is_converted_into_a_customer_once() -> None:
    given(*READY, person()).when(convert()).then(converted())
    given(*READY, person(), converted()).when(convert()).then_nothing()
    given(*READY, registered(BOB), converted()).when(convert(customer_id=BOB)).then_refused(
        "lead.converted"
    )
    in_history(*READY, converted()).when(convert(customer_id=BOB)).then(
        converted(customer_id=BOB, from_customer_id=ANN, from_stage=LeadStage.CONVERTED)
    ).with_findings("lead.converted", "lead.unqualified")


def test_converting_needs_a_qualified_lead_an_owner_and_a_way_to_reach_it() -> None:
    raw = captured(email="ann@example.org", owner="bob")
    given(raw, person()).when(convert()).then_refused("lead.unqualified")
    nobodys = (captured(phone="1"), lead(Lead.Qualified, owner=None))
    given(*nobodys, person()).when(convert()).then_refused("lead.unassigned")
    given(*nobodys, person()).when(convert(owner="bob")).then_found()
    silent = (captured(owner="bob"), lead(Lead.Qualified))
    given(*silent, person()).when(convert()).then_refused("lead.unreachable")
    given(*silent, person(), reachable(ANN)).when(convert()).then(converted())


def test_whoever_converts_a_lead_owns_it_from_then_on() -> None:
    by_eve = converted(owner="eve")
    given(*READY, person()).when(convert(owner="eve")).then(by_eve)
    given(*READY, by_eve).when(RetractLead(lead_id=SUBJECT, reason="twice")).then(
        lead(
            Lead.Retracted, customer_id=ANN, owner="eve", from_stage=LeadStage.CONVERTED,
            reason="twice",
        )
    )  # fmt: skip


def test_history_converts_without_the_steps_before() -> None:
    in_history(captured()).when(convert(owner="bob")).then(
        converted(owner="bob", from_stage=LeadStage.NEW, from_owner=None)
    ).with_findings("lead.unqualified", "lead.unreachable")


def test_a_new_customer_is_registered_out_of_the_lead() -> None:
    told = captured(owner="bob", name="Ann", company="Acme", email="a@example.org", phone="030 1")
    parts = (
        reachable(
            ANN, contact_point_id=uuid5(SUBJECT, "email"), value="a@example.org",
        ),
        reachable(
            ANN, contact_point_id=uuid5(SUBJECT, "phone"), value="030 1", channel=Channel.PHONE
        ),
    )  # fmt: skip
    for kind, name in ((PartyKind.PERSON, "Ann"), (PartyKind.ORGANISATION, "Acme")):
        given(told, lead(Lead.Qualified)).when(convert(new_customer=kind)).then(
            registered(ANN, kind=kind, name=name, owner="bob"), *parts, converted()
        )
    given(*READY, person()).when(convert(new_customer=PartyKind.PERSON)).then_refused(
        "customer.exists"
    )


def test_a_customer_nobody_knows_is_not_made_up() -> None:
    given(*READY).when(convert(customer_id=NOBODY)).then_refused("customer.unknown")
    in_history(*READY).when(convert(customer_id=NOBODY)).then(converted(customer_id=NOBODY))


def test_the_person_at_a_company_is_part_of_the_story() -> None:
    told = convert(customer_id=ACME, contact_id=ANN)
    given(*READY, organisation(), person()).when(told).then(
        converted(customer_id=ACME, contact_id=ANN)
    )
    given(*READY, organisation()).when(told).then_refused("customer.unknown")


def test_a_deal_is_opened_along_with_it() -> None:
    campaign = BOB
    told = (
        captured(owner="bob", email="a@example.org", origin="web", campaign_id=campaign),
        lead(Lead.Qualified, origin="web"),
    )
    command = convert(
        opportunity_id=DEAL, pipeline_id=FUNNEL, amount=Decimal(500), title="A pump",
        stage="proposal", currency="SEK",
    )  # fmt: skip
    given(*told, person(), published()).when(command).then(
        converted(opportunity_id=DEAL, origin="web"),
        opened(
            DEAL, customer_id=ANN, lead_id=SUBJECT, owner="bob", amount=Decimal(500),
            title="A pump", stage="proposal", probability=Decimal("0.5"), currency="SEK",
            campaign_id=campaign, origin="web",
        ),
    )  # fmt: skip


LINKED = deal(Opportunity.LeadLinked, DEAL, lead_id=SUBJECT, customer_id=ANN, from_customer_id=None)


def test_a_deal_that_is_there_is_linked_to_lead_and_customer() -> None:
    told = (*READY, person(), published(), opened(DEAL))
    given(*told).when(convert(opportunity_id=DEAL)).then(converted(opportunity_id=DEAL), LINKED)
    after = (*told, converted(opportunity_id=DEAL), LINKED)
    given(*after).when(convert(opportunity_id=DEAL)).then_nothing()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"customer_id": BOB}, "opportunity.of_other_customer"),
        ({"lead_id": NOBODY}, "opportunity.of_other_lead"),
    ],
)
def test_anothers_deal_is_not_taken(more: dict[str, Any], code: str) -> None:
    told = (*READY, person(), opened(DEAL, **more))
    given(*told).when(convert(opportunity_id=DEAL)).then_refused(code)
    assert code in in_history(*told).when(convert(opportunity_id=DEAL))._decide().findings


def test_a_deal_nobody_knows_is_a_stub_in_history_only() -> None:
    command = convert(opportunity_id=NOBODY)
    given(*READY, person()).when(command).then_refused("opportunity.not_found")
    in_history(*READY).when(command).then(converted(opportunity_id=NOBODY))


def test_all_or_nothing_of_a_conversion_is_recorded(world: World) -> None:
    world.do("CaptureLead", lead_id=SUBJECT, email="a@example.org", owner="bob")
    world.do("QualifyLead", lead_id=SUBJECT)
    body = {"lead_id": SUBJECT, "customer_id": ANN, "new_customer": "person"}
    refused = world.refusal("ConvertLead", **body, opportunity_id=DEAL, pipeline_id=FUNNEL)
    assert refused == "pipeline.not_found"
    assert world.topics() == ["lead.captured", "lead.qualified"]
    receipt = world.do("ConvertLead", **body)
    assert (receipt.stream_id, receipt.version, receipt.events) == (SUBJECT, 3, 3)
    assert world.topics()[2:] == [
        "customer.registered", "customer.contact_point_added", "lead.converted",
    ]  # fmt: skip
