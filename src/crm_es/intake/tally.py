"""What an import comes to while it goes on: the fate of each line, and counts of everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from crm_es.intake.accounting import Accounts
from crm_es.intake.aside import PlanAside
from crm_es.intake.rejects import RejectsFile
from crm_es.intake.spool import FileProfile
from crm_es.intake.texts import labels
from crm_es.intake.units import Reject, Skip, Unit

KNOWN = "known"
"""The rule under which lines are passed over that are about something known."""


class Tally:
    def __init__(self, plan: PlanAside, rejects: RejectsFile) -> None:
        self._plan, self._rejects = plan, rejects
        self._accounts = Accounts(plan.mapping, plan.profiles)
        self._commands: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        self.units = 0
        """Those that were recorded."""

    def record(self, unit: Unit, names: Sequence[str], *, is_update: bool = False) -> None:
        """``names`` are those of its commands."""
        self.units += 1
        for name in names:
            self._commands[name] += 1
        if is_update:
            self._known["updated"] += 1
        self._accounts.use(unit.role, unit.lines)

    def skip(self, skip: Skip) -> None:
        self._accounts.skip(skip.role, skip.lines, skip.because)

    def skip_known(self, unit: Unit) -> None:
        self._known["skipped"] += 1
        self._accounts.skip(unit.role, unit.lines, KNOWN)

    def reject(self, rejects: Sequence[Reject]) -> None:
        for reject in rejects:
            self._accounts.reject(reject.role, reject.line, reject.code)
            place = self._plan.profiles[reject.role].place(reject.line)
            self._rejects.write(*place, reject.column, reject.code, reject.detail)

    def figures(self, *, findings: dict[str, int], seconds: int) -> dict[str, Any]:
        """As ``CommitImport`` has them. Raises Unaccounted unless something became of each line."""
        accounts = self._accounts
        accounts.check(self._plan.lines)
        return {
            "files": [_read(role, found) for role, found in self._plan.profiles.items()],
            "units": self.units,
            "rows": accounts.rows,
            "used": accounts.used,
            "skipped": dict(accounts.skipped),
            "rejected": dict(accounts.rejected),
            "commands": dict(self._commands),
            "known": dict(self._known),
            "findings": findings,
            "seconds": seconds,
        }


def _read(role: str, found: FileProfile) -> dict[str, Any]:
    names = labels(found.columns)
    return {
        "role": role,
        "rows": found.rows,
        "columns": list(names.values()),
        "blanks": {names[column]: count for column, count in found.blanks.items()},
        "duplicates": found.duplicates,
    }
