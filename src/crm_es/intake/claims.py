"""Whether some rule takes each line, before anything is sent: a forgotten line fails it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_es.intake.accounting import LISTED_MAX, unaccounted
from crm_es.intake.compiler import Program
from crm_es.intake.mapping import Mapping as Whole
from crm_es.intake.spool import FileProfile, Spool
from crm_es.intake.sql import identifier


def check_claims(
    spool: Spool, mapping: Whole, profiles: Mapping[str, FileProfile], programs: Sequence[Program]
) -> None:
    """Raises Unaccounted, which names the first lines that are left over."""
    for role, layout in mapping.files.items():
        own = zip(mapping.rows, programs, strict=True)
        claims = [program.claimed for rows, program in own if rows.main == role]
        taken = [claim for claim in claims if claim is not None]
        if layout.lookup or len(taken) < len(claims):
            continue
        left = f"select _line from {identifier(role)}"
        for claim in taken:
            left = f"{left} except ({claim})"
        ((count,),) = spool.run(f"select count(*) from ({left})")
        if count:
            first = spool.run(f"{left} order by _line limit {LISTED_MAX}")
            places = ["{} line {}".format(*profiles[role].place(line)) for (line,) in first]
            raise unaccounted(role, count, places)
