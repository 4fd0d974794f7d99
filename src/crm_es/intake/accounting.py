"""What became of every line: used, skipped by a rule or rejected; nothing else is an answer."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from crm_es.errors import Invalid
from crm_es.intake.mapping import Mapping as Whole
from crm_es.intake.spool import LINE_BITS, LINE_MASK, FileProfile

LISTED_MAX = 20
_NOTHING, _SKIPPED, _USED, _REJECTED = range(4)
"""Of what several rules make of one line, the last in this order counts."""


class Unaccounted(Invalid):
    """Lines of which nothing becomes: the mapping forgets them, or the intake lost them."""


def unaccounted(role: str, count: int, places: Sequence[str]) -> Unaccounted:
    """``places`` are those of the first of them."""
    listed = ", ".join(places) + (", ..." if count > len(places) else "")
    told = f"{role}: {count} lines neither used, skipped by a rule nor rejected: {listed}"
    return Unaccounted("import.unaccounted", told)


class _Fate(NamedTuple):
    kind: int
    reason: str


class Accounts:
    """Two bytes for each line of the files whose every line must become something."""

    def __init__(self, mapping: Whole, profiles: Mapping[str, FileProfile]) -> None:
        layouts = mapping.files
        profiles = {role: found for role, found in profiles.items() if not layouts[role].lookup}
        self._profiles = profiles
        self._fates = [_Fate(_NOTHING, "")]
        self._numbers: dict[_Fate, int] = {self._fates[0]: 0}
        self._lines = {
            role: [array("H", bytes(2 * (last + 1))) for last in profile.last_lines]
            for role, profile in profiles.items()
        }

    def use(self, role: str, lines: Sequence[int]) -> None:
        self._note(role, lines, _Fate(_USED, ""))

    def skip(self, role: str, lines: Sequence[int], because: str) -> None:
        self._note(role, lines, _Fate(_SKIPPED, because))

    def reject(self, role: str, line: int, code: str) -> None:
        """The first code of a line is the one it counts under."""
        self._note(role, [line], _Fate(_REJECTED, code))

    def _note(self, role: str, lines: Sequence[int], fate: _Fate) -> None:
        if not lines:  # the setup has none, and no file
            return
        number = self._numbers.get(fate)
        if number is None:
            number = self._numbers[fate] = len(self._fates)
            self._fates.append(fate)
        files, fates, kind = self._lines[role], self._fates, fate.kind
        for line in lines:
            file, at = files[line >> LINE_BITS], line & LINE_MASK
            if fates[file[at]].kind < kind:
                file[at] = number

    @property
    def rows(self) -> int:
        return sum(profile.rows for profile in self._profiles.values())

    @property
    def used(self) -> int:
        return self._count(_USED)[""]

    @property
    def skipped(self) -> Counter[str]:
        """Lines by the rule that passes them over."""
        return self._count(_SKIPPED)

    @property
    def rejected(self) -> Counter[str]:
        """Lines by code."""
        return self._count(_REJECTED)

    def _count(self, kind: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for files in self._lines.values():
            for file in files:
                for number, count in Counter(file).items():
                    if self._fates[number].kind == kind:
                        found[self._fates[number].reason] += count
        return found

    def check(self, lines: Callable[[str], Iterable[int]]) -> None:
        """Raises Unaccounted. The count decides; ``lines`` are those of a role, in order."""
        for role, profile in self._profiles.items():
            files = self._lines[role]
            noted = sum(len(file) - file.count(0) for file in files)
            if noted == profile.rows:
                continue
            lost = [at for at in lines(role) if not files[at >> LINE_BITS][at & LINE_MASK]]
            places = ["{} line {}".format(*profile.place(at)) for at in lost[:LISTED_MAX]]
            raise unaccounted(role, profile.rows - noted, places)
