"""The facts process: it answers at its live position, on its own files, and starts again whole."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import duckdb
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_es import bootstrap
from crm_es.errors import Unavailable
from crm_es.interfaces.facts.remote import FactsLine
from crm_es.log.envelope import new_id
from crm_es.projections.facts.snapshot import current
from crm_es.settings import Settings
from world import command, submission

PROCESS = """
import sys
from crm_es import bootstrap
from crm_es.settings import Settings
sys.exit(not bootstrap.facts_process(Settings(data=sys.argv[1])))
"""
RISKY = "=cmd|' /C calc'!A0"


class Tenant:
    """A folder with a writer of its own, and the way to its facts process."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=folder)
        bootstrap.init(self.settings)
        self._own = bootstrap.OwnCrm(self.settings)
        self.socket = bootstrap.facts_socket(self.settings)
        transport = httpx.HTTPTransport(uds=str(self.socket))
        self.client = httpx.Client(transport=transport, base_url="http://facts", timeout=60)
        self.line = FactsLine(self.socket)

    def do(self, name: str, /, **body: Any) -> int:
        return self._own.crm.execute(submission(command(name, **body))).position

    def place(self, amount: str = "3") -> int:
        line = {"sku": RISKY, "quantity": "1", "amount": amount}
        return self.do("PlaceOrder", order_id=new_id(), channel="shop", lines=[line])

    def start(self) -> subprocess.Popen[bytes]:
        source = str(Path(bootstrap.__file__).parents[2])
        self.socket.unlink(missing_ok=True)
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", PROCESS, str(self.settings.data)],
            env={**os.environ, "PYTHONPATH": source},
        )
        deadline = monotonic() + 60
        while not self.socket.exists():
            assert process.poll() is None
            assert monotonic() < deadline
            sleep(0.02)
        return process

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start()
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(30) == 0

    def read(self, path: str, position: int = 0, **more: Any) -> httpx.Response:
        """An answer at a position or beyond; while the facts are not there it is asked again."""
        deadline = monotonic() + 60
        while True:
            answer = self.client.get(path, params={"min_position": position, **more})
            if answer.status_code != 503 or monotonic() > deadline:
                return answer

    def close(self) -> None:
        self.client.close()
        self._own.close()


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    """One for all tests that leave it as it is; its process runs."""
    tenant = Tenant(tmp_path_factory.mktemp("tenant"))
    for amount in range(1, 6):
        tenant.place(str(amount))
    with tenant.running():
        yield tenant
    tenant.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Tenant]:
    tenant = Tenant(tmp_path)
    yield tenant
    tenant.close()


def test_the_facts_there_are_come_with_their_columns_and_what_they_are(tenant: Tenant) -> None:
    answer = tenant.read("/v1/facts", 5).json()
    found = {fact["name"]: fact for fact in answer["facts"]}
    assert answer["position"] >= 5
    assert found["fact_order_line"]["kind"] == "fact"
    assert found["dim_customer"]["kind"] == "view"
    assert "Grain:" in found["fact_order_line"]["about"]
    assert {"name": "amount", "type": "DECIMAL(18,6)"} in found["fact_order_line"]["columns"]
    assert "opportunity_at" not in found


def test_a_table_comes_as_parquet_arrow_and_csv_at_its_position(tenant: Tenant) -> None:
    position = tenant.place("9.5")
    path = "/v1/facts/fact_order_line"
    parquet = tenant.read(f"{path}.parquet", position)
    assert int(parquet.headers["x-position"]) >= position
    assert float(parquet.headers["x-age"]) < 5
    assert 'filename="fact_order_line.parquet"' in parquet.headers["content-disposition"]
    rows = pq.read_table(io.BytesIO(parquet.content)).to_pylist()
    arrow = pa.ipc.open_stream(tenant.read(f"{path}.arrow", position).content).read_all()
    assert sorted(map(str, arrow.to_pylist())) == sorted(map(str, rows))
    text = tenant.read(f"{path}.csv", position).text
    cells = list(csv.DictReader(io.StringIO(text)))
    assert {row["position"] for row in cells} == {str(row["position"]) for row in rows}
    assert {row["order_id"] for row in cells} == {str(row["order_id"]) for row in rows}


def test_a_cell_that_a_spreadsheet_would_run_is_text(tenant: Tenant) -> None:
    text = tenant.read("/v1/facts/fact_order_line.csv", tenant.place("-0")).text
    assert {row["sku"] for row in csv.DictReader(io.StringIO(text))} == {f"'{RISKY}"}
    assert all(not row["amount"].startswith("'") for row in csv.DictReader(io.StringIO(text)))


def test_a_view_is_a_table_too_and_both_can_be_had_as_of_a_position(tenant: Tenant) -> None:
    last = tenant.place()

    def orders(name: str, **more: Any) -> int:
        answer = tenant.read(f"/v1/facts/{name}.arrow", last, **more)
        return int(pa.ipc.open_stream(answer.content).read_all().num_rows)

    assert orders("order_life") == orders("fact_order") == last
    assert orders("order_life", as_of_position=3) == orders("fact_order", as_of_position=3) == 3


def test_our_own_questions_are_answered_by_name(tenant: Tenant) -> None:
    position = tenant.place("100")
    days = {"first_day": "1900-01-01", "last_day": "2199-01-01"}
    answer = tenant.read("/v1/questions/revenue_by_month", position, **days).json()
    assert answer["position"] >= position
    assert answer["columns"][:3] == ["month", "currency", "orders"]
    assert answer["rows"][0][1] == "EUR"
    moment = tenant.read("/v1/questions/pipeline_at", moment="2026-01-01T00:00:00Z").json()
    assert moment["rows"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/facts/fact_nothing.csv", 404, "fact.not_found"),
        ("/v1/facts/customer_versions.csv", 404, "fact.not_found"),
        ("/v1/facts/checkpoint.csv", 404, "fact.not_found"),
        ("/v1/facts/fact_call.xlsx", 404, "fact.not_found"),
        ("/v1/facts/fact_call.csv?min_position=x", 422, "position.format"),
        ("/v1/facts/fact_call.csv?min_position=-1", 422, "position.format"),
        ("/v1/facts/fact_call.csv?min_position=900000", 400, "position.unknown"),
        ("/v1/questions/nothing", 404, "question.not_found"),
        ("/v1/questions/pipeline_at", 422, "question.parameters"),
        ("/v1/questions/revenue_by_month?first_day=x&last_day=x", 422, "question.parameters"),
        ("/v1/questions/pipeline_at?moment=2026-01-01&x=1", 422, "question.parameters"),
    ],
)
def test_what_cannot_be_answered_says_why(
    tenant: Tenant, path: str, status: int, code: str
) -> None:
    tenant.read("/v1/facts")
    answer = tenant.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_parameter_that_makes_no_sense_is_pointed_at_whatever_the_facts_hold(
    tenant: Tenant, own: Tenant
) -> None:
    with own.running():
        for asked in (tenant, own):
            questions = asked.read("/v1/questions").json()["items"]
            assert {"pipeline_at", "revenue_by_month"} <= {one["name"] for one in questions}
            for one in questions:
                path = f"/v1/questions/{one['name']}"
                sensible: dict[str, Any] = dict.fromkeys(one["parameters"], "2026-01-01")
                for name in sensible:
                    answer = asked.read(path, **sensible | {name: "soon"})
                    assert (answer.status_code, answer.json()["pointer"]) == (422, f"/{name}")
                    assert "soon" not in answer.text


def test_it_answers_at_the_position_of_a_receipt_and_never_before(tenant: Tenant) -> None:
    for _ in range(20):
        position = tenant.place()
        answer = tenant.client.get(
            "/v1/questions/revenue_by_month",
            params={
                "min_position": position, "first_day": "1900-01-01", "last_day": "2199-01-01",
            },
        )  # fmt: skip
        if answer.status_code == 503:
            assert answer.json()["code"] == "facts.behind"
            assert answer.headers["retry-after"]
        else:
            found = answer.json()
            assert found["position"] >= position
            assert sum(row[2] for row in found["rows"]) >= position


def test_it_tells_how_it_stands(tenant: Tenant) -> None:
    tenant.read("/v1/facts", tenant.place())
    standing = tenant.line.standing()
    assert standing["position"] == standing["head"]
    assert (standing["parked"], standing["rejected"], standing["is_prepared"]) == ({}, 0, True)


def test_a_snapshot_is_published_on_demand_and_read_by_others(tenant: Tenant) -> None:
    position = tenant.place()
    tenant.read("/v1/facts", position)
    made = tenant.line.publish()
    assert made["position"] >= position
    assert str(current(tenant.settings.folder.snapshots).path) == made["path"]
    reader = duckdb.connect(made["path"], read_only=True)
    assert reader.execute("select position from snapshot").fetchall()[0][0] == made["position"]
    rows = reader.execute("select count(*) from order_life").fetchall()[0][0]
    assert rows == made["position"]
    reader.close()
    answer = bootstrap.ask_snapshot(tenant.settings, "select count(*) from fact_order")
    assert answer.rows == [[rows]]
    assert bootstrap.publish_facts(tenant.settings) >= made["position"]


def test_facts_are_built_again_on_request_while_others_read(tenant: Tenant) -> None:
    before = tenant.read("/v1/facts/fact_order.arrow", tenant.place()).content
    assert tenant.line.rebuild("fact_order")["rebuilt"] == ["fact_order"]
    again = pa.ipc.open_stream(tenant.read("/v1/facts/fact_order.arrow").content).read_all()
    assert again.num_rows == pa.ipc.open_stream(before).read_all().num_rows
    with pytest.raises(Unavailable) as unknown:
        tenant.line.rebuild("fact_nothing")
    assert unknown.value.code == "fact.not_found"


def test_only_this_user_may_open_its_socket(tenant: Tenant) -> None:
    assert tenant.socket.stat().st_mode & 0o077 == 0


def test_killed_it_starts_again_where_it_was(own: Tenant) -> None:
    own.place()
    process = own.start()
    own.read("/v1/facts", own.place())
    process.send_signal(signal.SIGKILL)
    process.wait()
    position = own.place()
    with own.running():
        answer = own.read("/v1/facts/fact_order.arrow", position)
        assert pa.ipc.open_stream(answer.content).read_all().num_rows == 3


def test_a_second_one_is_refused_and_told_of_the_first(own: Tenant) -> None:
    own.place()
    with own.running() as first:
        source = str(Path(bootstrap.__file__).parents[2])
        second = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", PROCESS, str(own.settings.data)],
            env={**os.environ, "PYTHONPATH": source}, capture_output=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert f"Process {first.pid} already owns the facts" in second.stderr.decode()
        own.read("/v1/facts", own.place())


def test_damage_that_a_question_meets_ends_the_process_and_the_next_is_whole(own: Tenant) -> None:
    for _ in range(50):
        own.place()
    with own.running():
        own.read("/v1/facts", 50)
    file = own.settings.folder.facts
    content = bytearray(file.read_bytes())
    for start in range(3 * 4_096 + 8_192, len(content) - 8_192, 262_144):
        content[start : start + 4_096] = bytes(4_096)
    file.write_bytes(content)
    for _ in range(2):  # it may be found at the start, or by the question
        process = own.start()
        try:
            answer = own.read("/v1/facts/fact_order.arrow", 50)
        except httpx.HTTPError:
            assert process.wait(30) == 1
            continue
        process.terminate()
        process.wait(30)
        if answer.status_code == 200:
            break
    assert pa.ipc.open_stream(answer.content).read_all().num_rows == 50
    assert file.with_name("facts.duckdb.aside").exists()


def test_nobody_answers_for_a_process_that_is_not_there(own: Tenant) -> None:
    with pytest.raises(Unavailable):
        own.line.standing()


def test_without_a_process_a_snapshot_is_made_here(own: Tenant) -> None:
    position = own.place()
    assert bootstrap.publish_facts(own.settings) == position
    answer = bootstrap.ask_snapshot(own.settings, "select count(*) from fact_order")
    assert answer.rows == [[1]]
