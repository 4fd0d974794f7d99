"""The command line: what it does, what it prints, and how it ends."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from crm_es import bootstrap
from crm_es.log.envelope import new_id
from crm_es.log.lock import WriterLock
from crm_es.settings import Settings
from shell import crm_es

ADA = "018f2f6e-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tenant with one customer, who has called twice."""
    folder = tmp_path_factory.mktemp("tenant")
    assert crm_es("init", "--name", "Blanc & Co", data=folder).code == 0
    registered = crm_es("do", "RegisterCustomer", f"customer_id={ADA}", "name=Ada", data=folder)
    assert registered.code == 0
    for day in ("2026-01-05", "2026-02-05"):
        told = ("direction=inbound", "result=answered", f"at={day}T08:30:00Z")
        assert crm_es("do", "RecordCall", f"customer_id={ADA}", *told, data=folder).code == 0
    return folder


def test_a_command_is_done_and_its_receipt_printed(folder: Path) -> None:
    id = new_id()
    first = crm_es("do", "RenameCustomer", f"customer_id={ADA}", "name=Ada B.", "--id", id,
                   "--json", data=folder)  # fmt: skip
    assert (first.code, first.json["command_id"], first.json["version"]) == (0, str(id), 2)
    again = crm_es("do", "RenameCustomer", f"customer_id={ADA}", "name=Ada B.", "--id", id,
                   "--json", data=folder)  # fmt: skip
    assert again.json == first.json


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("do", "NoSuchCommand"), 2, "There is no command"),
        (("do", "Customer"), 2, "Near: RegisterCustomer"),
        (("do", "RenameCustomer", "name"), 2, "key=value is expected"),
        (("do", "RenameCustomer", "colour=red"), 2, "colour"),
        (("do", "RegisterCustomer", f"customer_id={ADA}"), 3, "customer.exists"),
        (("do", "RenameCustomer", f"customer_id={new_id()}", "name=X"), 4, "customer.not_found"),
        (("show", "customer", new_id()), 4, "customer.not_found"),
        (("show", "unicorn", ADA), 3, "There is no unicorn"),
        (("show", "customer", "nonsense"), 2, "valid UUID"),
        (("timeline", new_id()), 4, "Nothing is known"),
        (("pipeline", new_id()), 4, "There is no pipeline"),
        (("imports", "show", new_id()), 4, "There is no import"),
        (("imports", "revert", new_id(), "--reason", "x"), 4, "There is no import"),
        (("import", "no_such_mapping", "x.csv"), 4, "mapping.unknown"),
        (("import", "cdnow", "no_such_file.csv"), 3, "There is no file"),
        (("sql", "delete from fact_call"), 3, "sql.not_one_select"),
        (("restore", "nowhere"), 3, "no whole backup"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_a_code(
    folder: Path, arguments: tuple[object, ...], code: int, told: str
) -> None:
    ran = crm_es(*arguments, data=folder)
    assert (ran.code, told in ran.err) == (code, True), ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("doctor",), ("verify",), ("export",), ("show", "customer", ADA), ("demo",),
     ("do", "RegisterCustomer"), ("sql", "select 1"), ("rebuild",), ("backup", "elsewhere")],
)  # fmt: skip
def test_where_there_is_no_tenant_it_says_so(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    if arguments == ("demo",):
        return  # it makes one
    ran = crm_es(*arguments, data=tmp_path)
    assert ran.code == 4
    assert "crm-es init" in ran.err


def test_the_folder_may_come_from_the_environment(folder: Path) -> None:
    ran = crm_es("status", "--json", CRM_ES_DATA=str(folder))
    assert ran.json["name"] == "Blanc & Co"


def test_a_wrong_setting_is_named(folder: Path) -> None:
    ran = crm_es("status", data=folder, CRM_ES_BUSINESS_ZONE="Nowhere/Land")
    assert ran.code == 2
    assert "business_zone" in ran.err


def test_everything_recorded_is_shown_without_a_server(folder: Path) -> None:
    shown = crm_es("show", "customer", ADA, "--json", data=folder).json
    assert shown["figures"]["calls"] == 2
    then = crm_es("show", "customer", ADA, "--as-of", "2026-01-31", "--json", data=folder).json
    assert then["figures"]["calls"] == 1
    assert not then["is_registered"]
    lines = crm_es("timeline", ADA, "--json", data=folder).json["items"]
    assert sum(line["topic"] == "call.recorded" for line in lines) == 2
    (call,) = {line["topic"]: line for line in lines if line["topic"] == "call.recorded"}.values()
    assert "Inbound call" in call["line"]


def test_facts_are_asked_in_sql(folder: Path) -> None:
    ran = crm_es("sql", "select sum(calls) as calls from fact_call", "--json", data=folder)
    assert ran.json["rows"] == [{"calls": 2}] or ran.json["rows"] == [{"calls": "2"}]
    crm_es("do", "RecordCall", "direction=inbound", "result=missed", data=folder)
    stale = crm_es("sql", "select count(*) as n from fact_call", data=folder)
    assert "--fresh makes a new snapshot" in stale.err
    fresh = crm_es("sql", "select sum(calls) as n from fact_call", "--fresh", data=folder)
    assert "--fresh" not in fresh.err


def test_read_models_are_thrown_away_and_made_anew(folder: Path) -> None:
    assert crm_es("rebuild", data=folder).code == 0
    told = crm_es("verify", "--json", data=folder)
    assert (told.code, told.json["differences"]) == (0, [])
    assert told.json["compared"] > 0


def test_a_row_that_drifted_is_found(folder: Path) -> None:
    crm_es("verify", data=folder)
    settings = Settings(data=folder)
    build = max((settings.folder.views).glob("build-*.sqlite"))
    with sqlite3.connect(build) as db:
        db.execute("update customer set owner = 'nobody'")
    found = crm_es("verify", "--json", data=folder)
    assert (found.code, found.json["differences"][0]["view"]) == (1, "customers")
    assert crm_es("rebuild", "views", data=folder).code == 0
    assert crm_es("verify", data=folder).code == 0


def test_the_log_is_exported_sealed_unless_told_otherwise(folder: Path) -> None:
    lines = [orjson.loads(line) for line in crm_es("export", data=folder).out.splitlines()]
    assert [line["position"] for line in lines] == list(range(1, len(lines) + 1))
    (first,) = [line for line in lines if line["topic"] == "customer.registered"]
    assert first["data"]["name"].startswith("~1.")
    clear = crm_es("export", "--clear", "--customer", ADA, data=folder).out
    assert '"name":"Ada"' in clear


def test_a_backup_is_put_back_as_another_life_of_the_log(folder: Path, tmp_path: Path) -> None:
    kept, back = tmp_path / "kept", tmp_path / "back"
    assert crm_es("backup", kept, data=folder).code == 0
    assert not (kept / "master.key").exists()
    assert crm_es("restore", kept, data=back).code == 0
    (back / "master.key").write_bytes((folder / "master.key").read_bytes())
    status = crm_es("status", "--json", data=back).json
    assert status["generation"] == 2
    assert crm_es("show", "customer", ADA, "--json", data=back).json["figures"]["calls"] == 2


def test_somebody_who_writes_is_named(folder: Path) -> None:
    with WriterLock(Settings(data=folder).folder.writer_lock):
        ran = crm_es("do", "RegisterCustomer", data=folder)
    assert ran.code == 3
    assert f"Process {os.getpid()} is already the writer" in ran.err


def test_the_doctor_tells_of_what_is_wrong_but_no_secret(folder: Path) -> None:
    well = crm_es("doctor", "--json", data=folder)
    assert well.code == 0
    master = folder / "master.key"
    secret = master.read_bytes()
    assert secret.hex() not in well.out
    master.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IROTH)
    loose = crm_es("doctor", "--json", data=folder)
    assert loose.code == 1
    assert "permissions" in {one["what"] for one in loose.json if one["verdict"] == "bad"}
    master.chmod(stat.S_IRUSR | stat.S_IWUSR)
    master.write_bytes(bytes(32))
    assert crm_es("doctor", data=folder).code == 1
    master.write_bytes(secret)
    key = "shop:s3cr3t-k3y-0123456789-abcdefghijklmnopqrstuv"
    told = crm_es("doctor", data=folder, CRM_ES_API_KEYS=key)
    assert "1 API keys are set" in told.out
    assert "s3cr3t" not in told.out + told.err


def test_a_file_is_rehearsed_imported_listed_and_taken_back(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "orders.txt"
    bootstrap.init(Settings(data=data))
    file.write_text(
        "customer_id date number_of_cds dollar_value\n"
        " 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n 00002 19970112  5   77.00\n"
    )
    told = crm_es("import", "cdnow", file, "--dry-run", "--json", data=data)
    assert (told.code, told.json["rows"], told.json["used"]) == (0, 3, 3), told.err
    assert crm_es("status", "--json", data=data).json["position"] == 0
    done = crm_es("import", "cdnow", file, "--json", data=data)
    assert (done.code, done.json["commands"]["PlaceOrder"]) == (0, 3)
    again = crm_es("import", "cdnow", file, "--json", data=data)
    assert again.json["is_repeat"]
    (listed,) = crm_es("imports", "list", "--json", data=data).json
    assert (listed["id"], listed["state"]) == (done.json["import_id"], "committed")
    assert crm_es("imports", "show", listed["id"], data=data).code == 0
    back = crm_es("imports", "revert", listed["id"], "--reason", "a try", "--json", data=data)
    assert back.json["taken_back"]["order"] == 3
    assert crm_es("imports", "list", "--json", data=data).json[0]["state"] == "reverted"


def test_a_row_that_stands_still_is_named_and_goes_on_when_it_is_tried_again(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path)
    crm_es("init", data=tmp_path)
    crm_es("do", "RegisterCustomer", f"customer_id={ADA}", "name=Ada", data=tmp_path)
    assert crm_es("unpark", data=tmp_path).code == 0
    follow = bootstrap.open_follow(settings, lambda _: None)  # a server, that tries nothing again
    with sqlite3.connect(next((tmp_path / "views").glob("build-*.sqlite"))) as db:
        db.execute("delete from customer")
        parked = ("customers", UUID(ADA).bytes, 1, "ValueError")
        db.execute("insert into parked values(?,?,?,?)", parked)
    told = crm_es("status", "--json", data=tmp_path).json["parked"]
    assert told == [{"view": "customers", "id": ADA, "since": 1, "why": "ValueError"}]
    other = crm_es("unpark", "calls", "--json", data=tmp_path)
    assert (other.code, other.json["going_on"], other.json["set_aside"]) == (1, 0, 1)
    assert crm_es("unpark", "customers", ADA, "--json", data=tmp_path).json["going_on"] == 1
    follow.close()
    assert crm_es("verify", data=tmp_path).code == 0
    assert crm_es("unpark", "nonsense", data=tmp_path).code == 4


def test_sums_and_times_are_written_for_people_and_whole_in_json(folder: Path) -> None:
    at = "at=2026-03-01T10:20:30Z"
    line = '[{"sku": "TEA", "quantity": "3", "unit_price": "500.5"}]'
    placed = ("PlaceOrder", f"customer_id={ADA}", "currency=EUR", f"lines={line}", at)
    assert crm_es("do", *placed, data=folder).code == 0
    told = crm_es("show", "customer", ADA, data=folder).out
    assert "2026-03-01 10:20" in told
    assert "1,501.50" in told
    (order,) = crm_es("show", "customer", ADA, "--json", data=folder).json["orders"]
    assert (order["at"], order["amount"]) == ("2026-03-01T10:20:30Z", "1501.5")
