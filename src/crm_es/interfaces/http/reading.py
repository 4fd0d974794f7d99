"""What a thread that reads storage holds: connections of its own, opened once."""

from __future__ import annotations

from dataclasses import dataclass

from crm_es.errors import Unavailable
from crm_es.log.sealing import Sealer
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.views.folding import Kept
from crm_es.projections.views.kept import KeptStates
from crm_es.projections.views.store import ViewReader


@dataclass(frozen=True, slots=True)
class Reading:
    log: SQLiteLog
    sealer: Sealer
    views: ViewReader

    def kept_states(self) -> Kept | None:
        """What spares an as-of read the folding of long histories; None where there is none."""
        try:
            return KeptStates(self.views.db)
        except Unavailable:
            return None
