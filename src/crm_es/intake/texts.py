"""Names from outside as lines of text that a command takes: cut, and free of what nobody sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from crm_es.commands.fields import LINE_MAX

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def label(name: str) -> str:
    """One line of text; an underscore for each character that is not to be seen."""
    plain = unicodedata.normalize("NFC", name)[:LINE_MAX]
    seen = "".join("_" if unicodedata.category(char) in _HIDDEN else char for char in plain)
    return seen.strip() or "_"


def labels(names: Iterable[str]) -> dict[str, str]:
    """The same for several that must stay apart: by name, a number where two become one."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        own, again = label(name), 1
        while own in taken:
            again += 1
            number = f" {again}"
            own = label(name)[: LINE_MAX - len(number)] + number
        taken.add(own)
        found[name] = own
    return found
