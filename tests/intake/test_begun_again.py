"""A wrong import taken back, its mapping corrected, and the same files imported again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from crm_es.projections.views import VIEWS
from crm_es.projections.views.folding import row_as_of
from fact_store import Facts, facts_of
from importing import Importing
from view_builds import all_rows, built
from world import World

SHOP = """
[[setup]]
command = "PlanCampaign"
campaign_id = { id = ["campaign"] }
name = "spring"
[files.lines]
match = "lines.csv"
[[rows]]
from = "lines"
once = ["customer"]
[[rows.do]]
command = "RegisterCustomer"
customer_id = { id = ["customer", "{customer}"] }
source = { const = "shop" }
source_id = "customer"
country = { const = "DE" }
[[rows.do]]
command = "TargetMember"
campaign_id = { id = ["campaign"] }
customer_id = { id = ["customer", "{customer}"] }
[[rows]]
from = "lines"
[[rows.do]]
command = "PlaceOrder"
order_id = { id = ["order", "{order}"] }
customer_id = { id = ["customer", "{customer}"] }
lines = { each = { sku = "order", quantity = { const = "1" }, amount = { const = "5" } } }
[[rows.do]]
command = "OpenCase"
case_id = { id = ["case", "{order}"] }
customer_id = { id = ["customer", "{customer}"] }
kind = { const = "complaint" }
"""
CORRECTED = SHOP.replace('"DE"', '"FR"').replace('"5"', '"7"').replace("complaint", "question")
FILES: dict[str, str | bytes] = {"lines.csv": "order,customer\n1,a\n2,b\n3,a\n4,c\n"}

STANDING = """
select 'order', count(*), sum(net), sum(amount) from order_life where not is_retracted
union all select 'line', sum(lines), sum(amount), null from fact_order_line
union all select 'interaction', sum(contacts), null, null from fact_interaction
union all select kind, count(*), null, null from case_life where not is_retracted group by kind
union all select country, count(*), null, null
    from dim_customer where is_current and not is_retracted group by country
union all select 'campaign', count(*), null, null
    from dim_campaign where is_current and not is_retracted
union all select 'member', sum(members), null, null from fact_campaign_member
order by all
"""


@contextmanager
def shops(folder: Path) -> Iterator[tuple[World, Importing]]:
    folder.mkdir()
    world = World(folder)
    yield world, Importing(world)
    world.close()


def standing(world: World, folder: Path) -> dict[str, dict[bytes, Any]]:
    """Every row of every view, less what tells of the way there; and its figures as facts."""
    rows = all_rows(built(folder / "views", world.log))
    assert rows.pop("parked") == []
    views = {
        name: {row[0]: _lasting(row[1]) for row in known}
        for name, known in rows.items()
        if name != "imports"
    }
    with facts_of(folder, log=world.folder / "log.sqlite") as facts:
        return {**views, "facts": {b"": _figures(facts)}}


def _lasting(state: str) -> dict[str, Any]:
    told = orjson.loads(state)
    way = {"events", "at", "last_at", "import_id", "precision"}
    return {
        name: value
        for name, value in told.items()
        if name not in way and value not in (0, {}, {"EUR": "0"})
    }


def _figures(facts: Facts) -> list[tuple[Any, ...]]:
    return facts.asked(STANDING)


def test_after_a_revert_the_same_files_come_in_by_a_corrected_mapping(tmp_path: Path) -> None:
    with shops(tmp_path / "once") as (world, imports):
        imports.run(CORRECTED, FILES)
        (tmp_path / "a").mkdir()
        once = standing(world, tmp_path / "a")
    with shops(tmp_path / "twice") as (world, imports):
        wrong = imports.run(SHOP, FILES)
        first = imports.revert(wrong.import_id)
        right = imports.run(CORRECTED, FILES)
        assert "rejected" not in right.figures or not right.figures["rejected"]
        (tmp_path / "b").mkdir()
        assert standing(world, tmp_path / "b") == once
        _same_as_of_now(world, tmp_path / "b")

        before = len(imports.topics())
        assert imports.revert(wrong.import_id).is_repeat
        assert len(imports.topics()) == before
        second = imports.revert(right.import_id)
        assert (second.taken_back, second.kept) == (first.taken_back, first.kept)
        (tmp_path / "c").mkdir()
        empty = standing(world, tmp_path / "c")
        gone = {name for name, rows in empty.items() if name not in {"customer_figures", "facts"}}
        assert all(not empty[name] for name in gone)
        assert all(count in {0, None} for _, count, *_ in empty["facts"][b""])


def _same_as_of_now(world: World, folder: Path) -> None:
    rows = all_rows(built(folder / "again", world.log))
    for view in VIEWS:
        for key, state, *_ in rows[view.name]:
            row = row_as_of(world.log, view, UUID(bytes=key))
            assert row is not None
            assert row.state == orjson.loads(state)


def test_what_somebody_touched_after_it_began_anew_stays(tmp_path: Path) -> None:
    with shops(tmp_path / "touched") as (world, imports):
        wrong = imports.run(SHOP, FILES)
        imports.revert(wrong.import_id)
        right = imports.run(CORRECTED, FILES)
        order = next(r.stream_id for r in world.log.read(0, 99) if r.topic == "order.placed")
        world.do("ConfirmOrder", order_id=UUID(bytes=order))
        told = imports.revert(right.import_id)
        assert told.kept["order"] == 1
