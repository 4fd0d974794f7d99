"""The main job on real input: each set, imported, gives its known figures back."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.check_data import DATA, SETS, Figure, expected, figures_of, questions
from crm_es.intake.mapping import shipped_names

HELD_BACK = {"febrl", "splink_fake_1000"}
"""For finding duplicates; they are no history of a company."""

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets (../shared/data) are absent"),
]


@pytest.mark.parametrize("name", SETS)
def test_every_known_figure_comes_back(name: str, tmp_path: Path) -> None:
    wrong: list[Figure] = [figure for figure in figures_of(name, tmp_path) if not figure.holds]
    assert not wrong


def test_every_set_is_mapped_and_every_figure_asked_for() -> None:
    known = expected()
    assert set(known) - HELD_BACK == set(SETS) == set(shipped_names())
    for name in SETS:
        assert set(questions(name)) == set(known[name])
