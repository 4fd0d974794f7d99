"""The search follower: keeps what customers are searched by, and forgets who is erased."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

from crm_es.followers.place import Log as Source
from crm_es.followers.place import is_in, place_at
from crm_es.followers.search_index import EMAIL, NAME, PHONE, Change, SearchIndex, normalised
from crm_es.log.keys import KeyMissing, KeyStore
from crm_es.log.recorder import Gap
from crm_es.log.sealing import Sealer, Tampered
from crm_es.projections.views.base import id_bytes
from crm_es.projections.views.build_file import Checkpoint, Damaged, drop
from crm_es.projections.views.events import Unreadable, data_of

log = logging.getLogger("crm_es.search")

BATCH_SIZE = 500
"""Small, because the projector waits meanwhile."""
SWEEP_SECONDS = 1.0
"""How long an erased person may still be found."""

_COLUMNS = ("position", "event_id", "stream_id", "topic", "schema_version", "data")
_KINDS = frozenset({NAME, EMAIL, PHONE})
_CHANGES: dict[str, Callable[[dict[str, Any]], tuple[bytes | None, str, str | None]]] = {
    "customer.registered": lambda data: (b"", NAME, data["name"]),
    "customer.renamed": lambda data: (b"", NAME, data["name"]),
    "customer.contact_point_added": lambda data: (
        id_bytes(data["contact_point_id"]), data["channel"], data["value"]
    ),
    "customer.contact_point_removed": lambda data: (id_bytes(data["contact_point_id"]), "", None),
    "customer.retracted": lambda _: (None, "", None),
}  # fmt: skip
"""By topic: (which text, of what kind, its token)."""


class Log(Source, Protocol):
    """What is asked of a reader of the log."""

    def rows(self, after: int, limit: int, columns: Sequence[str]) -> list[tuple[Any, ...]]: ...


class SearchFollower:
    """Works in small steps, so that whoever else shares the thread is not kept waiting."""

    def __init__(self, path: Path, source: Log, keys: KeyStore) -> None:
        """A damaged index, or one of another log, is made anew."""
        self._path, self._log, self._keys, self._sealer = path, source, keys, Sealer(keys)
        self._swept_at = 0.0
        self._erased: set[bytes] = set()
        try:
            self._open()
        except Damaged as damaged:
            self._renew(damaged)

    @property
    def position(self) -> int:
        return self._place.position

    def step(self) -> int:
        """Do one small piece of work, if there is any; 0 when there was none."""
        try:
            if monotonic() - self._swept_at > SWEEP_SECONDS:
                self._sweep()
            return self._follow() or int(self._index.merge())
        except Damaged as damaged:
            self._index.close()
            self._renew(damaged)
            return 1

    def close(self) -> None:
        self._index.close()

    def _open(self) -> None:
        """Raises Damaged."""
        self._index = SearchIndex(self._path)
        found = self._index.place()
        if found is not None and is_in(self._log, found):
            self._place = found
            return
        if found is not None:
            log.warning("%s is not of this log and is made anew", self._path.name)
        self._place = place_at(self._log, 0)
        self._index.begin(self._place)
        self._erased.clear()

    def _renew(self, damaged: Damaged) -> None:
        """Personal data is not set aside: it is dropped and read again."""
        log.error("%s It is made anew.", damaged)
        drop(self._path)
        self._open()

    def _follow(self) -> int:
        rows = self._log.rows(self.position, BATCH_SIZE, _COLUMNS)
        if not rows:
            return 0
        first, last = rows[0][0], rows[-1][0]
        if first != self.position + 1 or last - first + 1 != len(rows):
            raise Gap(f"Positions {first} to {last} after {self.position}: a gap.")
        changes, unread = [], 0
        for _, _, subject, topic, schema, data in rows:
            if topic in _CHANGES:
                try:
                    changes.append(self._change(subject, topic, data_of(topic, schema, data)))
                except (KeyMissing, Tampered, Unreadable, LookupError, TypeError, ValueError) as e:
                    log.error("A %s cannot be indexed: %s", topic, e)  # noqa: TRY400 - not our fault
                    unread += 1
        reached = Checkpoint(self._place.generation, last, rows[-1][1])
        self._index.write(changes, self._place, reached, unread)
        self._place = reached
        return len(rows)

    def _change(self, subject: bytes, topic: str, data: dict[str, Any]) -> Change:
        """Raises KeyMissing, Tampered."""
        ref, kind, token = _CHANGES[topic](data)
        text = self._sealer.open(token) if token is not None and kind in _KINDS else None
        return Change(subject, ref, kind, normalised(kind, text or ""))

    def _sweep(self) -> None:
        """Purge whose keys were destroyed since the last look."""
        self._swept_at = monotonic()
        if self._keys.destroyed_count() == len(self._erased):
            return
        erased = self._keys.destroyed() - self._erased
        for subject in erased:
            self._sealer.forget(UUID(bytes=subject))
        self._index.purge(erased)
        self._erased |= erased
