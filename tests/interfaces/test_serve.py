"""A whole server: four processes, killed one by one while commands go on, and nothing is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from crm_es import bootstrap
from crm_es.settings import Settings
from serving import Serving, serving, until
from shell import crm_es


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bootstrap.init(Settings(data=tmp_path))
    return tmp_path


@pytest.mark.slow
def test_what_is_killed_comes_back_and_nothing_is_lost(folder: Path) -> None:
    with serving(folder) as server:
        assert set(server.parts()) == {"log", "api", "follow", "facts"}
        known = [server.register()]
        for name in ("follow", "facts", "log", "api"):
            before = server.parts()[name]
            os.kill(before, signal.SIGKILL)
            until(lambda n=name, b=before: server.parts().get(n, b) != b)
            until(lambda: server.client.get("/readyz").json()["status"] == "ready")
            known.append(server.register())
        assert all(server.knows(*one) for one in known)
        position = known[-1][1]
        table = server.client.get("/v1/facts/dim_customer.csv", params={"min_position": position})
        assert table.status_code == 200
        assert all(id in table.text for id, _ in known)


@pytest.mark.slow
def test_it_stops_in_order_and_leaves_nothing_running(folder: Path) -> None:
    server = Serving(folder)
    customer = server.register()
    running = server.parts().values()
    assert server.stop(signal.SIGINT) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in running)
    with serving(folder) as again:
        assert again.knows(*customer)


@pytest.mark.slow
def test_children_end_when_the_supervisor_is_killed(folder: Path) -> None:
    server = Serving(folder)
    running = list(server.parts().values())
    server.stop(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))


@pytest.mark.slow
def test_a_second_server_on_the_folder_is_refused_and_the_command_line_goes_through_the_first(
    folder: Path,
) -> None:
    with serving(folder) as server:
        second = crm_es("serve", "--port", "0", data=folder)
        assert second.code == 3
        assert "is already the writer" in second.err
        other = crm_es("init", data=folder / "other")
        taken = crm_es("serve", "--port", server.client.base_url.port, data=folder / "other")
        assert (other.code, taken.code) == (0, 3)
        assert "Nobody can listen" in taken.err
        done = crm_es("do", "RegisterCustomer", "name=Ann Example", "--json", data=folder)
        assert server.knows(done.json["stream_id"], done.json["position"])


def test_without_a_key_only_this_machine_is_served(folder: Path) -> None:
    refused = crm_es("serve", "--host", "0.0.0.0", data=folder)  # noqa: S104 - it is refused
    assert refused.code == 3
    assert "set an API key first" in refused.err


def test_where_there_is_no_tenant_nothing_is_served(tmp_path: Path) -> None:
    refused = crm_es("serve", data=tmp_path)
    assert refused.code == 4
    assert "crm-es init" in refused.err
