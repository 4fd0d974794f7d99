"""Affiliations: a person at an organisation, for a period, one of them the primary one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.party.affiliation import Affiliation, Period
from crm_es.commands.base import Command
from crm_es.commands.party.affiliation import (
    ChangeAffiliationTitle,
    EndAffiliation,
    MakeAffiliationPrimary,
    MakeAffiliationSecondary,
    RetractAffiliation,
    StartAffiliation,
)
from scenario import NOON, SUBJECT, Fact, fact, given, in_history
from trade import ACME, ANN, GLOBEX, NOBODY, ended, organisation, person, registered, started
from world import World

WHICH: dict[str, Any] = {"affiliation_id": SUBJECT}
PARTIES: dict[str, Any] = {"person_id": ANN, "organisation_id": ACME}
DAY = timedelta(days=1)
RETRACTED = fact(Affiliation.Retracted, **PARTIES, is_primary=False, reason="twice")


def start(**more: Any) -> StartAffiliation:
    return StartAffiliation(**{**WHICH, **PARTIES, **more})


def primary(*, is_primary: bool) -> Fact:
    return fact(Affiliation.PrimaryChanged, **PARTIES, is_primary=is_primary)


def test_a_person_starts_at_an_organisation() -> None:
    command = start(title="Head of buying", role="decider", source="erp", source_id="7")
    given(person(), organisation()).when(command).then(
        started(title="Head of buying", role="decider", source="erp", source_id="7")
    )
    given(person(), organisation(), started()).when(command).then_refused("affiliation.exists")


def test_both_are_known_and_are_what_they_should_be() -> None:
    given(person()).when(start()).then_refused("customer.unknown")
    given(organisation()).when(start()).then_refused("customer.unknown")
    given(person(), registered(ACME)).when(start()).then_refused("affiliation.no_organisation")
    given(organisation(ANN), organisation()).when(start()).then_refused("affiliation.no_person")
    in_history().when(start()).then_found()


def test_nobody_works_at_themselves() -> None:
    for occasion in (given(person()), in_history(person())):
        occasion.when(start(organisation_id=ANN)).then_refused("affiliation.with_itself")


@pytest.mark.parametrize(
    ("command", "change"),
    [
        (
            ChangeAffiliationTitle(**WHICH, title="CEO", role="decider"),
            fact(Affiliation.TitleChanged, **PARTIES, title="CEO", role="decider"),
        ),
        (MakeAffiliationPrimary(**WHICH), primary(is_primary=True)),
        (EndAffiliation(**WHICH), ended()),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_change_is_recorded_once(command: Command, change: Fact) -> None:
    given(started()).when(command).then(change)
    given(started(), change).when(command).then_nothing()
    given().when(command).then_refused("affiliation.not_found")
    given(started(), RETRACTED).when(command).then_refused("affiliation.retracted")
    in_history(started(), RETRACTED).when(command).then_found("affiliation.retracted")


def test_a_primary_affiliation_becomes_one_among_others() -> None:
    command = MakeAffiliationSecondary(**WHICH)
    given(started(is_primary=True)).when(command).then(primary(is_primary=False))
    given(started()).when(command).then_nothing()


def test_the_title_of_what_has_ended_stays() -> None:
    command = ChangeAffiliationTitle(**WHICH, title="CEO")
    given(started(), ended()).when(command).then_refused("affiliation.ended")
    in_history(started(), ended()).when(command).then_found("affiliation.ended")


def test_nothing_ends_before_it_began() -> None:
    code = "affiliation.ended_before_started"
    early = EndAffiliation(**WHICH, at=NOON - DAY)
    given(started()).when(early).then_refused(code)
    in_history(started()).when(early).then_found(code)
    same_day = EndAffiliation(**WHICH, at=NOON - timedelta(hours=3), at_precision=Precision.DAY)
    given(started()).when(same_day).then_found()
    parties = (person(), organisation())
    given(*parties).when(start(until=NOON - DAY)).then_refused(code)
    given(*parties).when(start(until=NOON, until_precision=Precision.UNKNOWN)).then_found()


def test_what_was_recorded_by_mistake_is_taken_back_once() -> None:
    retract = RetractAffiliation(**WHICH, reason="twice")
    given(started()).when(retract).then(RETRACTED)
    given(started(), RETRACTED).when(retract).then_nothing()


def period(since: int, until: int | None, precision: Precision = Precision.EXACT) -> Period:
    end = None if until is None else NOON + until * DAY
    return Period(NOON + since * DAY, precision, end, precision)


@pytest.mark.parametrize(
    ("one", "other", "do_overlap"),
    [
        (period(0, None), period(5, None), True),
        (period(0, 5), period(5, None), False),
        (period(0, 6), period(5, None), True),
        (period(0, 5), period(-5, 0), False),
        (period(0, 5), period(-5, 1), True),
        (period(0, 40), period(10, None, Precision.MONTH), True),
        (period(0, 12), period(10, None, Precision.MONTH), False),
        (period(0, 5), period(9, None, Precision.UNKNOWN), False),
        (period(0, None), period(9, None, Precision.UNKNOWN), True),
    ],
)
def test_two_periods_overlap_as_exactly_as_they_are_known(
    one: Period, other: Period, *, do_overlap: bool
) -> None:
    assert one.overlaps(other) is other.overlaps(one) is do_overlap


def at(days: int) -> str:
    when: datetime = NOON - 1000 * DAY + days * DAY
    return when.isoformat()


def _second(world: World, **more: Any) -> str | None:
    """What is said to a second primary affiliation beside one of the days 100 to 200."""
    for id, kind in ((ANN, "person"), (ACME, "organisation"), (GLOBEX, "organisation")):
        world.do("RegisterCustomer", customer_id=id, kind=kind)
    world.do(
        "StartAffiliation", affiliation_id=SUBJECT, **PARTIES, is_primary=True, at=at(100),
        until=at(200),
    )  # fmt: skip
    body = {"person_id": ANN, "organisation_id": GLOBEX, "is_primary": True, **more}
    return world.refusal("StartAffiliation", affiliation_id=NOBODY, **body)


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"at": at(150)}, True),
        ({"at": at(50)}, True),
        ({"at": at(50), "until": at(100)}, False),
        ({"at": at(200)}, False),
        ({"at": at(150), "is_primary": False}, False),
        ({"at": at(150), "is_multi_employer": True}, False),
    ],
)
def test_a_person_has_one_primary_affiliation_at_a_time(
    world: World, more: dict[str, Any], *, refused: bool
) -> None:
    assert _second(world, **more) == ("affiliation.primary_overlap" if refused else None)


def test_one_made_primary_later_counts_too(world: World) -> None:
    assert _second(world, at=at(150), is_primary=False) is None
    code = "affiliation.primary_overlap"
    assert world.refusal("MakeAffiliationPrimary", affiliation_id=NOBODY) == code
    world.do("MakeAffiliationSecondary", affiliation_id=SUBJECT)
    world.do("MakeAffiliationPrimary", affiliation_id=NOBODY)
    assert world.refusal("MakeAffiliationPrimary", affiliation_id=SUBJECT) == code
    world.do("RetractAffiliation", affiliation_id=NOBODY, reason="twice")
    world.do("MakeAffiliationPrimary", affiliation_id=SUBJECT)


def test_an_overlap_of_history_is_a_finding(world: World) -> None:
    body = {"person_id": ANN, "is_primary": True, "at": at(1)}
    world.tell("StartAffiliation", affiliation_id=SUBJECT, organisation_id=ACME, **body)
    world.tell("StartAffiliation", affiliation_id=NOBODY, organisation_id=GLOBEX, **body)
    assert [record.findings for record in world.log.read(0, 9)] == [
        None, "affiliation.primary_overlap",
    ]  # fmt: skip
