"""What is looked at to tell whether a row is well, and what people are told if it is not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A name that holds '!' and a code where something is wrong with a column."""

    name: str
    column: str | None
    wanted: str

    def expected(self, code: str) -> str:
        """What a person should be told about a code: what was wanted, never what is there."""
        return TOLD.get(code, self.wanted)


TOLD = {
    "cell.missing": "a value is required",
    "number.ambiguous": "could be read in two ways: say which decimal mark it is",
    "number.fraction": "a whole number is expected",
    "number.range": "more digits than a number may have",
    "time.range": "a time from 1900 to 2199 is expected",
}
