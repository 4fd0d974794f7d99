"""Pieces of a plan as bytes, for the way from the process that plans to the one that records."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from itertools import starmap
from typing import Any

from crm_es.intake.checking import Checked, Shaped
from crm_es.intake.mapping import Mapping
from crm_es.intake.units import Planned, Reject, Skip, Step, Unit

Piece = Step | Checked
"""A step, or a unit that is checked already."""
Plain = tuple[Any, ...]

_SKIP, _REJECT, _UNIT, _CHECKED = range(4)
_SETUP = -1


class Pieces:
    """Pieces as bytes and back; the rules they come from stay where they are."""

    def __init__(self, mapping: Mapping) -> None:
        self._rows = mapping.rows
        self._numbers = {id(rows): n for n, rows in enumerate(mapping.rows)}

    def packed(self, pieces: Iterable[Piece]) -> bytes:
        return pickle.dumps([self._plain(piece) for piece in pieces], pickle.HIGHEST_PROTOCOL)

    def _plain(self, piece: Piece) -> Plain:
        if isinstance(piece, Skip):
            return _SKIP, *piece
        if isinstance(piece, Reject):
            return _REJECT, *piece
        if isinstance(piece, Checked):
            unit, commands = piece.unit, [tuple(one) for one in piece.commands]
            return _CHECKED, *self._unit(unit._replace(commands=())), commands, piece.rejects
        return _UNIT, *self._unit(piece)

    def _unit(self, unit: Unit) -> Plain:
        n = _SETUP if unit.rows is None else self._numbers[id(unit.rows)]
        commands, updates = map(tuple, unit.commands), map(tuple, unit.updates)
        return unit.ordinal, n, unit.lines, [*commands], [*updates]

    def of(self, packed: bytes) -> list[Piece]:
        return [self._piece(*values) for values in pickle.loads(packed)]  # noqa: S301 - ours

    def _piece(self, kind: int, *values: Any) -> Piece:
        if kind in {_SKIP, _REJECT}:
            return Skip(*values) if kind == _SKIP else Reject(*values)
        ordinal, n, lines, commands, updates, *checked = values
        rows = None if n == _SETUP else self._rows[n]
        unit = Unit(
            ordinal, rows, lines, [*starmap(Planned, commands)], [*starmap(Planned, updates)]
        )
        if kind == _UNIT:
            return unit
        shaped, rejects = checked
        return Checked(unit, [*starmap(Shaped, shaped)], rejects)
