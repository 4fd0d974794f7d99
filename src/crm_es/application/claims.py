"""Who holds which unique value, as the commands of a batch have left it so far."""

from __future__ import annotations

from crm_es.log.envelope import Rows
from crm_es.log.recorder import Looks

Key = tuple[str, bytes]
"""(kind, value)"""


class Claims:
    """Each value is looked up once a batch; what a unit changed can be taken back."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._stored: dict[Key, bytes | None] = {}
        self._changed: dict[Key, bytes | None] = {}
        self._before: list[tuple[Key, bytes | None]] = []
        """Of the unit in progress: who held a value when it was changed."""

    def holder(self, key: Key) -> bytes | None:
        if key in self._changed:
            return self._changed[key]
        if key not in self._stored:
            self._stored[key] = self._looks.claimant(*key)
        return self._stored[key]

    def give(self, key: Key, owner: bytes | None) -> None:
        """To somebody, or to nobody again."""
        self._before.append((key, self.holder(key)))
        self._changed[key] = owner

    def keep(self) -> None:
        """The unit in progress is decided."""
        self._before.clear()

    def undo(self) -> None:
        """The unit in progress is refused."""
        for key, owner in reversed(self._before):
            self._changed[key] = owner
        self._before.clear()

    def add_to(self, rows: Rows) -> None:
        """What the batch changes in the log."""
        for key, owner in self._changed.items():
            stored = self._stored[key]
            if owner == stored:
                continue
            if stored is not None:
                rows.released.append((*key, stored))
            if owner is not None:
                rows.claims.append((*key, owner))
