"""The ids an import derives: the same from the same, apart from others, in its own order."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_es.intake.ids import COMMANDS_MAX, UNITS_MAX, CommandIds, import_id, source_id

IMPORTS = st.uuids()
PLACES = st.tuples(st.integers(0, UNITS_MAX - 1), st.integers(0, COMMANDS_MAX - 1))


@given(IMPORTS, PLACES, PLACES)
def test_command_ids_rise_with_the_order_of_the_import(
    id: UUID, one: tuple[int, int], other: tuple[int, int]
) -> None:
    ids = CommandIds(id)
    assert (ids.of(*one) < ids.of(*other)) == (one < other)
    assert (ids.of(*one).version, ids.of(*one).variant) == (8, "specified in RFC 4122")


@given(IMPORTS, IMPORTS, PLACES)
def test_two_imports_share_no_command_id(one: UUID, other: UUID, place: tuple[int, int]) -> None:
    is_same = one.int >> 68 == other.int >> 68
    assert (CommandIds(one).of(*place) == CommandIds(other).of(*place)) == is_same


@pytest.mark.parametrize("place", [(-1, 0), (0, -1), (UNITS_MAX, 0), (0, COMMANDS_MAX)])
def test_there_is_an_end_to_them(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="No command id"):
        CommandIds(UUID(int=1)).of(*place)


def test_an_import_is_known_by_its_mapping_and_its_files() -> None:
    files = [("a", "1"), ("b", "2")]
    assert import_id("m", files) == import_id("m", files)
    others = [
        import_id("n", files), import_id("m", files[:1]), import_id("m", files[::-1]),
        import_id("m", [("a", "2"), ("b", "1")]),
    ]  # fmt: skip
    assert len({import_id("m", files), *others}) == 5


def test_an_id_of_a_source_says_nothing_by_how_it_is_cut() -> None:
    assert source_id("s", ["a", "bc"]) != source_id("s", ["ab", "c"])
    assert source_id("s", ["a"]) != source_id("t", ["a"])
