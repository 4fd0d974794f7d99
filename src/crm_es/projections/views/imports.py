"""Imports: what was brought in from files, a report of every line, and what was taken back."""

from __future__ import annotations

import sqlalchemy as sa

from crm_es.projections.views.base import Event, Key, State, View, table
from crm_es.projections.views.folds import alters, begins, changes, when
from crm_es.projections.views.paging import LIMIT, Page, page

KEPT_MAX = 100
"""So many of the things a revert left are listed here; all of them stand in the log."""

IMPORT = table(
    "import",
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text),
    sa.Column("mapping", sa.Text),
    indexes=(("at",), ("status", "at"), ("mapping", "at")),
)

_REPORT = (
    "units", "rows", "used", "skipped", "rejected", "commands", "known", "findings", "seconds",
)  # fmt: skip


def _committed(state: State, event: Event) -> None:
    data = event.data
    state["state"], state["committed_at"] = data["to_state"], when(event)
    state["report"] = {name: data[name] for name in (*_REPORT, "files")}
    state["failed_for"] = state["detail"] = None


def _reverted(state: State, event: Event) -> None:
    data = event.data
    state["state"], state["reverted_at"] = data["to_state"], when(event)
    state["taken_back"], state["kept"] = data["taken_back"], data["kept"]
    state["listed"] = data["listed"][:KEPT_MAX]


VIEW = View(
    name="imports",
    version=1,
    key=Key.STREAM,
    folds={
        "import.started": begins(
            "mapping", "mapping_sha256", "files", "file_names", "is_history", state="started",
            committed_at=None, report=None, failed_for=None, detail=None, reason=None,
            reverted_at=None, taken_back=None, kept=None, listed=None,
        ),
        "import.restarted": changes(to={"state": "to_state"}),
        "import.committed": alters(_committed),
        "import.failed": changes("detail", to={"state": "to_state", "failed_for": "code"}),
        "import.abandoned": changes("reason", to={"state": "to_state"}),
        "import.revert_started": changes("reason", to={"state": "to_state"}),
        "import.reverted": alters(_reverted),
    },
    table=IMPORT,
    pick=lambda s: (s["at"], s["state"], s["mapping"]),
)  # fmt: skip


def imports(
    db: sa.Connection,
    *,
    state: str | None = None,
    mapping: str | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Imports with their reports, the latest begun first."""
    equal = {"status": state, "mapping": mapping}
    return page(db, IMPORT, IMPORT.c.at, equal=equal, after=after, limit=limit)
