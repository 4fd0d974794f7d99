"""Interactions: told once; corrected, moved to another party and taken back by new events only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contacts import ANN, BOB, NOBODY, after, corrected, interaction, mail, registered
from crm_es.aggregates.engagement.call_state import Direction
from crm_es.aggregates.engagement.interaction import Interaction, InteractionKind
from crm_es.commands.base import Command
from crm_es.commands.engagement.interaction import (
    CorrectInteraction,
    ReattributeInteraction,
    RecordInteraction,
    RetractInteraction,
)
from scenario import NOON, SUBJECT, Fact, given, in_history


def record(**more: Any) -> RecordInteraction:
    body = {
        "interaction_id": SUBJECT, "kind": InteractionKind.EMAIL, "agent": "bob",
        "direction": Direction.OUTBOUND, "channel": "email",
    }  # fmt: skip
    return RecordInteraction(**{**body, **more})


def correct(**more: Any) -> CorrectInteraction:
    return CorrectInteraction(
        **{"interaction_id": SUBJECT, "reason": "wrong", "at": after(minutes=5), **more}
    )


def reattribute(customer_id: Any) -> ReattributeInteraction:
    return ReattributeInteraction(
        interaction_id=SUBJECT, customer_id=customer_id, at=after(minutes=7)
    )


retract = RetractInteraction(interaction_id=SUBJECT, reason="twice", at=after(minutes=9))


def reattributed(**more: Any) -> Fact:
    return interaction(Interaction.Reattributed, **{"took_place_at": NOON, **more})


def retracted(**more: Any) -> Fact:
    return interaction(Interaction.Retracted, **{"took_place_at": NOON, "reason": "twice", **more})


def test_an_interaction_is_told_with_its_words_sealed() -> None:
    given(registered()).when(
        record(customer_id=ANN, subject="Your pump", body="Dear Ann", evidence="mail 17")
    ).then(mail(customer_id=ANN, subject="Your pump", body="Dear Ann", evidence="mail 17"))


@pytest.mark.parametrize("kind", list(InteractionKind))
def test_every_kind_can_be_told(kind: InteractionKind) -> None:
    given().when(record(kind=kind, type="gift")).then(mail(kind=kind, type="gift"))


def test_another_kind_needs_a_word_for_it() -> None:
    other = record(kind=InteractionKind.OTHER)
    given().when(other).then_refused("interaction.untyped")
    in_history().when(other).then_found("interaction.untyped")


def test_an_interaction_is_known_by_its_id() -> None:
    given(mail()).when(record()).then_refused("interaction.exists")


def test_somebody_took_part_or_something_shows_that_it_took_place() -> None:
    given().when(record(agent=None)).then_refused("interaction.nobody")
    in_history().when(record(agent=None)).then(mail(agent=None)).with_findings("interaction.nobody")
    given().when(record(agent=None, evidence="a letter")).then(
        mail(agent=None, evidence="a letter")
    )
    given(registered()).when(record(agent=None, customer_id=ANN)).then(
        mail(agent=None, customer_id=ANN)
    )


def test_a_value_has_a_currency() -> None:
    given().when(record(value=Decimal(175))).then(mail(value=Decimal(175), currency="EUR"))
    given().when(record(value=Decimal(175), currency="USD")).then(
        mail(value=Decimal(175), currency="USD")
    )
    given().when(record(currency="USD")).then(mail())


def test_a_customer_must_be_known_unless_it_is_history() -> None:
    given().when(record(customer_id=ANN)).then_refused("customer.unknown")
    in_history().when(record(customer_id=ANN)).then(mail(customer_id=ANN)).with_findings()


def test_an_interaction_about_a_customer_is_the_customers_story() -> None:
    given(registered()).when(record(about_kind="customer", about_id=ANN)).then(
        mail(customer_id=ANN, about_kind="customer", about_id=ANN)
    )


# Corrections.


def test_a_correction_tells_it_anew_and_what_had_been_told() -> None:
    before = mail(customer_id=ANN, type="note", product="X", value=Decimal(5), currency="USD")
    given(before).when(
        correct(
            kind=InteractionKind.LETTER, direction=Direction.INBOUND, channel="post", agent="eve",
            type="claim", product="Y", value=Decimal(7), seconds=60,
        )
    ).then(
        corrected(
            customer_id=ANN, kind=InteractionKind.LETTER, direction=Direction.INBOUND,
            channel="post", agent="eve", type="claim", product="Y", value=Decimal(7),
            currency="USD", seconds=60, from_type="note", from_product="X",
            from_value=Decimal(5), from_currency="USD",
        )
    )  # fmt: skip


def test_a_value_told_late_has_a_currency() -> None:
    given(mail()).when(correct(value=Decimal(5))).then(corrected(value=Decimal(5), currency="EUR"))
    given(mail()).when(correct(value=Decimal(5), currency="USD")).then(
        corrected(value=Decimal(5), currency="USD")
    )


def test_corrected_words_are_sealed_and_the_others_stay() -> None:
    given(mail(subject="Yuor pump", body="Dear Ann")).when(correct(subject="Your pump")).then(
        corrected(subject="Your pump")
    )
    given(mail(subject="Your pump", body="Daer Ann")).when(
        correct(subject="Your pump", body="Dear Ann")
    ).then(corrected(body="Dear Ann"))


def test_correcting_what_is_right_records_nothing() -> None:
    told = mail(subject="Your pump", body="Dear Ann", value=Decimal(5), currency="EUR")
    for right in (
        correct(),
        correct(subject="Your pump"),
        correct(body="Dear Ann", agent="bob", kind=InteractionKind.EMAIL),
        correct(value=Decimal(5)),
    ):
        given(told).when(right).then_nothing()


def test_a_correction_stands_on_the_one_before() -> None:
    first = corrected(agent="eve", subject="Your pump")
    given(mail(subject="Yuor pump"), first).when(correct(agent="eve")).then_nothing()
    given(mail(subject="Yuor pump"), first).when(correct(subject="Your pump")).then_nothing()
    given(mail(), first).when(correct(agent="ann")).then(corrected(agent="ann", from_agent="eve"))


# With whom.


def test_moving_to_another_customer_tells_both_what_is_moved() -> None:
    given(registered(BOB), mail(customer_id=ANN, value=Decimal(5), currency="USD")).when(
        reattribute(BOB)
    ).then(reattributed(customer_id=BOB, from_customer_id=ANN, value=Decimal(5), currency="USD"))
    assert Interaction.Reattributed.SUBJECTS == ("customer_id", "from_customer_id")


def test_an_interaction_may_turn_out_to_be_with_nobody_we_know() -> None:
    given(mail(customer_id=ANN)).when(reattribute(None)).then(
        reattributed(customer_id=None, from_customer_id=ANN)
    )


def test_moving_to_the_same_customer_records_nothing() -> None:
    given(registered(), mail(customer_id=ANN)).when(reattribute(ANN)).then_nothing()


def test_nothing_is_moved_to_a_customer_nobody_knows() -> None:
    given(mail(customer_id=ANN)).when(reattribute(NOBODY)).then_refused("customer.unknown")


# Taking back.


def test_taking_back_says_all_it_was_counted_by() -> None:
    given(
        mail(customer_id=ANN, value=Decimal(5), currency="USD", seconds=9),
        corrected(customer_id=ANN, agent="eve", value=Decimal(6), currency="USD", seconds=9),
    ).when(retract).then(
        retracted(customer_id=ANN, agent="eve", value=Decimal(6), currency="USD", seconds=9)
    )


def test_taking_back_twice_records_nothing() -> None:
    given(mail(), retracted()).when(retract).then_nothing()


@pytest.mark.parametrize("command", [correct(agent="eve"), reattribute(ANN)])
def test_what_was_taken_back_is_left_alone(command: Command) -> None:
    given(registered(), mail(), retracted()).when(command).then_refused("interaction.retracted")
    in_history(mail(), retracted()).when(command).then_found("interaction.retracted")


def test_no_interaction_is_changed_that_is_not_there() -> None:
    for command in (correct(agent="eve"), reattribute(None), retract):
        given().when(command).then_refused("interaction.not_found")
        in_history().when(command).then_refused("interaction.not_found")
