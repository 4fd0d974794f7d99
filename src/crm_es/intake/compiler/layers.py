"""SQL expressions that are given names, layer upon layer, so that each is worked out once a row."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"\bv[0-9]+_\b")


class Layers:
    """DuckDB shares no work between the branches of a CASE; a name from the layer below does.

    Base columns are known to every layer. A text that looks like a name only puts its expression
    one layer higher than need be.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._layer: dict[str, int] = {}

    def name(self, expression: str) -> str:
        """A name for an expression over base columns and names given before."""
        if expression in self._layer or expression in self._names:
            return self._names.get(expression, expression)
        name = f"v{len(self._names)}_"
        self._names[expression] = name
        self._layer[name] = 1 + self._above(expression)
        return name

    def _above(self, expression: str) -> int:
        return max((self._layer.get(name, 0) for name in _NAME.findall(expression)), default=0)

    def over(self, base: str, results: Mapping[str, str]) -> str:
        """SELECT the results, by their own names, over the rows of ``base``."""
        sql = base
        for layer in range(1, max(self._layer.values(), default=0) + 1):
            named = [
                f"{expression} as {name}"
                for expression, name in self._names.items()
                if self._layer[name] == layer
            ]
            sql = f"select *, {', '.join(named)} from ({sql})"
        shown = [f"{expression} as {name}" for name, expression in results.items()]
        return f"select {', '.join(shown)} from ({sql})"
