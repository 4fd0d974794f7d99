"""How far followers are is told by their files alone, and nothing is made up."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

from crm_es.followers.search import SearchFollower
from crm_es.followers.standing import Standing, standings
from crm_es.log.keys import KeyStore
from crm_es.projections.views.store import ViewReader
from followed import Followed
from raw_log import RawLog
from small_views import SMALL_VIEWS, broken, made

ANN, CUP = UUID(int=1), UUID(int=11)


def test_who_has_nothing_to_show_stands_at_the_beginning(log: RawLog) -> None:
    with closing(ViewReader(log.folder / "views", SMALL_VIEWS)) as reader:
        assert standings(reader, log.folder / "pii.sqlite") == [
            Standing("views", 0), Standing("search", 0),
        ]  # fmt: skip


def test_each_tells_its_position_and_what_it_could_not_take(
    log: RawLog, followed: Followed
) -> None:
    pii = log.folder / "pii.sqlite"
    log.tell_all([made(CUP, ANN), broken(CUP, ANN)])
    log.tell("customer.renamed", ANN, {"name": "~1.no token"}, ANN)
    followed.catch_up()
    keys = KeyStore(log.folder / "keys.sqlite", bytes(32))
    with closing(keys), closing(SearchFollower(pii, log.log, keys)) as search:
        while search.step():
            pass
        assert standings(followed.reader, pii) == [
            Standing("views", 3, parked=2), Standing("search", 3, rejected=1),
        ]  # fmt: skip
