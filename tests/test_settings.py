"""Settings: where they come from, which goes first, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crm_es import bootstrap
from crm_es.settings import Settings

KEY = "s3cr3t-k3y-0123456789-abcdefghijklmnopqrstuv"


def test_what_is_handed_in_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tenant.toml").write_text('currency = "CNY"\nname = "A"\nfiscal_year_start = 4\n')
    monkeypatch.setenv("CRM_ES_DATA", str(tmp_path))
    monkeypatch.setenv("CRM_ES_NAME", "B")
    monkeypatch.setenv("CRM_ES_FISCAL_YEAR_START", "7")
    found = Settings(fiscal_year_start=10)
    assert (found.currency, found.name, found.fiscal_year_start) == ("CNY", "B", 10)


def test_init_writes_down_the_company_once(tmp_path: Path) -> None:
    name = 'Smith & "Sons"'
    assert bootstrap.init(Settings(data=tmp_path, name=name, business_zone="Asia/Shanghai"))
    found = Settings(data=tmp_path)
    assert (found.name, str(found.zone)) == (name, "Asia/Shanghai")
    assert not bootstrap.init(Settings(data=tmp_path, name="another"))
    assert Settings(data=tmp_path).name == name
    assert (tmp_path / "master.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"business_zone": "Mars/Olympus"},
        {"currency": "euro"},
        {"fiscal_year_start": 13},
        {"port": 70_000},
        {"api_keys": "changeme"},
        {"api_keys": f"{KEY}"},
        {"api_keys": "erp:" + "a" * 50},
        {"unheard_of": 1},
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**{"data": tmp_path, **wrong})


def test_a_setting_that_is_no_setting_is_noticed_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "tenant.toml").write_text('curency = "EUR"\n')
    with pytest.raises(ValidationError):
        Settings(data=tmp_path)


def test_keys_are_told_to_nobody(tmp_path: Path) -> None:
    found = Settings(data=tmp_path, api_keys=f"erp:{KEY}, shop:{KEY}x")
    assert len(found.api_keys) == 2
    assert KEY not in repr(found)
    assert KEY not in str(found.model_dump())


def test_nothing_is_opened_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(bootstrap.NoTenant, match="crm-es init"):
        bootstrap.open_submitter(Settings(data=tmp_path))
    assert list(tmp_path.iterdir()) == []
