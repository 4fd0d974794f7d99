"""A backup is whole, is checked before it is believed, and comes back as a new generation."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from crm_es.log.backup import NotABackup, back_up, check, restore
from crm_es.log.envelope import new_id
from crm_es.log.export import lines
from crm_es.log.keys import KeyStore
from crm_es.log.sealing import Sealer
from crm_es.log.sqlite import SQLiteLog
from world import MASTER, World


@pytest.fixture
def filled(world: World) -> World:
    for _ in range(20):
        world.do("RegisterCustomer", customer_id=new_id(), name="Ann Smith")
    return world


def test_what_was_backed_up_comes_back_and_can_be_read(filled: World, tmp_path: Path) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    backup = back_up(filled.folder, kept)
    before = filled.log.read(0, 100)
    filled.do("RegisterCustomer", customer_id=new_id(), name="Too late")
    restore(kept, new)
    log = SQLiteLog(new / "log.sqlite")
    assert backup.position == 20
    assert log.read(0, 100) == before
    assert log.generation() != filled.log.generation()
    sealer = Sealer(KeyStore(new / "keys.sqlite", MASTER))
    assert {sealer.open(orjson.loads(r.data)["name"]) for r in before} == {"Ann Smith"}
    log.close()


def test_a_damaged_backup_is_refused(filled: World, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    back_up(filled.folder, kept)
    check(kept)
    raw = bytearray((kept / "log.sqlite").read_bytes())
    raw[len(raw) // 2] ^= 1
    (kept / "log.sqlite").write_bytes(raw)
    with pytest.raises(NotABackup):
        restore(kept, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(filled: World, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    back_up(filled.folder, kept)
    with pytest.raises(NotABackup):
        back_up(filled.folder, kept)
    with pytest.raises(NotABackup):
        restore(kept, filled.folder)
    with pytest.raises(NotABackup):
        restore(tmp_path / "nowhere", tmp_path / "new")


def test_an_export_has_a_line_per_event_and_opens_names_only_when_asked(filled: World) -> None:
    records = filled.log.read(0, 100)
    sealed = [orjson.loads(line) for line in lines(records)]
    clear = [orjson.loads(line) for line in lines(records, filled.crm.sealer.open)]
    assert [line["position"] for line in sealed] == list(range(1, 21))
    assert all(line["data"]["name"].startswith("~1.") for line in sealed)
    assert {line["data"]["name"] for line in clear} == {"Ann Smith"}
    filled.keys.destroy(records[0].subjects)
    filled.crm.sealer.forget(filled.crm.event_of(records[0]).originator_id)
    assert orjson.loads(next(lines(records, filled.crm.sealer.open)))["data"]["name"] is None
