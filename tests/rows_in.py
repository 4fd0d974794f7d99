"""Small files and mappings, planned: what a test of the intake says and what it looks at."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from crm_es.intake.accounting import Accounts
from crm_es.intake.files import files_in
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping import Mapping, read_mapping
from crm_es.intake.plan import Plan
from crm_es.intake.units import Reject, Skip, Unit

ABSENT = "absent"
"""What ``values`` tells of a field that is left out."""

CUSTOMER = """
command = "RegisterCustomer"
customer_id = { id = ["customer", "{_line}"] }
"""


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(raw)
    return folder


def mapping(toml: str, *, name: str = "shop") -> Mapping:
    return read_mapping(f'name = "{name}"\n{toml}', allow_sql=True)


class Planned:
    """All that a plan comes to."""

    def __init__(self, toml: str, files: dict[str, str | bytes], limits: Limits = OPERATOR) -> None:
        """Raises Invalid, Unaccounted."""
        with tempfile.TemporaryDirectory() as name:
            folder = written(Path(name), files)
            whole = mapping(toml)
            with Plan(whole, files_in(folder, whole), folder=folder, limits=limits) as plan:
                accounts = Accounts(plan.mapping, plan.profiles)
                self.profiles, self.import_id = plan.profiles, plan.import_id
                self.units: list[Unit] = []
                self.rejects: list[Reject] = []
                self.skips: list[Skip] = []
                for step in plan:
                    if isinstance(step, Unit):
                        self.units.append(step)
                        accounts.use(step.role, step.lines)
                    elif isinstance(step, Reject):
                        self.rejects.append(step)
                        accounts.reject(step.role, step.line, step.code)
                    else:
                        self.skips.append(step)
                        accounts.skip(step.role, step.lines, step.because)
                accounts.check(plan.lines)
        self.rows, self.used = accounts.rows, accounts.used
        self.skipped, self.rejected = accounts.skipped, accounts.rejected

    def bodies(self, command: str | None = None) -> list[dict[str, Any]]:
        """Of all commands, or of those of one name, in order."""
        planned = (one for unit in self.units for one in unit.commands)
        return [orjson.loads(p.body) for p in planned if command in (None, p.name)]

    def faults(self) -> list[tuple[int, str | None, str]]:
        """(line, column, code) of each reject."""
        return [(reject.line, reject.column, reject.code) for reject in self.rejects]


def values(form: str, cells: Iterable[str], *, layout: str = "", more: str = "") -> list[Any]:
    """What a form makes of cells: a JSON value, ABSENT, or '!' and the code of the reject."""
    header, rows = ["n", "x"], [[str(n), cell] for n, cell in enumerate(cells)]
    toml = f"""
        {more}
        [files.t]
        match = "t.csv"
        {layout}
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = {{ id = ["{{n}}"] }}
        attributes = {{ object = {{ n = "n", v = {form} }} }}
    """
    planned = Planned(toml, {"t.csv": table(header, rows)})
    told: dict[str, Any] = {
        body["attributes"]["n"]: body["attributes"].get("v", ABSENT) for body in planned.bodies()
    }
    for reject in planned.rejects:
        told[str(reject.line - 2)] = f"!{reject.code}"
    return [told[row[0]] for row in rows]


def table(header: Sequence[str], rows: Iterable[Sequence[str]], **dialect: Any) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
