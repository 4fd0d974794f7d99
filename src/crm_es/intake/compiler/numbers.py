"""How numbers are told from text: the patterns that the macros of ``cells.sql`` are given."""

from __future__ import annotations

from typing import Literal

from crm_es.commands.currencies import CURRENCIES
from crm_es.intake.sql import literal

_MINUS = "\u2212"
_BLANKS = "[ \u00a0\u2007\u2009\u202f]*"
_SYMBOLS = r"[A-Za-z]{0,3}\p{Sc}|kr\.?|zł|Kč|Ft|Fr\.|Rs\.?"
_CURRENCY = f"(?:{_SYMBOLS}|{'|'.join(sorted(CURRENCIES))})"
_BEFORE = rf"^([-+{_MINUS}(]?){_BLANKS}{_CURRENCY}{_BLANKS}"
_AFTER = rf"{_BLANKS}{_CURRENCY}{_BLANKS}([-{_MINUS})]?)$"

_WHOLE = "0|-?[1-9][0-9]{0,19}"
_PLAIN = {
    ",": _WHOLE,
    ".": rf"{_WHOLE}|-?(?:0|[1-9][0-9]{{0,19}})\.[0-9]{{0,17}}[1-9]",
    # Not 1.234, which could be read in two ways, but 0.234 and 1234.567.
    "": rf"{_WHOLE}|-?(?:0|[1-9][0-9]{{0,19}})\.(?:[0-9]?[1-9]|[0-9]{{3,17}}[1-9])"
    r"|-?(?:0|[1-9][0-9]{3,19})\.[0-9]{2}[1-9]",
}
"""Cells that are canonical decimals, by decimal mark: most, so that nothing more is tried."""
_PADDED = {
    ",": "",
    ".": r"-?[1-9][0-9]{0,19}\.[0-9]{0,17}0|0\.[0-9]{0,17}0",
    "": r"-?[1-9][0-9]{0,19}\.[0-9]?0|-?[1-9][0-9]{3,19}\.[0-9]{0,17}0|0\.[0-9]{0,17}0",
}
"""Those that are but for zeros at their end; -0.00 is none of them."""


def number_text(cell: str, mark: Literal[".", ","] | None) -> str:
    """The canonical decimal of a cell in any notation, or '!' and a code."""
    given = mark or ""
    patterns = ", ".join(map(literal, (_PLAIN[given], _PADDED[given], _BEFORE, _AFTER)))
    return f"number_text({cell}, {literal(given)}, {patterns})"
