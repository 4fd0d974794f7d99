"""Every fact takes every event it can meet, live as in a rebuild, and its text runs as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import pytest

import samples
from crm_es.aggregates import EVENTS
from crm_es.log.sqlite import SQLiteLog
from crm_es.projections import facts as shipped
from crm_es.projections.facts.plan import Plan
from fact_store import Facts, facts_of

COUNT = 4_000
NOT_OF_SAMPLES = {
    "dim_date", "customer_versions", "opportunity_at", "reported",
    "dim_exchange_rate",  # the currency a sample is told in is no currency
}  # fmt: skip
"""Views that take no position, macros, and what made-up values never become."""
NOT_COUNTED = {
    # What says nothing of a customer, a deal or money that a sum would need.
    "affiliation", "field_definition", "import", "pipeline",
}  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of every kind of event, with whatever values their types allow."""
    path = tmp_path_factory.mktemp("log") / "log.sqlite"
    made = SQLiteLog(path)
    made.create_table()
    samples.append(made, list(samples.rows(list(EVENTS), COUNT, Random(7))))
    made.close()
    return path


@pytest.fixture(scope="module")
def facts(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    with facts_of(tmp_path_factory.mktemp("facts"), log=log) as filled:
        yield filled


@pytest.fixture(scope="module")
def files(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of filled files that nobody has open."""
    folder = tmp_path_factory.mktemp("files")
    with facts_of(folder, log=log):
        pass
    return folder


def test_every_event_is_readable_and_no_fact_is_parked(facts: Facts) -> None:
    assert facts.follower.position == COUNT
    assert facts.asked("select * from rejected") == []
    assert facts.store.tables.parked == {}


def test_every_fact_has_rows_and_each_bears_a_position(facts: Facts) -> None:
    for name in facts.store.tables.facts:
        count, lowest, highest = facts.asked(
            f"select count(*), min(position), max(position) from {name}"
        )[0]
        assert count > 0, name
        assert 1 <= lowest <= highest <= COUNT, name


def test_every_view_can_be_asked_now_and_as_of_a_position(facts: Facts) -> None:
    for name in facts.store.plan.views:
        if name in NOT_OF_SAMPLES:
            continue
        now = facts.asked(f"select count(*) from {name}")[0][0]
        assert now > 0, name
        assert facts.asked(f"select count(*) from {name}", as_of=0)[0][0] == 0, name
        assert facts.asked(f"select count(*) from {name}", as_of=COUNT // 2)[0][0] <= now, name


def test_an_event_that_is_counted_by_no_fact_is_one_we_know_of() -> None:
    """A new department is either in a fact or on the list above."""
    texts = " ".join(Plan().facts.values())
    missing = {
        event.TOPIC.partition(".")[0]
        for event in EVENTS
        if f"events.{event.TOPIC.replace('.', '_')} " not in f"{texts} "
    }
    partly = {name for name in missing if f"events.{name}_" in texts}
    assert missing - partly == NOT_COUNTED


@pytest.mark.parametrize("seed", [1, 2])
def test_live_in_batches_of_any_size_is_the_same_as_built_at_once(
    log: Path, facts: Facts, tmp_path: Path, seed: int
) -> None:
    """P7. The log grows under the follower, which takes what it finds."""
    random = Random(seed)
    source = SQLiteLog(log, is_reader=True)
    growing = SQLiteLog(tmp_path / "log.sqlite")
    growing.create_table()
    live = Facts(tmp_path)
    # The two logs are two generations; what they hold is the same.
    position = 0
    while rows := source.rows(position, random.choice([1, 3, 40, 700])):
        samples.append(growing, rows)
        position = rows[-1][0]
        live.follow()
    assert live.digest() == facts.digest()
    assert live.store.tables.differing() == []
    source.close()
    growing.close()
    live.close()


def test_far_behind_in_groups_of_batches_is_the_same_as_built_at_once(
    log: Path, facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P7, where another thread reads ahead and the facts follow in steps of their own."""
    sizes = {"BATCH_SIZE": 90, "GROUP_SIZE": 3, "STEP_SIZE": 1_000}
    for name, size in sizes.items():
        monkeypatch.setattr(f"crm_es.followers.facts.{name}", size)
    with facts_of(tmp_path, log=log) as filled:
        assert filled.digest() == facts.digest()
        mirror = "select count(*), sum(hash(row)) from mirror.event as row"
        assert filled.asked(mirror) == facts.asked(mirror)


def test_a_fact_that_differs_is_found(log: Path, tmp_path: Path) -> None:
    with facts_of(tmp_path, log=log) as damaged:
        damaged.store.db.execute("update fact_call set seconds = seconds + 1 where position < 100")
        last = "select max(position) from fact_order"
        damaged.store.db.execute(f"delete from fact_order where position = ({last})")
        assert sorted(damaged.store.tables.differing()) == ["fact_call", "fact_order"]
        for name in damaged.store.tables.differing():
            damaged.store.tables.rebuild(name)
        assert damaged.store.tables.differing() == []


@pytest.mark.parametrize("path", [*shipped.FACTS, *shipped.VIEWS])
def test_each_text_runs_in_the_shell_as_it_is(files: Path, path: str) -> None:
    """The shell has the two files, and says which positions it wants."""
    name = shipped.name_of(path)
    shell = duckdb.connect(files / "facts.duckdb")
    shell.execute(f"attach '{files / 'mirror.duckdb'}' as mirror (read_only)")
    shell.execute("begin")
    shell.execute(f"set variable low = 0; set variable high = {COUNT}")
    before = []
    if path in shipped.FACTS:
        before = shell.execute(f"from {name} order by all").fetchall()
        shell.execute(f"drop table {name}")
    shell.execute(shipped.text(path))
    if path in shipped.FACTS:
        assert shell.execute(f"from {name} order by all").fetchall() == before
    shell.close()


@pytest.mark.parametrize("path", [*shipped.FACTS, *shipped.VIEWS])
def test_each_text_says_what_it_is_its_grain_and_its_units(path: str) -> None:
    lines = shipped.text(path).splitlines()
    header = lines[: next(n for n, line in enumerate(lines) if not line.startswith("--"))]
    assert len(header) >= 2
    assert header[0].endswith((".", ":", ","))
    assert any("Grain:" in line for line in header)
    assert all(len(line) <= 100 for line in lines)
    is_measured = any(word in shipped.text(path) for word in ("decimal(", "seconds"))
    assert not is_measured or "Units:" in "".join(header) or "number is" in "".join(header)
