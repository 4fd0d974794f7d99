"""A rehearsed import: answered as the writer would answer it, and nothing of it stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crm_es import bootstrap
from crm_es.intake.mapping import read_mapping
from crm_es.intake.report import Report
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.settings import Settings
from world import command

MAPPING = """
name = "shop"

[files.orders]
match = "orders.csv"

[[rows]]
from = "orders"

[[rows.do]]
command = "RegisterCustomer"
when = { customer = { present = true } }
customer_id = { id = ["customer", "{customer}"] }
name = "customer"

[[rows.do]]
command = "PlaceOrder"
order_id = { id = ["order", "{order}"] }
source_id = "order"

[rows.do.lines]
each.sku = "sku"
each.amount = { column = "amount", number = "decimal" }
each.quantity = { const = "1" }

[[rows.do]]
command = "CancelOrder"
when = { state = "cancelled" }
order_id = { id = ["order", "{order}"] }
reason = "state"

[[rows.do]]
command = "ShipOrder"
when = { state = "cancelled" }
order_id = { id = ["order", "{order}"] }
"""
ROWS = """order,customer,sku,amount,state
1,Ann,box,10,
2,Bob,box,,
3,Ann,box,5,
4,,box,7,cancelled
"""


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "company")
    bootstrap.init(settings)
    return settings


def brought(way: Callable[..., Report], company: Settings) -> tuple[dict[str, Any], str]:
    """The figures of one import and its rejects."""
    file = company.data.parent / "orders.csv"
    file.write_text(ROWS)
    with bootstrap.planned_import(company, read_mapping(MAPPING), [file]) as plan:
        report = way(company, plan, actor="ann")
    return asdict(report), report.rejects.read_text()


def contents(company: Settings) -> list[Any]:
    """Every row of the log and of the key store."""
    rows = []
    for path in (company.folder.log, company.folder.keys):
        with closing(sqlite3.connect(path)) as db:
            names = "select name from sqlite_master where type = 'table' order by 1"
            for (name,) in db.execute(names).fetchall():
                rows.append((name, db.execute(f"select * from {name}").fetchall()))
    return rows


def test_a_rehearsal_tells_what_the_import_then_comes_to(company: Settings) -> None:
    rehearsed, rejects = brought(bootstrap.rehearse_import, company)
    done, then = brought(bootstrap.carry_out, company)
    assert done["figures"]["rejected"] == {"order.line_amount": 1, "customer.exists": 1}
    assert done["figures"]["findings"]
    assert (rehearsed["figures"], rejects) == (done["figures"], then)
    assert (rehearsed["is_rehearsal"], done["is_rehearsal"]) == (True, False)


def test_a_rehearsal_leaves_log_and_keys_as_they_were(company: Settings) -> None:
    brought(bootstrap.carry_out, company)
    with closing(bootstrap.OwnCrm(company)):
        before = contents(company)
    more = ROWS.replace("4,,", "5,Cid,")
    file = company.data.parent / "orders.csv"
    file.write_text(more)
    with bootstrap.planned_import(company, read_mapping(MAPPING), [file]) as plan:
        report = bootstrap.rehearse_import(company, plan, actor="ann")
    assert report.figures["commands"]["RegisterCustomer"] == 1
    assert contents(company) == before
    with closing(bootstrap.OwnCrm(company)) as own:
        own.crm.execute(registration())
    assert contents(company) != before


def test_beside_a_writer_only_the_rows_are_told(company: Settings) -> None:
    with closing(bootstrap.OwnCrm(company)):
        rehearsed, _ = brought(bootstrap.rehearse_import, company)
    assert (rehearsed["is_rehearsal"], rehearsed["is_decided"]) == (True, False)
    assert rehearsed["figures"]["rejected"] == {}


def test_what_was_imported_is_told_to_be(company: Settings) -> None:
    brought(bootstrap.carry_out, company)
    again, _ = brought(bootstrap.rehearse_import, company)
    assert again["is_repeat"]


def registration() -> Submission:
    body = command("RegisterCustomer", customer_id=new_id(), name="Dee")
    return Submission(new_id(), body, Circumstances("ann"))
