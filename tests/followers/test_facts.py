"""The facts follower keeps to its log, sets aside what is damaged, and touches nothing else."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

import duckdb
import pytest

import samples
from crm_es.aggregates import EVENTS
from crm_es.log.recorder import Gap
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections.facts.files import Damaged, FactsRunning, watching
from fact_store import SMALL, Facts, facts_of

COUNT = 1_500


@pytest.fixture(scope="module")
def rows() -> list[tuple[Any, ...]]:
    return list(samples.rows(list(EVENTS), COUNT, Random(2)))


@pytest.fixture
def log(tmp_path: Path, rows: list[tuple[Any, ...]]) -> Iterator[SQLiteLog]:
    log = SQLiteLog(tmp_path / "log.sqlite")
    log.create_table()
    samples.append(log, rows[: COUNT // 2])
    yield log
    log.close()


@pytest.fixture
def whole(
    log: SQLiteLog, rows: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What the facts of the whole log are; the log itself holds half of it until asked."""
    folder = tmp_path_factory.mktemp("whole")
    other = SQLiteLog(folder / "log.sqlite")
    other.create_table()
    samples.append(other, rows)
    other.close()
    with facts_of(folder, SMALL) as facts:
        return facts.digest()


def grow(log: SQLiteLog, rows: list[tuple[Any, ...]]) -> None:
    samples.append(log, rows[COUNT // 2 :])


def test_a_follower_that_is_started_again_goes_on_where_it_was(
    log: SQLiteLog, tmp_path: Path, rows: list[tuple[Any, ...]], whole: dict[str, str]
) -> None:
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.follower.position == COUNT // 2
    grow(log, rows)
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.store.tables.found is not None
        assert facts.store.tables.found.position == COUNT // 2
        assert facts.digest() == whole


def test_facts_that_lost_their_tables_are_made_from_the_mirror(
    log: SQLiteLog, tmp_path: Path, rows: list[tuple[Any, ...]], whole: dict[str, str]
) -> None:
    grow(log, rows)
    with facts_of(tmp_path, SMALL):
        pass
    (tmp_path / "facts.duckdb").unlink()
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.digest() == whole


def test_a_mirror_that_is_lost_is_filled_again_and_the_facts_wait_for_it(
    log: SQLiteLog, tmp_path: Path, rows: list[tuple[Any, ...]], whole: dict[str, str]
) -> None:
    grow(log, rows)
    with facts_of(tmp_path, SMALL):
        pass
    (tmp_path / "mirror.duckdb").unlink()
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.digest() == whole
        assert facts.asked("select count(*) from mirror.event") == [(COUNT,)]


def test_facts_of_another_life_of_the_log_are_set_aside(
    log: SQLiteLog, tmp_path: Path, rows: list[tuple[Any, ...]], whole: dict[str, str]
) -> None:
    with facts_of(tmp_path, SMALL):
        pass
    log.begin_generation("restored")
    grow(log, rows)
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.store.tables.found is None
        assert facts.digest() == whole
    assert {path.name for path in tmp_path.glob("*.aside")} >= {
        "facts.duckdb.aside", "mirror.duckdb.aside",
    }  # fmt: skip


def test_a_log_that_ends_before_the_facts_do_is_another_log(
    log: SQLiteLog, tmp_path: Path, rows: list[tuple[Any, ...]]
) -> None:
    """A copy of the file, put back without telling anyone: same generation, fewer events."""
    with facts_of(tmp_path, SMALL):
        pass
    log.db.execute("delete from event where position > 100")
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.follower.position == 100
        assert facts.asked("select max(position) from mirror.event") == [(100,)]


def test_another_event_at_the_checkpoint_is_another_log(log: SQLiteLog, tmp_path: Path) -> None:
    with facts_of(tmp_path, SMALL):
        pass
    log.db.execute("update event set event_id = randomblob(16) where position = ?", (COUNT // 2,))
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.store.tables.found is None
        assert facts.follower.position == COUNT // 2


def test_a_gap_in_the_log_stops_the_follower(log: SQLiteLog, tmp_path: Path) -> None:
    log.db.execute("delete from event where position = 500")
    facts = Facts(tmp_path, SMALL)
    with pytest.raises(Gap):
        facts.follow()
    facts.close()


@pytest.mark.parametrize("name", ["facts.duckdb", "mirror.duckdb"])
@pytest.mark.parametrize(
    "damage", ["truncated", "garbage", "empty", "header", "of another release"]
)
def test_a_damaged_file_is_set_aside_and_made_again_with_an_alarm(
    log: SQLiteLog, tmp_path: Path, name: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    with facts_of(tmp_path, SMALL) as facts:
        before = facts.digest()
    file = tmp_path / name
    size = file.stat().st_size
    content = bytearray(file.read_bytes())
    if damage == "truncated":
        content = content[: size // 2]
    elif damage == "garbage":
        content = bytearray(Random(1).randbytes(size))
    elif damage == "empty":
        content = bytearray(100)
    elif damage == "header":
        content[4_096:12_288] = bytes(8_192)
    else:
        content[12:20] = (9_999).to_bytes(8, "little")
    file.write_bytes(content)
    with caplog.at_level(logging.ERROR, "crm_es.facts"):
        assert recovered(tmp_path) == before
    assert "damaged and set aside" in caplog.text or damage == "truncated"
    assert (tmp_path / f"{name}.aside").exists()


@pytest.mark.parametrize("name", ["facts.duckdb", "mirror.duckdb"])
def test_a_damaged_block_is_found_whenever_it_is_read(
    log: SQLiteLog, tmp_path: Path, name: str
) -> None:
    """At opening, or later by whoever reads it; then the next start makes the files again."""
    with facts_of(tmp_path, SMALL) as facts:
        before = facts.digest()
    file = tmp_path / name
    content = bytearray(file.read_bytes())
    for start in range(3 * 4_096 + 8_192, len(content) - 8_192, 262_144):
        content[start : start + 4_096] = bytes(4_096)
    file.write_bytes(content)
    assert recovered(tmp_path) == before
    assert (tmp_path / f"{name}.aside").exists()


def recovered(folder: Path) -> dict[str, str]:
    """Open and read everything; where that finds damage, start again as the process does."""
    facts = Facts(folder, SMALL)
    try:
        with watching():
            facts.follow()
            assert facts.store.tables.differing() == []
            found = facts.digest()
    except Damaged:
        facts.close()
        facts.store.condemn()
        facts = Facts(folder, SMALL).follow()
        found = facts.digest()
    facts.close()
    return found


def test_files_another_process_owns_are_left_alone_and_it_is_named(
    log: SQLiteLog, tmp_path: Path
) -> None:
    with facts_of(tmp_path, SMALL), pytest.raises(FactsRunning, match=r"Process \d+ already owns"):
        Facts(tmp_path, SMALL)
    assert not list(tmp_path.glob("*.aside"))


def test_a_file_somebody_has_open_in_another_tool_is_no_damage(
    log: SQLiteLog, tmp_path: Path
) -> None:
    """A notebook has opened the file itself, without our lock: an error, and nothing is touched."""
    with facts_of(tmp_path, SMALL):
        pass
    before = (tmp_path / "facts.duckdb").read_bytes()
    program = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]);"
        "print('open', flush=True); time.sleep(60)"
    )
    notebook = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(tmp_path / "facts.duckdb")], stdout=subprocess.PIPE
    )
    try:
        assert notebook.stdout is not None
        notebook.stdout.readline()
        with pytest.raises(duckdb.IOException, match="lock"):
            Facts(tmp_path, SMALL)
    finally:
        notebook.kill()
        notebook.wait()
    assert not list(tmp_path.glob("*.aside"))
    assert (tmp_path / "facts.duckdb").read_bytes() == before
    with facts_of(tmp_path, SMALL) as facts:
        assert facts.follower.position == COUNT // 2


def test_it_follows_a_growing_log_and_does_what_it_is_asked_between_batches(
    log: SQLiteLog, tmp_path: Path, rows: list[tuple[Any, ...]], whole: dict[str, str]
) -> None:
    facts, stop = Facts(tmp_path, SMALL), threading.Event()
    thread = threading.Thread(target=facts.follower.run, args=(stop,))
    thread.start()
    asked = facts.follower.soon(lambda: facts.store.tables.rebuild("fact_call"))
    grow(log, rows)
    deadline = monotonic() + 30
    while facts.follower.position < COUNT and monotonic() < deadline:
        sleep(0.01)
    asked.result(timeout=30)
    stop.set()
    thread.join(30)
    assert facts.digest() == whole
    facts.close()
