"""A revert is begun by a command, and brought to its end by the server, whatever is killed."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from crm_es import bootstrap
from crm_es.settings import Settings
from serving import Serving, serving, until

PEOPLE = 3_000
HEADER = (
    "recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,"
    "spend\n"
)
LINE = "10,2) $100 - $200,{n}.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0\n"
TAKEN_BACK = {"campaign": 1, "campaign_member": PEOPLE, "customer": PEOPLE}


def brought_in(server: Serving) -> str:
    """The id of an import that is committed."""
    lines = HEADER + "".join(LINE.format(n=n) for n in range(PEOPLE))
    answer = server.client.post(
        "/v1/imports", params={"mapping": "hillstrom"}, content=lines.encode(),
        headers={"Content-Type": "text/csv"}, timeout=60,
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    id: str = answer.json()["import_id"]
    until(lambda: import_of(server, id)["state"] == "committed")
    return id


def import_of(server: Serving, id: str) -> Any:
    answer = server.client.get(f"/v1/imports/{id}")
    return answer.json() if answer.status_code == 200 else {"state": None}


def revert(server: Serving, id: str) -> int:
    """Begin it; the position it has begun at."""
    body = {"import_id": id, "reason": "wrong_file"}
    headers = {"X-Actor": "ann"}
    answer = server.client.post("/v1/commands/RevertImport", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    return position


def expect_all_gone(server: Serving, id: str, begun_at: int) -> None:
    until(lambda: import_of(server, id)["state"] == "reverted")
    told = import_of(server, id)
    assert (told["taken_back"], set(told["kept"])) == (TAKEN_BACK, {"field_definition"})
    assert server.client.get("/v1/customers").json()["items"] == []
    first = server.client.get(f"/v1/events/{begun_at + 1}").json()
    assert (first["topic"], first["actor"]) == ("campaign_member.retracted", "ann")


@pytest.mark.slow
def test_a_revert_begun_over_http_comes_to_its_end(tmp_path: Path) -> None:
    bootstrap.init(Settings(data=tmp_path))
    with serving(tmp_path) as server:
        id = brought_in(server)
        begun_at = revert(server, id)
        expect_all_gone(server, id, begun_at)


@pytest.mark.slow
def test_a_revert_that_was_killed_in_the_middle_is_gone_on_with(tmp_path: Path) -> None:
    bootstrap.init(Settings(data=tmp_path))
    server = Serving(tmp_path)
    id = brought_in(server)
    begun_at = revert(server, id)
    until(lambda: server.client.get(f"/v1/events/{begun_at + 1}").status_code == 200)
    server.stop(signal.SIGKILL)
    log = bootstrap.open_log(Settings(data=tmp_path))
    done = log.head().position - begun_at
    assert 0 < done < sum(TAKEN_BACK.values())
    with serving(tmp_path) as again:
        expect_all_gone(again, id, begun_at)
        end = begun_at + sum(TAKEN_BACK.values()) + 1
        assert again.client.get(f"/v1/events/{end}").json()["topic"] == "import.reverted"
        assert again.client.get(f"/v1/events/{end + 1}").status_code == 404
