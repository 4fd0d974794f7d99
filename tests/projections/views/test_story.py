"""Everything about one party, as of any moment, is what each of its rows is by itself."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from eventsourcing.domain import AggregateCreated

from crm_es.aggregates import AGGREGATES
from crm_es.aggregates.base import fields_of
from crm_es.projections.views.base import Key
from crm_es.projections.views.folding import NOW, Moment, row_as_of
from crm_es.projections.views.story import rows_of_subject
from raw_log import SECOND, START, RawLog
from small_views import FIGURES, SMALL_VIEWS, TAGS, THINGS, broken, given, made, tagged, unmade

ANN, BOB, NOBODY = UUID(int=1), UUID(int=2), UUID(int=3)
CUP, HAT = UUID(int=11), UUID(int=12)


def test_every_row_of_a_party_is_found_by_view(log: RawLog) -> None:
    log.tell_all([made(CUP, ANN, 5), made(HAT, BOB), tagged(CUP, ANN, "a"), unmade(CUP, ANN, 5)])
    rows = rows_of_subject(log.log, SMALL_VIEWS, ANN)
    assert {name: [row.key for row in some] for name, some in rows.items()} == {
        "things": [], "tags": [CUP.bytes], "figures": [ANN.bytes],
    }  # fmt: skip
    assert rows["figures"][0].state == {"things": 0, "worth": 0, "events": 2}


def test_a_party_that_nobody_knows_has_no_rows(log: RawLog) -> None:
    assert not any(rows_of_subject(log.log, SMALL_VIEWS, NOBODY).values())


def test_a_stream_that_named_the_party_late_is_read_from_its_beginning(log: RawLog) -> None:
    """A web session has visitors before it has a customer."""
    log.tell_all([made(CUP, BOB, 5), tagged(CUP, BOB, "a"), given(CUP, BOB, ANN, 5)])
    rows = rows_of_subject(log.log, SMALL_VIEWS, ANN)
    assert rows["things"] == [row_as_of(log.log, THINGS, CUP)]
    assert rows["tags"] == [row_as_of(log.log, TAGS, CUP)]


def test_a_stream_that_went_and_came_back_is_read_as_a_whole(log: RawLog) -> None:
    log.tell_all(
        [made(CUP, ANN), given(CUP, ANN, BOB), tagged(CUP, BOB, "b"), given(CUP, BOB, ANN)]
    )
    assert rows_of_subject(log.log, SMALL_VIEWS, ANN)["things"] == [row_as_of(log.log, THINGS, CUP)]


def test_a_stream_that_has_left_says_whose_it_is(log: RawLog) -> None:
    log.tell_all([made(CUP, ANN), given(CUP, ANN, BOB), tagged(CUP, BOB, "b")])
    (thing,) = rows_of_subject(log.log, SMALL_VIEWS, ANN)["things"]
    assert thing.state is not None
    assert thing.state["owner"] == str(BOB)


def test_poison_stops_one_row_of_the_party(log: RawLog) -> None:
    log.tell_all([made(CUP, ANN), made(HAT, ANN), broken(CUP, ANN), tagged(CUP, ANN, "a")])
    rows = rows_of_subject(log.log, SMALL_VIEWS, ANN)
    assert [(row.key, row.poison is None) for row in rows["things"]] == [
        (CUP.bytes, False), (HAT.bytes, True),
    ]  # fmt: skip
    assert rows["figures"] == [row_as_of(log.log, FIGURES, ANN)]


@pytest.mark.parametrize("seed", range(8))
def test_at_any_moment_it_is_the_same_as_row_by_row(log: RawLog, seed: int) -> None:
    random = Random(seed)
    things = [UUID(int=n) for n in range(11, 18)]
    owner: dict[UUID, UUID] = {}
    for _ in range(120):
        thing, when = random.choice(things), random.randrange(100)
        if thing not in owner:
            owner[thing] = random.choice([ANN, BOB])
            log.tell(*made(thing, owner[thing], 3), at=when)
        elif random.random() < 0.6:
            log.tell(*tagged(thing, owner[thing], str(random.randrange(5))), at=when)
        else:
            to = random.choice([ANN, BOB])
            log.tell(*given(thing, owner[thing], to, 3), at=when)
            owner[thing] = to
    for moment in [NOW, *(_any(random) for _ in range(12))]:
        for party in (ANN, BOB):
            rows = rows_of_subject(log.log, SMALL_VIEWS, party, moment)
            for view in SMALL_VIEWS:
                keys = [party] if view.key is Key.SUBJECT else things
                alone = [row_as_of(log.log, view, key, moment) for key in keys]
                ours = [row for row in alone if row is not None and _is_of(party, row.state)]
                told = [row for row in rows[view.name] if _is_of(party, row.state)]
                assert sorted(told) == sorted(ours)


def _any(random: Random) -> Moment:
    at = START + random.randrange(100) * SECOND
    return Moment(as_of=at, upto=random.choice([None, random.randrange(120)]))


def _is_of(party: UUID, state: object) -> bool:
    """Rows of tags do not say whose they are; they are compared where the thing never moved."""
    assert isinstance(state, dict)
    return state.get("owner") == str(party) or "things" in state


def test_every_event_of_a_party_s_stream_names_the_party() -> None:
    """Or a story would miss it, and so would the timeline."""
    for aggregate in AGGREGATES:
        first = [kind for kind in aggregate.events() if issubclass(kind, AggregateCreated)]
        names = {name for kind in first for name in kind.SUBJECTS if name in fields_of(kind)}
        for kind in aggregate.events():
            if names:
                assert names & set(kind.SUBJECTS) & fields_of(kind).keys(), kind.TOPIC
