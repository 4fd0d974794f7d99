"""An import from end to end: what is recorded, what is reported, and what a second run does."""

from __future__ import annotations

from typing import Any

import pytest

from crm_es.errors import Conflict, Refused
from crm_es.intake.accounting import Unaccounted
from crm_es.intake.aside import PlanAside
from crm_es.intake.files import files_in
from crm_es.intake.rehearsal import rehearse
from importing import FOUR, PEOPLE, Importing, rejects_in
from rows_in import mapping, written


def test_rows_become_events_of_history_between_a_start_and_a_report(imports: Importing) -> None:
    report = imports.run(PEOPLE, {"people.csv": FOUR})
    records = imports.world.log.read(0, 100)
    assert [record.topic for record in records] == [
        "import.started", "customer.registered", "customer.registered", "import.committed",
    ]  # fmt: skip
    assert {record.correlation_id for record in records} == {report.import_id.bytes}
    assert {record.actor for record in records} == {"ann"}
    assert [record.precision for record in records[1:3]] == [2, 2]
    assert report.figures == {
        "files": [{
            "role": "people", "rows": 4, "columns": ["id", "name", "owner", "since"],
            "blanks": {"name": 1, "owner": 1, "since": 1}, "duplicates": 0,
        }],
        "units": 2, "rows": 4, "used": 2, "skipped": {},
        "rejected": {"time.format": 1, "cell.missing": 1},
        "commands": {"RegisterCustomer": 2}, "known": {}, "findings": {}, "seconds": 0,
    }  # fmt: skip


def test_rejects_go_to_a_file_with_line_column_and_code_and_no_value(imports: Importing) -> None:
    report = imports.run(PEOPLE, {"people.csv": FOUR})
    assert rejects_in(report.rejects) == [
        {"file": "people.csv", "line": "4", "column": "since", "code": "time.format",
         "detail": "a time such as %d.%m.%Y"},
        {"file": "people.csv", "line": "5", "column": "since", "code": "cell.missing",
         "detail": "a value is required"},
    ]  # fmt: skip
    assert "31.02" not in report.rejects.read_text()


def test_the_same_import_again_does_nothing_and_shows_the_report(imports: Importing) -> None:
    first = imports.run(PEOPLE, {"people.csv": FOUR})
    head = imports.world.log.head()
    again = imports.run(PEOPLE, {"people.csv": FOUR})
    assert again.is_repeat
    assert not first.is_repeat
    assert again.figures == first.figures
    assert imports.world.log.head() == head


def test_a_corrected_mapping_is_another_import_about_the_same_things(imports: Importing) -> None:
    first = imports.run(PEOPLE, {"people.csv": FOUR})
    default = 'time = "%d.%m.%Y", default = "2024-01-01T00:00:00Z"'
    mended = PEOPLE.replace('time = "%d.%m.%Y"', default)
    second = imports.run(mended, {"people.csv": FOUR})
    assert second.import_id != first.import_id
    assert second.figures["rejected"] == {"customer.exists": 2, "time.format": 1}
    assert second.figures["commands"] == {"RegisterCustomer": 1}


TRANSFER = 'command = "TransferCustomer", customer_id = { id = ["customer", "{id}"] }'
UPDATES = f'update = [{{ {TRANSFER}, owner = {{ column = "owner", required = true }} }}]\n'


def known(how: str, *, update: str = "") -> str:
    return PEOPLE.replace('from = "people"\n', f'from = "people"\nknown = "{how}"\n{update}')


def test_rows_about_what_is_known_are_skipped_where_the_mapping_says_so(imports: Importing) -> None:
    imports.run(PEOPLE, {"people.csv": FOUR})
    report = imports.run(known("skip"), {"people.csv": FOUR})
    assert report.figures["known"] == {"skipped": 2}
    assert report.figures["skipped"] == {"known": 2}
    assert report.figures["units"] == report.figures["used"] == 0


def test_rows_about_what_is_known_update_it_where_the_mapping_says_so(imports: Importing) -> None:
    imports.run(PEOPLE, {"people.csv": FOUR})
    rows = ["1,Ann,lee", "9,New,lee", "2,Bo,kim", "1,Ann,max"]
    newer = "id,name,owner,since\n" + "".join(f"{row},01.02.2024\n" for row in rows)
    report = imports.run(known("update", update=UPDATES), {"people.csv": newer})
    assert report.figures["known"] == {"updated": 3}
    assert report.figures["commands"] == {"RegisterCustomer": 1, "TransferCustomer": 3}
    assert report.figures["used"] == 4
    assert imports.topics()[2:].count("customer.ownership_transferred") == 3


def test_a_key_that_comes_twice_counts_once(imports: Importing) -> None:
    twice = FOUR + "1,Other,kim,01.02.2024\n"
    assert imports.run(PEOPLE, {"people.csv": twice}).figures["rejected"]["customer.exists"] == 1


def test_what_a_command_refuses_is_told_by_the_cell_it_came_from(imports: Importing) -> None:
    text = f"id,name,owner,since\n1,{'x' * 300},kim,01.02.2024\n2,Bo\u202e,kim,01.02.2024\n"
    report = imports.run(PEOPLE, {"people.csv": text})
    assert [(r["line"], r["column"], r["code"]) for r in rejects_in(report.rejects)] == [
        ("2", "name", "text.too_long"), ("3", "name", "text.bidi_control"),
    ]  # fmt: skip
    assert "xxx" not in report.rejects.read_text()


ORDERS = """
[files.lines]
match = "lines.csv"
[[rows]]
from = "lines"
group = ["order"]
[[rows.do]]
command = "PlaceOrder"
order_id = { id = ["order", "{order}"] }
kind = { column = "kind", default = "sale" }
number = "order"
at = { column = "at", time = "iso" }
[rows.do.lines.each]
sku = "sku"
quantity = { column = "quantity", number = "decimal", required = true }
amount = { column = "amount", number = "decimal", required = true }
"""


def test_a_line_of_a_group_is_named_where_the_command_refuses_it(imports: Importing) -> None:
    text = (
        "order,kind,at,sku,quantity,amount\n"
        "1,,2024-01-01,a,1,2\n2,,2024-01-01,b,1,2\n1,,2024-01-01,c,1.23456,3\n"
        "3,gift,2024-01-01,d,1,1\n"
    )
    report = imports.run(ORDERS, {"lines.csv": text})
    assert [(r["line"], r["column"], r["code"]) for r in rejects_in(report.rejects)] == [
        ("2", "", "group.rejected"), ("4", "quantity", "money.scale"),
        ("5", "kind", "field.choice"),
    ]  # fmt: skip
    assert report.figures["rejected"] == {"group.rejected": 1, "money.scale": 1, "field.choice": 1}


def test_history_that_breaks_todays_rules_comes_in_with_findings(imports: Importing) -> None:
    text = (
        "order,kind,at,sku,quantity,amount\n"
        "1,sale,2024-01-01,a,-1,-2\n2,sale,2024-01-01,b,1,2\n3,sale,2024-01-01,b,-1,2\n"
    )
    report = imports.run(ORDERS, {"lines.csv": text})
    assert report.figures["findings"] == {"order.negative_line": 2}
    assert report.figures["rejected"] == {}


PIPELINE = """
[[setup]]
command = "PublishPipeline"
pipeline_id = { id = ["pipeline"] }
name = "sales"
stages = [
    { name = "Open", probability = "0.5" }, { name = "Won", kind = "won" },
    { name = "Lost", kind = "lost" },
]
"""


def test_the_setup_goes_before_every_row_and_is_said_again_without_harm(
    imports: Importing,
) -> None:
    report = imports.run(PIPELINE + PEOPLE, {"people.csv": FOUR})
    assert imports.topics()[0] == "pipeline.published"
    assert report.figures["commands"] == {"PublishPipeline": 1, "RegisterCustomer": 2}
    more = FOUR.replace("1,", "11,").replace("2,B", "12,B")
    assert imports.run(PIPELINE + PEOPLE, {"people.csv": more}).figures["used"] == 2


def test_a_refused_setup_stops_the_import_before_its_first_row(imports: Importing) -> None:
    toml = '[[setup]]\ncommand = "RenameCustomer"\ncustomer_id = { id = ["nobody"] }\nname = "x"\n'
    with pytest.raises(Refused) as refusal:
        imports.run(toml + PEOPLE, {"people.csv": FOUR})
    assert refusal.value.code == "customer.not_found"
    assert imports.world.topics() == ["import.started", "import.failed"]


def test_nothing_is_begun_where_a_line_is_taken_by_no_rule(imports: Importing) -> None:
    toml = PEOPLE.replace("[[rows.do]]", 'where = { owner = "kim" }\n[[rows.do]]', 1)
    with pytest.raises(Unaccounted):
        imports.run(toml, {"people.csv": FOUR})
    assert imports.world.topics() == []


def test_two_runs_of_one_import_are_kept_apart(imports: Importing) -> None:
    inner: list[Any] = []

    def again(_: int) -> None:
        with pytest.raises(Conflict) as refusal:
            imports.run(PEOPLE, {"people.csv": FOUR})
        inner.append(refusal.value.code)

    imports.run(PEOPLE, {"people.csv": FOUR}, progress=again)
    assert set(inner) == {"import.running"}


def test_a_rehearsal_tells_what_would_happen_and_writes_nothing_to_the_log(
    imports: Importing,
) -> None:
    whole = mapping(PEOPLE)
    folder = written(imports.folder, {"people.csv": FOUR})
    with PlanAside(whole, files_in(folder, whole), folder=folder) as plan:
        rehearsed = rehearse(plan, folder)
    assert imports.world.topics() == []
    assert rehearsed.is_rehearsal
    rejects = rejects_in(rehearsed.rejects)
    report = imports.run(PEOPLE, {"people.csv": FOUR})
    assert rehearsed.figures == report.figures
    assert rejects == rejects_in(report.rejects)


def test_an_odd_header_and_file_name_do_not_spoil_the_report(imports: Importing) -> None:
    toml = PEOPLE.replace('match = "people.csv"', 'match = "*.csv"')
    header = f"id,name,owner,since,{'x' * 300},{'x' * 300},a\u202eb"
    text = f"{header}\n1,Ann,kim,01.02.2024,,,\n"
    columns = imports.run(toml, {"p\u202e\tq.csv": text}).figures["files"][0]["columns"]
    assert columns[4:] == ["x" * 200, "x" * 198 + " 2", "a_b"]
