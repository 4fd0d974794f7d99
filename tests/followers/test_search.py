"""Customers are found by pieces of their names, e-mails and phones, and the erased never."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from crm_es.errors import Unavailable
from crm_es.followers import search as search_module
from crm_es.followers.finding import search, standing
from crm_es.followers.search import SearchFollower
from crm_es.log.envelope import new_id
from crm_es.log.keys import KeyStore
from crm_es.projections.views.build_file import drop
from world import MASTER, World


class Searched:
    """A world whose customers can be searched."""

    def __init__(self, world: World) -> None:
        self.world, self.path = world, world.folder / "pii.sqlite"
        self.keys = KeyStore(world.folder / "keys.sqlite", MASTER, is_reader=True)
        self.follower = SearchFollower(self.path, world.log, self.keys)

    def register(self, name: str | None) -> UUID:
        id = new_id()
        self.world.do("RegisterCustomer", customer_id=id, name=name)
        return id

    def reach(self, customer: UUID, channel: str, value: str) -> UUID:
        id = new_id()
        self.world.do(
            "AddContactPoint", customer_id=customer, contact_point_id=id, channel=channel,
            value=value,
        )  # fmt: skip
        return id

    def erase(self, customer: UUID) -> None:
        self.world.keys.destroy(customer.bytes)
        self.follower._swept_at = 0.0

    def find(self, text: str, limit: int = 10) -> list[UUID]:
        while self.follower.step():
            pass
        return search(self.path, text, limit=limit)

    def reopen(self) -> None:
        self.follower.close()
        self.follower = SearchFollower(self.path, self.world.log, self.keys)


@pytest.fixture
def searched(world: World) -> Iterator[Searched]:
    searched = Searched(world)
    yield searched
    searched.follower.close()
    searched.keys.close()


def test_a_customer_is_found_by_any_piece_of_the_name(searched: Searched) -> None:
    ann = searched.register("Anna-María Schmidt-Lüdenscheid")
    for text in ("anna", "MARIA", "schmidt", "luden", "lüden", "ann", "maría schm", "scheid anna"):
        assert searched.find(text) == [ann], text
    assert searched.find("schmitz") == []
    assert searched.find("anna schmitz") == []


def test_one_or_two_letters_find_beginnings(searched: Searched) -> None:
    wang, ann = searched.register("王伟"), searched.register("Ann")
    assert searched.find("王") == [wang]
    assert searched.find("王伟") == [wang]
    assert searched.find("a") == [ann]
    assert searched.find("nn") == []


def test_a_short_word_beside_a_long_one_counts_too(searched: Searched) -> None:
    li = searched.register("Li Zhang")
    searched.register("Bo Zhang")
    assert searched.find("zhang li") == [li]


def test_what_begins_with_it_comes_first(searched: Searched) -> None:
    inside, begins = searched.register("Joanna"), searched.register("Anna")
    same = searched.register("ann")
    assert searched.find("ann") == [same, begins, inside]
    assert searched.find("ann", limit=2) == [same, begins]


@pytest.mark.parametrize("text", ["+49 170 1234567", "0049170 123-4567", "170 1234", "4567"])
def test_a_phone_is_found_however_it_is_written(searched: Searched, text: str) -> None:
    ann = searched.register("Ann")
    searched.reach(ann, "phone", "+49 (170) 123 4567")
    assert searched.find(text) == [ann]


def test_an_address_is_found_until_it_is_removed(searched: Searched) -> None:
    ann = searched.register("Ann")
    searched.reach(ann, "phone", "4711")
    point = searched.reach(ann, "email", "Ann.Smith@Example.org")
    assert searched.find("smith@exam") == [ann]
    searched.world.do("RemoveContactPoint", customer_id=ann, contact_point_id=point)
    assert searched.find("smith@exam") == []
    assert searched.find("ann") == [ann]


def test_a_new_name_replaces_the_old(searched: Searched) -> None:
    ann = searched.register("Ann Smith")
    searched.world.do("RenameCustomer", customer_id=ann, name="Ann Jones")
    assert searched.find("jones") == [ann]
    assert searched.find("smith") == []


def test_who_was_taken_back_is_not_found(searched: Searched) -> None:
    ann = searched.register("Ann Smith")
    searched.world.do("RetractCustomer", customer_id=ann, reason="import reverted")
    assert searched.find("smith") == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "ann OR bob",
        "name:ann",
        "*",
        "ann*",
        "(",
        "NEAR(a b)",
        "%",
        "_",
        "\x00",
        " ",
        "",
    ],
)
def test_what_is_typed_is_text_and_never_a_query(searched: Searched, text: str) -> None:
    searched.register("Ann")
    searched.register("Bob")
    assert searched.find(text) == []


def test_a_name_with_quotes_is_found_by_them(searched: Searched) -> None:
    ann = searched.register('Ann "The Axe" Smith')
    assert searched.find('"the axe"') == [ann]


def test_who_is_erased_is_found_no_more_and_leaves_no_trace(searched: Searched) -> None:
    """Not even the three letters that only this name had."""
    gone, stays = searched.register("Жщъ Qxzwkj"), searched.register("Bob Qxa")
    searched.reach(gone, "email", "qxzwkj@example.org")
    for n in range(300):
        searched.register(f"Somebody {n}")
    assert searched.find("qxzwkj") == [gone]
    assert _bytes(searched, "qxzwkj")
    assert _bytes(searched, "жщъ")
    searched.erase(gone)
    assert searched.find("qxz") == []
    assert searched.find("bob") == [stays]
    assert not _bytes(searched, "qxzwkj")
    assert not _bytes(searched, "жщъ")


def _bytes(searched: Searched, text: str) -> bool:
    files = searched.world.folder.glob("pii.sqlite*")
    return any(text.encode() in file.read_bytes() for file in files)


def test_who_was_erased_before_it_was_read_never_appears(searched: Searched) -> None:
    gone = searched.register("Qxzwkj")
    searched.erase(gone)
    assert searched.find("qxzwkj") == []
    assert not _bytes(searched, "qxzwkj")
    assert standing(searched.path) == (1, 0)


def test_what_an_erased_person_still_had_to_be_read_is_never_indexed(searched: Searched) -> None:
    """Her key was in memory when it was destroyed."""
    gone = searched.register("Ann")
    assert searched.find("ann") == [gone]
    searched.world.do("RenameCustomer", customer_id=gone, name="Qxzwkj")
    searched.erase(gone)
    assert searched.find("qxzwkj") == []
    assert not _bytes(searched, "qxzwkj")


def test_an_erasure_while_nobody_followed_is_made_up_for(searched: Searched) -> None:
    gone = searched.register("Qxzwkj")
    assert searched.find("qxzwkj") == [gone]
    searched.world.keys.destroy(gone.bytes)
    searched.reopen()
    assert searched.find("qxzwkj") == []
    assert not _bytes(searched, "qxzwkj")


def test_a_missing_key_is_counted_and_not_taken_for_an_erasure(searched: Searched) -> None:
    ann, bob = searched.register("Ann"), searched.register("Bob")
    with closing(sqlite3.connect(searched.world.folder / "keys.sqlite")) as keys:
        keys.execute("delete from key where subject = ?", (ann.bytes,))
        keys.commit()
    assert searched.find("bob") == [bob]
    assert standing(searched.path) == (2, 1)


def test_it_goes_on_where_it_was(searched: Searched) -> None:
    ann = searched.register("Ann")
    assert searched.find("ann") == [ann]
    searched.reopen()
    assert searched.follower.position == 1
    bob = searched.register("Bob")
    assert (searched.find("ann"), searched.find("bob")) == ([ann], [bob])


def test_a_log_of_another_life_makes_it_start_anew(searched: Searched) -> None:
    ann = searched.register("Ann")
    assert searched.find("ann") == [ann]
    searched.world.log.begin_generation("restored")
    searched.reopen()
    assert searched.follower.position == 0
    assert searched.find("ann") == [ann]


def test_a_damaged_index_is_made_anew(searched: Searched) -> None:
    ann = searched.register("Ann")
    assert searched.find("ann") == [ann]
    searched.follower.close()
    drop(searched.path)
    searched.path.write_bytes(b"no database at all" * 1_000)
    searched.reopen()
    assert searched.find("ann") == [ann]


def test_damage_found_on_the_way_is_repaired(searched: Searched) -> None:
    ann = searched.register("Ann")
    searched.find("ann")
    with closing(sqlite3.connect(searched.path, isolation_level=None)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    with searched.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (searched.path.stat().st_size - 4096))
    bob = searched.register("Bob")
    assert searched.find("bob") == [bob]
    assert searched.find("ann") == [ann]


def test_without_an_index_nobody_is_told_that_there_is_no_such_customer(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        search(tmp_path / "pii.sqlite", "ann", limit=10)


def test_a_step_is_small(searched: Searched) -> None:
    world = searched.world
    units = [
        [world.submission("RegisterCustomer", customer_id=new_id(), name=f"N {n}")]
        for n in range(700)
    ]
    world.crm.append(units)
    assert searched.follower.step() == search_module.BATCH_SIZE
    assert searched.follower.step() == 200
    assert searched.follower.step() == 0
