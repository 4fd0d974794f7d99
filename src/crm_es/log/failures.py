"""What an append can fail of: what those who wait are told, and whether the writer may go on."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from crm_es.errors import Unavailable
from crm_es.log.recorder import ClockBehind, Gap, NotDurable


class Failed(Exception):  # noqa: N818 - reads as what happened
    """A decision broke on a bug of ours; nothing of its unit was recorded."""


class Verdict(NamedTuple):
    answer: Unavailable | Failed
    is_fatal: bool
    """The writer must end: going on could acknowledge what is not kept."""


def verdict(error: BaseException) -> Verdict:
    """What an error of an append means."""
    if isinstance(error, ClockBehind):
        return Verdict(
            Unavailable("clock.behind", "The writer's clock stands behind the log."), is_fatal=True
        )
    if isinstance(error, (Gap, NotDurable)):
        return _lost()
    if not isinstance(error, sqlite3.Error):
        failed = Failed(type(error).__name__)
        failed.__cause__ = error
        return Verdict(failed, is_fatal=False)
    primary = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_IOERR) & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        full = Unavailable("storage.full", "There is no room left to record it.")
        return Verdict(full, is_fatal=False)
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Verdict(Unavailable("log.busy", "The log is held by someone else."), is_fatal=False)
    # After a failed write or fsync nobody knows what the disk holds: only a fresh start tells.
    return _lost()


def _lost() -> Verdict:
    return Verdict(Unavailable("log.unavailable", "The log cannot be written to."), is_fatal=True)
