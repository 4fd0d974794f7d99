"""A view's table on the driver: rows in and out as they are, each text the one and only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from crm_es.projections.views import VIEWS
from crm_es.projections.views.rows import BAD_VALUE, READ_CHUNK, ViewTable, tables
from small_views import TAGS, THINGS

OWNER = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    for view in (THINGS, TAGS):
        db.execute(ViewTable(view).create)
    yield db
    db.close()


def key(n: int) -> bytes:
    return n.to_bytes(16, "big")


def test_equal_states_are_equal_texts_in_whatever_order_they_came_about() -> None:
    one = {"owner": OWNER, "worth": 1, "tags": ["b", "a"], "at": 5}
    other = dict(reversed(one.items()))
    table = ViewTable(THINGS)
    assert table.values(key(1), one, 7, 2) == table.values(key(1), other, 7, 2)


def test_a_row_comes_back_as_it_went_in(db: sqlite3.Connection) -> None:
    table = ViewTable(THINGS)
    state = {"owner": OWNER, "worth": 1, "tags": [], "at": 5}
    table.save(db, [table.values(key(1), state, 7, 2)])
    assert db.execute(table.all).fetchall() == [
        (key(1), f'{{"at":5,"owner":"{OWNER}","tags":[],"worth":1}}', 7, 2, key(1), 5)
    ]


def test_a_saved_row_replaces_the_one_before(db: sqlite3.Connection) -> None:
    table = ViewTable(TAGS)
    for n in (1, 2):
        table.save(db, [table.values(key(1), {"tags": n}, n, n)])
    assert table.load(db, [key(1)]) == {key(1): ('{"tags":2}', 2, 2)}
    table.remove(db, [key(1), key(9)])
    assert table.load(db, [key(1)]) == {}


@pytest.mark.parametrize("size", [0, 1, 2, 3, READ_CHUNK - 1, READ_CHUNK, READ_CHUNK + 1])
def test_any_number_of_rows_is_found(db: sqlite3.Connection, size: int) -> None:
    table = ViewTable(TAGS)
    table.insert(db, [table.values(key(n), {"tags": n}, n, n) for n in range(0, size, 2)])
    found = table.load(db, [key(n) for n in range(size)])
    assert list(found) == [key(n) for n in range(0, size, 2)]


@pytest.mark.parametrize("tags", [None, 2**70, "\ud800", object(), float("nan")])
def test_a_value_that_a_column_cannot_take_is_the_row_s_fault(
    db: sqlite3.Connection, tags: object
) -> None:
    table = ViewTable(TAGS)
    with pytest.raises(BAD_VALUE):
        table.save(db, [(key(1), "{}", 1, 1, tags)])
    assert table.load(db, [key(1)]) == {}


def test_a_sparse_index_is_what_its_column_is_sought_by(db: sqlite3.Connection) -> None:
    sparse = [
        (table, index)
        for table in tables(VIEWS)
        for index in table.view.table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    ]
    assert len(sparse) > 10
    for table, index in sparse:
        db.execute(table.create)
        for statement in table.indexes:
            db.execute(statement)
        first, *then = (f'"{column.name}"' for column in index.columns)
        sql = f"select key from {table.name} where {first} = ? order by {', '.join([first, *then])}"
        (step,) = db.execute(f"explain query plan {sql}", ("x",)).fetchall()
        assert f"USING COVERING INDEX {index.name} " in step[3]
        db.execute(f"drop table {table.name}")


@pytest.mark.parametrize(
    ("column", "name"), [("further_cases", "call"), ("further_roles", "customer")]
)
def test_what_is_further_is_looked_for_only_where_there_is_any(
    db: sqlite3.Connection, column: str, name: str
) -> None:
    table = next(table for table in tables(VIEWS) if table.name == name)
    for statement in (table.create, *table.indexes):
        db.execute(statement)
    sql = (
        f"select key from {name} where {column} >= '' and {column} like '%' || ? || '%' escape '/'"
    )
    (step,) = db.execute(f"explain query plan {sql}", ("x",)).fetchall()
    assert step[3].startswith("SEARCH")
    assert f"INDEX {name}_by_{column} " in step[3]
