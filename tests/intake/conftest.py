"""Imports into a world, in pieces small enough to see what happens between them."""

import pytest

from importing import Importing
from world import World


@pytest.fixture
def imports(world: World, monkeypatch: pytest.MonkeyPatch) -> Importing:
    monkeypatch.setattr("crm_es.intake.chunks.COMMANDS_MAX", 300)
    return Importing(world)
