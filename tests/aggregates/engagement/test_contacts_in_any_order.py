"""Whatever is asked of contacts, in any order: what then still holds."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crm_es.aggregates import AGGREGATES
from crm_es.aggregates.engagement.call import Call
from crm_es.aggregates.engagement.interaction import CORRECTABLE, Interaction
from crm_es.aggregates.engagement.web_session import WebSession
from crm_es.commands.engagement import activity, call, interaction, visit, web_session
from crm_es.log.mapper import EventMapper
from play import Play
from scenario import NOON
from some_body import body_of

ANN, BOB = (f"00000000-0000-0000-0000-0000000000a{n}" for n in (1, 2))
THINGS = [f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 1, 1, 2)]
CHOICES = {
    **dict.fromkeys(("activity_id", "call_id", "visit_id", "interaction_id", "session_id"), THINGS),
    "customer_id": [ANN, BOB],
    "about_id": [ANN, THINGS[0]],
    "about_kind": ["customer", "call"],
}
MODULES = [activity, call, visit, interaction, web_session]
REPEATS = {"TrackPage"}
"""Each page is one that was looked at; all others ask for how things should stand."""

mapper = EventMapper()


def asked(module: Any) -> st.SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    """Commands of one kind of contact and their bodies; every other time in their times' order."""
    names = [kind.__name__ for kind in module.COMMANDS]
    one = st.one_of(*(st.tuples(st.just(name), body_of(name, CHOICES, THINGS)) for name in names))
    some = st.lists(one, min_size=10, max_size=40)
    return some | some.map(lambda asks: sorted(asks, key=lambda ask: ask[1].get("at") or ""))


ASKED = {module: asked(module) for module in MODULES}


def played(*, is_history: bool) -> Play:
    play = Play(is_history=is_history)
    for customer_id in (ANN, BOB):
        play.do("RegisterCustomer", customer_id=customer_id, name="Ann")
    return play


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
@given(st.data(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_asking_anything_of_contacts_is_answered_or_refused(
    module: Any, data: st.DataObject, is_history: Any
) -> None:
    play = played(is_history=is_history)
    for name, body in data.draw(ASKED[module]):
        before = sum(map(len, play.events.values()))
        told = play.do(name, **body)
        if isinstance(told, str):
            assert sum(map(len, play.events.values())) == before
            assert not is_history or told.endswith((".not_found", ".exists", ".incomplete"))
            continue
        assert is_history or play.findings == []
        assert len(told) <= 1
        if not name.startswith(("Record", "Schedule", "Plan", "Start")) and name not in REPEATS:
            assert play.do(name, **body) == []
    for events in play.lives():
        for event in events:
            assert _as_read_back(event) == vars(event)


def _as_read_back(event: Any) -> dict[str, Any]:
    """An event as it comes out of the log: of its declared types, to the microsecond."""
    topic, schema, data = mapper.encode(event)
    at = int(event.timestamp.timestamp() * 1_000_000)
    read = mapper.decode(event.originator_id, event.originator_version, topic, schema, at, data)
    fields: dict[str, Any] = vars(read)
    return fields


STEPS = {
    "AnswerCall": {"agent": "bob"}, "HoldCall": {}, "ResumeCall": {},
    "TransferCall": {"agent": "eve"}, "EndCall": {},
}  # fmt: skip
_gaps, _precisions = st.sampled_from([0, 0.4, 1.7, 30, 400]), st.sampled_from(["exact", "day"])


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), _gaps, _precisions), min_size=5))
@settings(max_examples=200, deadline=None)
def test_a_call_never_talks_and_holds_longer_than_it_took(steps: Any) -> None:
    play, at = Play(), NOON
    play.do("StartCall", call_id=THINGS[0], direction="inbound", at=at.isoformat())
    for name, gap, precision in [("AnswerCall", 3, "exact"), *steps, ("EndCall", 5, "exact")]:
        at += timedelta(seconds=gap)
        when = {"at": at.isoformat(), "at_precision": precision}
        play.do(name, call_id=THINGS[0], **STEPS[name], **when)
    *_, end = play.events[UUID(THINGS[0])]
    assert isinstance(end, Call.Ended)
    took = (end.timestamp - end.started_at).total_seconds()
    assert end.seconds is None or took - 3 <= sum(_known(end)) <= took
    assert sum(leg.seconds or 0 for leg in end.legs) <= took


def _known(end: Call.Ended) -> list[int]:
    return [part for part in (end.seconds, end.wait_seconds, end.hold_seconds) if part is not None]


@given(ASKED[interaction])
@settings(max_examples=100, deadline=None)
def test_what_an_interaction_is_counted_by_is_always_what_is_taken_back_next(asks: Any) -> None:
    play = played(is_history=False)
    for name, body in asks:
        play.do(name, **body)
    kinds = (Interaction.Recorded, Interaction.Corrected, Interaction.Reattributed)
    for events in play.lives():
        told = [one for one in events if isinstance(one, (*kinds, Interaction.Retracted))]
        for before, event in pairwise(told):
            if isinstance(event, Interaction.Corrected):
                taken = {name: getattr(event, f"from_{name}") for name in CORRECTABLE}
            else:
                taken = {name: getattr(event, name) for name in CORRECTABLE}
            assert taken == {name: getattr(before, name) for name in CORRECTABLE}
            if isinstance(event, Interaction.Reattributed):
                assert event.from_customer_id == before.customer_id


@given(ASKED[web_session])
@settings(max_examples=100, deadline=None)
def test_a_session_never_forgets_what_it_reached(asks: Any) -> None:
    play = played(is_history=False)
    for name, body in asks:
        play.do(name, **body)
    sessions = [events for events in play.lives() if _is_session(events[0])]
    assume(sessions)
    for events in sessions:
        totals = [event for event in events if not isinstance(event, WebSession.PageViewed)]
        for before, event in pairwise(totals):
            assert (event.pages or 0) >= (before.pages or 0)
            for reached in ("searched", "messaged", "booked"):
                assert getattr(event, reached) >= getattr(before, reached)


def _is_session(event: Any) -> bool:
    return isinstance(event, (WebSession.Recorded, WebSession.Started))


def test_what_takes_something_back_says_when_it_took_place_and_who_was_counted() -> None:
    for aggregate in (kind for kind in AGGREGATES if kind.__module__.split(".")[2] == "engagement"):
        undoing = {"Retracted", "Reattributed", "Corrected"}
        for event in (kind for kind in aggregate.events() if kind.__name__ in undoing):
            assert {"took_place_at", "customer_id"} <= event.__dataclass_fields__.keys()
