"""What became of every line: used, skipped by a rule or rejected; nothing else is an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm_es.intake.spool import LINE_BITS, FileProfile, Spool
from crm_es.intake.sql import identifier

LISTED_MAX = 20
_LINE_MASK = (1 << LINE_BITS) - 1


class Unaccounted(Exception):  # noqa: N818 - says how things stand
    """Lines of which nothing became: the mapping forgets them, or the intake lost them."""

    def __init__(self, name: str, count: int, places: Sequence[str]) -> None:
        listed = ", ".join(places)
        more = ", ..." if count > len(places) else ""
        super().__init__(
            f"{name}: {count} lines neither used, skipped by a rule nor rejected: {listed}{more}"
        )
        self.name, self.count, self.places = name, count, tuple(places)


@dataclass(slots=True)
class Tally:
    """What a plan came to so far."""

    units: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    """By name."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Lines by the rule that passes them over."""
    rejects: Counter[str] = field(default_factory=Counter)
    """By code."""


class Ledger:
    """One byte for each line of one file: whether anything became of it."""

    def __init__(self, profile: FileProfile) -> None:
        self._profile = profile
        self._seen = [bytearray(last + 1) for last in profile.last_lines]

    def note(self, lines: Iterable[int]) -> None:
        for line in lines:
            self._seen[line >> LINE_BITS][line & _LINE_MASK] = 1

    def place(self, line: int) -> tuple[str, int]:
        """The file and the line in it, as an editor counts."""
        return self._profile.paths[line >> LINE_BITS], line & _LINE_MASK

    def close(self, spool: Spool) -> None:
        """Raises Unaccounted. The count decides, an anti-join with the rows tells which."""
        rows = self._profile.rows
        noted = sum(seen.count(1) for seen in self._seen)
        if noted == rows:
            return
        lines = spool.run(f"select _line from raw.{identifier(self._profile.name)} order by 1")
        lost = [line for (line,) in lines if not self._seen[line >> LINE_BITS][line & _LINE_MASK]]
        places = ["{} line {}".format(*self.place(line)) for line in lost[:LISTED_MAX]]
        raise Unaccounted(self._profile.name, rows - noted, places)
