"""An import in a process of its own, to be killed: a folder for the world, and a mapping."""

import sys
from pathlib import Path
from time import time_ns

from crm_es.aggregates import EVENTS
from crm_es.application import Crm, Tenant
from crm_es.intake.aside import PlanAside
from crm_es.intake.files import files_in
from crm_es.intake.mapping import read_mapping
from crm_es.intake.run import Run
from crm_es.log.keys import KeyStore
from crm_es.log.queue import DirectSubmitter
from crm_es.log.sqlite import SQLiteLog

assert EVENTS


def main(folder: Path, mapping: Path) -> None:
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    keys = KeyStore(folder / "keys.sqlite", bytes(range(32)))
    crm = Crm(log, keys, tenant=Tenant(), clock=lambda: time_ns() // 1000)
    reader = SQLiteLog(folder / "log.sqlite", is_reader=True)
    whole = read_mapping(mapping.read_text())
    files = files_in(mapping.parent, whole)
    imports = folder / "imports"
    imports.mkdir(exist_ok=True)
    with PlanAside(whole, files, folder=imports) as plan:
        submitter = DirectSubmitter(crm.stage, close=log.close)
        Run(plan, submitter, reader, folder=imports, actor="ann").carry_out()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
