"""The report of an import: what was read, what became of it, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Report:
    import_id: UUID
    mapping: str
    figures: dict[str, Any]
    """As ``CommitImport`` has them."""
    rejects: Path
    """The file of rejects; it has no rows if nothing was rejected."""
    is_repeat: bool = False
    """It was committed before, and this run did nothing."""
    is_rehearsal: bool = False
    """Nothing was recorded."""
    is_decided: bool = True
    """False: no writer was asked, so what only it can refuse or find is not in it."""
