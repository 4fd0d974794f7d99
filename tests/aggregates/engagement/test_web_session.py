"""Web sessions: half an hour without a page ends one; who it was may turn out later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contacts import (
    ANN,
    BOB,
    NOBODY,
    after,
    page,
    recorded_session,
    registered,
    session,
    session_ended,
    session_started,
)
from crm_es.aggregates.engagement.web_session import INACTIVITY, PageKind, WebSession
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.commands.engagement.web_session import (
    EndWebSession,
    IdentifyVisitor,
    ReattributeWebSession,
    RecordWebSession,
    RetractWebSession,
    StartWebSession,
    TrackPage,
)
from scenario import NOON, SUBJECT, Fact, given, in_history


def start(**more: Any) -> StartWebSession:
    return StartWebSession(**{"session_id": SUBJECT, "visitor": "v1", **more})


def record(**more: Any) -> RecordWebSession:
    return RecordWebSession(**{"session_id": SUBJECT, "visitor": "v1", **more})


def track(**more: Any) -> TrackPage:
    return TrackPage(**{"session_id": SUBJECT, "path": "/", **more})


def end(**more: Any) -> EndWebSession:
    return EndWebSession(session_id=SUBJECT, **more)


def reattribute(customer_id: Any) -> ReattributeWebSession:
    return ReattributeWebSession(session_id=SUBJECT, customer_id=customer_id, at=after(minutes=7))


def told(kind: type[Any], /, **more: Any) -> Fact:
    """Something that happens to a whole session, with what it had come to."""
    so_far = {"took_place_at": NOON, "seconds": None, "is_ended": False}
    return session(kind, **{**so_far, **more})


identify = IdentifyVisitor(session_id=SUBJECT, customer_id=ANN, at=after(minutes=5))
retract = RetractWebSession(session_id=SUBJECT, reason="a robot", at=after(minutes=9))
STARTED = (session_started(),)
RETRACTED = (*STARTED, told(WebSession.Retracted, reason="a robot"))
ENDED = (*STARTED, session_ended())


# Pages.


def test_a_session_is_a_pseudonyms() -> None:
    given().when(start(device="phone", entry_path="/sale", referrer="example.org")).then(
        session_started(device="phone", entry_path="/sale", referrer="example.org")
    )


def test_a_session_is_known_by_its_id() -> None:
    given(*STARTED).when(start()).then_refused("web_session.exists")
    given(*STARTED).when(record()).then_refused("web_session.exists")


def test_pages_are_counted_and_what_was_searched_for_is_sealed() -> None:
    given(*STARTED, page(1)).when(
        track(path="/search", kind=PageKind.SEARCH, terms="heat pump", sku="HP-7")
    ).then(page(2, path="/search", kind=PageKind.SEARCH, terms="heat pump", sku="HP-7"))


def test_the_same_page_looked_at_twice_is_two_pages() -> None:
    given(*STARTED, page(1)).when(track()).then(page(2))


@pytest.mark.parametrize("path", ["heat-pumps", "/p?email=ann@example.org", "/p#ann", ""])
def test_a_path_carries_no_query(path: str) -> None:
    with pytest.raises(ValidationError):
        track(path=path)


def test_half_an_hour_without_a_page_ends_a_session() -> None:
    last = page(1, after(minutes=10))
    just = track(at=last.at + INACTIVITY)
    late = track(at=last.at + INACTIVITY + timedelta(seconds=1))
    given(*STARTED, last).when(just).then(page(2))
    given(*STARTED, last).when(late).then_refused("web_session.expired")
    in_history(*STARTED, last).when(late).then(page(2)).with_findings("web_session.expired")


def test_a_page_that_comes_late_does_not_shorten_a_session() -> None:
    pages = (page(1, after(minutes=20)), page(2, after(minutes=5)))
    given(*STARTED, *pages).when(track(at=after(minutes=50))).then(page(3))


def test_times_that_are_not_known_expire_nothing() -> None:
    given(*STARTED).when(track(at=after(minutes=90), at_precision=Precision.DAY)).then(
        page(1, at_precision=Precision.DAY)
    )


# Ending.


def test_the_end_tells_the_whole_session_once_more() -> None:
    pages = (
        page(1, kind=PageKind.SEARCH),
        page(2, kind=PageKind.MESSAGE),
        page(3, after(seconds=30), kind=PageKind.BOOKING),
    )
    given(session_started(device="phone"), *pages).when(end(at=after(seconds=90))).then(
        session_ended(
            device="phone", pages=3, searched=True, messaged=True, booked=True,
            ended_at=after(seconds=90), seconds=90,
        )
    )  # fmt: skip


def test_a_session_that_was_left_quiet_ended_with_its_last_page() -> None:
    given(*STARTED, page(1, after(seconds=40))).when(end(at=after(minutes=120))).then(
        session_ended(pages=1, ended_at=after(seconds=40), seconds=40, is_timeout=True)
    )


def test_no_session_ends_before_its_last_page() -> None:
    early = end(at=after(seconds=10))
    facts = (*STARTED, page(1, after(seconds=40)))
    given(*facts).when(early).then_refused("web_session.ends_before_it_starts")
    in_history(*facts).when(early).then_found("web_session.ends_before_it_starts")


def test_how_long_it_took_is_unknown_when_a_time_is() -> None:
    given(session_started(at_precision=Precision.DAY)).when(end(at=after(seconds=90))).then(
        session_ended(ended_at=after(seconds=90), seconds=None)
    )


# Told after the fact.


def test_a_session_of_history_is_one_event_with_what_was_reached() -> None:
    in_history().when(
        record(
            device="iPhone - iOS", pages=7, searched=True, booked=True, ended_at=after(seconds=90)
        )
    ).then(
        recorded_session(
            device="iPhone - iOS", pages=7, searched=True, booked=True,
            ended_at=after(seconds=90), seconds=90,
        )
    ).with_findings()  # fmt: skip


def test_a_session_of_history_needs_nothing_but_a_visitor() -> None:
    in_history().when(record()).then(recorded_session()).with_findings()


def test_two_equal_sessions_are_two_sessions() -> None:
    other = recorded_session(on=NOBODY)
    in_history(other).when(record()).then(recorded_session())


def test_a_session_of_history_that_ends_before_it_starts_has_no_length() -> None:
    backwards = record(ended_at=after(seconds=-1))
    given().when(backwards).then_refused("web_session.ends_before_it_starts")
    in_history().when(backwards).then(
        recorded_session(ended_at=after(seconds=-1), seconds=None)
    ).with_findings("web_session.ends_before_it_starts")


def test_the_length_of_a_session_of_some_day_is_unknown() -> None:
    in_history().when(record(at=NOON, at_precision=Precision.DAY, ended_at=after(minutes=5))).then(
        recorded_session(ended_at=after(minutes=5), seconds=None)
    ).with_findings()


# Who it was.


def test_knowing_the_visitor_is_one_more_event_and_pages_before_it_stay() -> None:
    searched = page(1, kind=PageKind.SEARCH)
    given(registered(), *STARTED, searched).when(identify).then(
        told(WebSession.Identified, customer_id=ANN, pages=1, searched=True)
    )
    known = told(WebSession.Identified, customer_id=ANN, pages=1, searched=True)
    given(registered(), *STARTED, searched, known).when(track()).then(page(2, customer_id=ANN))


def test_the_visitor_may_turn_out_after_the_end() -> None:
    over = recorded_session(pages=7, booked=True, seconds=90)
    given(registered(), over).when(identify).then(
        told(
            WebSession.Identified, customer_id=ANN, pages=7, booked=True, seconds=90,
            is_ended=True,
        )
    )  # fmt: skip


def test_a_visitor_who_is_known_is_not_somebody_else() -> None:
    theirs = session_started(customer_id=BOB)
    given(registered(), theirs).when(identify).then_refused("web_session.identified")
    in_history(theirs).when(identify).then_found("web_session.identified")
    given(registered(), session_started(customer_id=ANN)).when(identify).then_nothing()


def test_moving_to_another_customer_tells_both_what_is_moved() -> None:
    over = recorded_session(customer_id=ANN, pages=7, searched=True, seconds=90)
    moved = {"pages": 7, "searched": True, "seconds": 90, "is_ended": True}
    given(registered(BOB), over).when(reattribute(BOB)).then(
        told(WebSession.Reattributed, customer_id=BOB, from_customer_id=ANN, **moved)
    )
    given(over).when(reattribute(None)).then(
        told(WebSession.Reattributed, customer_id=None, from_customer_id=ANN, **moved)
    )
    assert WebSession.Reattributed.SUBJECTS == ("customer_id", "from_customer_id")


def test_a_session_taken_from_somebody_can_be_identified_again() -> None:
    facts = (
        session_started(customer_id=BOB),
        told(WebSession.Reattributed, customer_id=None, from_customer_id=BOB),
    )
    given(registered(), *facts).when(identify).then(told(WebSession.Identified, customer_id=ANN))


def test_a_customer_must_be_known_unless_it_is_history() -> None:
    for new in (start(customer_id=ANN), record(customer_id=ANN)):
        given().when(new).then_refused("customer.unknown")
        in_history().when(new).then_found()
    for late in (identify, reattribute(ANN)):
        given(*STARTED).when(late).then_refused("customer.unknown")
        in_history(*STARTED).when(late).then_found()


# Taking back, and what does not follow.


def test_taking_back_says_all_it_was_counted_by() -> None:
    over = recorded_session(customer_id=ANN, pages=7, searched=True, seconds=90)
    given(over).when(retract).then(
        told(
            WebSession.Retracted, customer_id=ANN, pages=7, searched=True, seconds=90,
            is_ended=True, reason="a robot",
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "command"), [(ENDED, end()), (RETRACTED, retract), (STARTED, reattribute(None))]
)
def test_asking_for_what_is_so_records_nothing(facts: tuple[Fact, ...], command: Command) -> None:
    given(*facts).when(command).then_nothing()


@pytest.mark.parametrize(
    ("facts", "command", "code"),
    [
        (ENDED, track(), "web_session.ended"),
        *((RETRACTED, c, "web_session.retracted") for c in (track(), end(), identify)),
        (RETRACTED, reattribute(ANN), "web_session.retracted"),
    ],
)
def test_what_does_not_follow_is_refused_and_in_history_a_finding(
    facts: tuple[Fact, ...], command: Command, code: str
) -> None:
    given(registered(), *facts).when(command).then_refused(code)
    in_history(*facts).when(command).then_found(code)


def test_no_session_goes_on_that_is_not_there() -> None:
    for command in (track(), end(), reattribute(None), retract):
        given().when(command).then_refused("web_session.not_found")
        in_history().when(command).then_refused("web_session.not_found")
