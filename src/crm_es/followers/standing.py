"""How far each follower is, as anyone can see who may read its files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from crm_es.errors import Unavailable
from crm_es.followers import finding
from crm_es.projections.views.store import ViewReader


class Standing(NamedTuple):
    """Position 0 while there is nothing to be read."""

    name: str
    position: int
    parked: int = 0
    """Keys whose row stands still."""
    rejected: int = 0
    """Events that could not be read."""


def standings(views: ViewReader, pii: Path) -> list[Standing]:
    """Of the views and of the search index."""
    found = []
    try:
        found.append(Standing("views", views.position, parked=views.parked_count()))
    except Unavailable:
        found.append(Standing("views", 0))
    try:
        position, unread = finding.standing(pii)
        found.append(Standing("search", position, rejected=unread))
    except Unavailable:
        found.append(Standing("search", 0))
    return found
