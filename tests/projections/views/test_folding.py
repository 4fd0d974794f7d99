"""One row as of any moment, and how it came to be what it is."""

from __future__ import annotations

from uuid import UUID

import pytest
from eventsourcing.domain import AggregateCreated

from crm_es.aggregates import AGGREGATES
from crm_es.aggregates.base import fields_of
from crm_es.aggregates.fields import Precision
from crm_es.projections.views.base import View
from crm_es.projections.views.events import Unreadable, event_of
from crm_es.projections.views.folding import (
    NOW,
    Moment,
    Poison,
    Row,
    explained,
    folded,
    row_as_of,
)
from raw_log import SECOND, START, RawLog
from small_views import FIGURES, TAGS, THINGS, broken, given, made, tagged, unmade

ANN, BOB = UUID(int=1), UUID(int=2)
CUP = UUID(int=11)


def at(seconds: int) -> int:
    return START + seconds * SECOND


def of(log: RawLog, view: View, key: UUID, moment: Moment = NOW) -> Row | None:
    """The row, folded in two ways that must agree."""
    records = [
        r
        for r in log.log.read(0, 1_000)
        if key.bytes in (r.stream_id, r.subjects[:16], r.subjects[16:])
    ]
    row = row_as_of(log.log, view, key, moment)
    assert row == folded(view, key.bytes, records, moment)
    return row


def state(log: RawLog, view: View, key: UUID, moment: Moment = NOW) -> dict[str, object]:
    row = of(log, view, key, moment)
    assert row is not None
    assert row.state is not None
    return row.state


def test_a_row_is_what_its_events_had_made_of_it_by_then(log: RawLog) -> None:
    log.tell(*made(CUP, ANN), at=10)
    log.tell(*tagged(CUP, ANN, "a"), at=20)
    log.tell(*tagged(CUP, ANN, "b"), at=30)
    tags = [state(log, THINGS, CUP, Moment(as_of=at(t)))["tags"] for t in (10, 20, 29, 30, 99)]
    assert tags == [[], ["a"], ["a"], ["a", "b"], ["a", "b"]]
    assert state(log, THINGS, CUP, Moment(as_of=at(99))) == state(log, THINGS, CUP)


def test_there_is_no_row_before_its_first_event(log: RawLog) -> None:
    log.tell(*made(CUP, ANN), at=10)
    assert of(log, THINGS, CUP, Moment(as_of=at(9))) is None
    assert of(log, FIGURES, ANN, Moment(as_of=at(9))) is None


def test_a_stream_is_not_there_before_it_began_though_later_events_tell_of_earlier(
    log: RawLog,
) -> None:
    log.tell(*made(CUP, ANN), at=10)
    log.tell(*given(CUP, ANN, BOB), at=5)
    log.tell(*tagged(CUP, BOB, "a"), at=6)
    assert of(log, THINGS, CUP, Moment(as_of=at(7))) is None
    assert of(log, TAGS, CUP, Moment(as_of=at(7))) is None
    assert state(log, TAGS, CUP, Moment(as_of=at(10))) == {"tags": 1}
    assert state(log, THINGS, CUP, Moment(as_of=at(10)))["owner"] == str(BOB)


def test_events_are_folded_in_the_order_of_the_log_whatever_their_times(log: RawLog) -> None:
    log.tell(*made(CUP, ANN), at=10)
    log.tell(*tagged(CUP, ANN, "later"), at=30)
    log.tell(*tagged(CUP, ANN, "earlier"), at=20)
    assert state(log, THINGS, CUP, Moment(as_of=at(25)))["tags"] == ["earlier"]
    assert state(log, THINGS, CUP, Moment(as_of=at(30)))["tags"] == ["later", "earlier"]


def test_a_time_that_nobody_knows_counts_from_its_recording(log: RawLog) -> None:
    log.tell(*made(CUP, ANN), at=-500, precision=Precision.UNKNOWN)  # recorded at 1
    log.tell(*tagged(CUP, ANN, "x"), at=-500, precision=Precision.DAY)  # recorded at 2
    assert of(log, THINGS, CUP, Moment(as_of=at(0))) is None
    assert state(log, THINGS, CUP, Moment(as_of=at(1)))["tags"] == ["x"]


def test_what_was_known_then_ends_at_a_position(log: RawLog) -> None:
    log.tell(*made(CUP, ANN), at=10)
    log.tell(*tagged(CUP, ANN, "told late"), at=11)
    known = log.log.position_at(at(1))
    assert known == 1
    assert state(log, THINGS, CUP, Moment(as_of=at(50), upto=known))["tags"] == []
    assert of(log, THINGS, CUP, Moment(upto=0)) is None


def test_a_row_says_at_which_event_it_is_true(log: RawLog) -> None:
    log.tell_all([made(CUP, ANN), tagged(CUP, ANN, "a"), ("thing.seen", ANN, {}, ANN)])
    thing, figures = of(log, THINGS, CUP), of(log, FIGURES, ANN)
    assert thing is not None
    assert figures is not None
    assert (thing.position, thing.version) == (2, 2)
    assert (figures.position, figures.version) == (1, 1)


def test_a_row_that_was_taken_back_is_gone_from_then_on(log: RawLog) -> None:
    log.tell(*made(CUP, ANN), at=10)
    log.tell(*unmade(CUP, ANN), at=20)
    assert of(log, THINGS, CUP, Moment(as_of=at(15))) is not None
    assert of(log, THINGS, CUP) is None


def test_a_poisoned_row_is_told_up_to_the_poison(log: RawLog) -> None:
    log.tell_all(
        [made(CUP, ANN, 7), tagged(CUP, ANN, "a"), broken(CUP, ANN), tagged(CUP, ANN, "b")]
    )
    row = of(log, THINGS, CUP)
    assert row is not None
    assert row.state is not None
    assert (row.state["owner"], row.state["tags"]) == (str(ANN), ["a"])
    assert row.poison == Poison(3, "ValueError: It cannot be folded.")
    before = of(log, THINGS, CUP, Moment(upto=2))
    assert before is not None
    assert before.poison is None


def test_an_old_event_is_read_in_the_shape_of_today(log: RawLog) -> None:
    data = {"owner": ANN, "price": 9}
    log.tell("thing.made", CUP, data, ANN, schema=1)
    assert state(log, THINGS, CUP)["worth"] == 9
    assert state(log, FIGURES, ANN)["worth"] == 9


def test_an_event_of_a_later_release_is_never_guessed_at(log: RawLog) -> None:
    log.tell("thing.made", CUP, {"owner": ANN, "worth": 9}, ANN, schema=3)
    with pytest.raises(Unreadable, match="later release"):
        event_of(log.log.read(0, 1)[0], CUP.bytes)


def test_how_a_row_came_about_is_told_event_by_event(log: RawLog) -> None:
    log.tell_all([made(CUP, ANN, 5), tagged(CUP, ANN, "a"), given(CUP, ANN, BOB), unmade(CUP, BOB)])
    steps = explained(THINGS, CUP.bytes, log.log.read(0, 10))
    assert [step.position for step in steps] == [1, 2, 3, 4]
    assert steps[0].changes["worth"] == (None, 5)
    assert steps[1].changes == {"tags": ([], ["a"])}
    assert steps[2].changes["owner"] == (str(ANN), str(BOB))
    assert steps[3].changes["owner"] == (str(BOB), None)


def test_the_explanation_ends_where_the_view_could_not_go_on(log: RawLog) -> None:
    log.tell_all([made(CUP, ANN), broken(CUP, ANN), tagged(CUP, ANN, "a")])
    steps = explained(THINGS, CUP.bytes, log.log.read(0, 10))
    assert [step.position for step in steps] == [1, 2]
    assert steps[-1].changes == {"error": (None, "ValueError: It cannot be folded.")}


def test_every_event_of_a_party_s_stream_names_the_party() -> None:
    """Or the figures, the timeline and every as-of read would miss it."""
    for aggregate in AGGREGATES:
        first = [kind for kind in aggregate.events() if issubclass(kind, AggregateCreated)]
        names = {name for kind in first for name in kind.SUBJECTS if name in fields_of(kind)}
        for kind in aggregate.events():
            if names:
                assert names & set(kind.SUBJECTS) & fields_of(kind).keys(), kind.TOPIC
