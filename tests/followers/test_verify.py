"""Drift is found, not assumed away."""

from __future__ import annotations

from contextlib import closing
from random import Random
from uuid import UUID

import pytest

from crm_es.errors import Unavailable
from crm_es.followers.verify import Report, verify
from followed import Followed
from raw_log import RawLog
from small_views import SMALL_VIEWS, broken, given, made, tagged

ANN, BOB = UUID(int=1), UUID(int=2)
CUP = UUID(int=11)
THINGS_COUNT = 40


@pytest.fixture
def lived(log: RawLog, followed: Followed) -> Followed:
    log.tell_all([made(UUID(int=n), ANN, n) for n in range(11, 11 + THINGS_COUNT)])
    log.tell_all([tagged(CUP, ANN, "old"), given(CUP, ANN, BOB)])
    followed.catch_up()
    return followed


def look(followed: Followed, sample: int | None) -> Report:
    return verify(followed.folder, followed.log, followed.views, sample=sample, random=Random(1))


def test_what_was_followed_is_what_the_log_says(lived: Followed) -> None:
    report = look(lived, None)
    assert (report.position, report.compared) == (THINGS_COUNT + 2, THINGS_COUNT + 1 + 2)
    assert report.differences == []
    assert report.digests == lived.digests()
    assert look(lived, 5).differences == []


@pytest.mark.parametrize("sample", [None, 1_000])
def test_a_row_edited_by_hand_is_found(lived: Followed, sample: int | None) -> None:
    with closing(lived.db()) as db:
        sql = "update small_thing set state = json_set(state, '$.worth', 7000) where key = ?"
        db.execute(sql, (CUP.bytes,))
    found = look(lived, sample).differences
    assert [(one.view, one.key, one.fields) for one in found] == [
        ("things", CUP, {"state.worth": (11, 7000)})
    ]


@pytest.mark.parametrize("sample", [None, 1_000])
@pytest.mark.parametrize(
    ("sql", "field"),
    [
        ("update small_thing set at = at + 1 where key = ?", "at"),
        ("update small_thing set position = position - 1 where key = ?", "position"),
        ("update small_thing set state = 'spilt' where key = ?", "state"),
        ("delete from small_thing where key = ?", "state.owner"),
    ],
)
def test_every_way_a_row_can_be_wrong_is_found(
    lived: Followed, sql: str, field: str, sample: int | None
) -> None:
    with closing(lived.db()) as db:
        db.execute(sql, (CUP.bytes,))
    found = look(lived, sample).differences
    assert [one.key for one in found] == [CUP]
    assert field in found[0].fields


@pytest.mark.parametrize("sample", [None, 1_000])
@pytest.mark.parametrize("key", [UUID(int=0), UUID(int=12345), UUID(int=2**127)])
def test_a_row_of_which_the_log_knows_nothing_is_found(
    lived: Followed, key: UUID, sample: int | None
) -> None:
    with closing(lived.db()) as db:
        db.execute("insert into small_tag values(?, '{\"tags\":1}', 1, 1, 1)", (key.bytes,))
    found = look(lived, sample).differences
    assert [(one.view, one.key) for one in found] == [("tags", key)]


def test_a_row_that_stands_still_is_left_out_and_counted(log: RawLog, lived: Followed) -> None:
    log.tell_all([broken(CUP, BOB)])
    lived.catch_up()
    report = look(lived, None)
    assert (report.differences, report.parked) == ([], 2)


def test_events_after_the_moment_do_not_count(log: RawLog, lived: Followed) -> None:
    log.tell_all([tagged(CUP, BOB, "newer")])
    assert look(lived, None).differences == []
    assert look(lived, 100).differences == []


def test_views_of_another_release_are_not_compared(lived: Followed) -> None:
    with pytest.raises(Unavailable):
        verify(lived.folder, lived.log, SMALL_VIEWS[:2])
