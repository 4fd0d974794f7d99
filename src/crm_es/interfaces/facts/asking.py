"""What the facts process answers with: the live position, waited for, and one cursor a question."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import Any

from crm_es.followers.facts import FactsFollower
from crm_es.interfaces.http.problems import Problem, pointer_to
from crm_es.projections.facts.catalogue import Relation, about, catalogue
from crm_es.projections.facts.export import exported
from crm_es.projections.facts.questions import BadQuestion, ask, parameters_of
from crm_es.projections.facts.store import FactStore

WAIT_SECONDS = 0.3
"""How long an answer waits for the position it was asked to be at."""
LOOK_SECONDS = 0.002
RETRY = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Asked:
    """From which position on an answer will do, and up to which it may know anything."""

    min_position: int = 0
    as_of_position: int | None = None


class Asking:
    """Questions of other processes; each has a cursor of its own, in whatever thread it runs."""

    def __init__(
        self, store: FactStore, follower: FactsFollower, questions: Mapping[str, str]
    ) -> None:
        self._store, self._follower, self._questions = store, follower, questions

    async def wait(self, asked: Asked) -> None:
        """Raises Problem 503 while the facts are not there, 400 for a position nobody has."""
        deadline = monotonic() + WAIT_SECONDS
        while not self._follower.is_prepared or self._follower.position < asked.min_position:
            if monotonic() > deadline:
                raise await self._too_far(asked)
            await asyncio.sleep(LOOK_SECONDS)

    async def _too_far(self, asked: Asked) -> Problem:
        if not self._follower.is_prepared:
            return Problem(503, "facts.filling", "The facts are being filled.", headers=RETRY)
        if asked.min_position > await asyncio.to_thread(self._follower.log_head):
            return Problem(400, "position.unknown", "The log does not reach that position.")
        return Problem(503, "facts.behind", "The facts are not there yet.", headers=RETRY)

    @property
    def age(self) -> float:
        """Seconds since the facts last had all there was."""
        return max(monotonic() - self._follower.level_at, 0.0)

    def tables(self) -> dict[str, Any]:
        cursor, position = self._opened(Asked())
        with closing(cursor):
            relations = catalogue(cursor, self._store.plan)
        return {"position": position, "facts": [_described(one) for one in relations.values()]}

    def table(self, name: str, format: str, asked: Asked) -> tuple[int, Iterator[bytes]]:
        """The position it is true at, and its pieces. Raises Problem 404, 503."""
        cursor, position = self._opened(asked)
        relation = catalogue(cursor, self._store.plan).get(name)
        if relation is None:
            raise Problem(404, "fact.not_found", "There is no such fact table.")
        self._must_stand(relation)

        def pieces() -> Iterator[bytes]:
            with closing(cursor):
                yield from exported(cursor, relation, format)

        return position, pieces()

    def questions(self) -> dict[str, Any]:
        """What can be asked by name, and with which parameters."""
        return {
            "items": [
                {"name": name, "about": about(text), "parameters": parameters_of(text)}
                for name, text in self._questions.items()
            ]
        }

    def question(self, name: str, parameters: Mapping[str, str], asked: Asked) -> dict[str, Any]:
        """Raises Problem 404, 422."""
        if name not in self._questions:
            raise Problem(404, "question.not_found", "There is no such question.")
        cursor, position = self._opened(asked)
        with closing(cursor):
            try:
                found = ask(cursor, self._questions[name], parameters)
            except BadQuestion as bad:
                pointer = pointer_to([bad.parameter])
                raise Problem(422, "question.parameters", str(bad), pointer=pointer) from None
        return {"position": position, "columns": found.columns, "rows": found.rows}

    def standing(self) -> dict[str, Any]:
        """How far the facts are, and what they could not take."""
        cursor = self._store.cursor()
        with closing(cursor):
            rejected = cursor.execute("select count(*) from rejected").fetchall()[0][0]
        return {
            "position": self._follower.position, "head": self._follower.head,
            "age": round(self.age, 3), "is_prepared": self._follower.is_prepared,
            "parked": dict(self._store.tables.parked), "rejected": rejected,
        }  # fmt: skip

    def _must_stand(self, relation: Relation) -> None:
        parked = [fact for fact in relation.facts if fact in self._store.tables.parked]
        if parked:
            detail = f"{', '.join(parked)} could not take an event and is set aside."
            raise Problem(503, "fact.parked", detail)

    def _opened(self, asked: Asked) -> tuple[Any, int]:
        """A cursor in a transaction: the position, and what is read, are of one moment."""
        cursor = self._store.cursor()
        if asked.as_of_position is not None:
            cursor.execute(f"set variable as_of_position = {asked.as_of_position:d}")
        cursor.execute("begin")
        position = cursor.execute("select max(position) from checkpoint").fetchall()[0][0]
        return cursor, position or 0


def _described(relation: Relation) -> dict[str, Any]:
    return {
        "name": relation.name, "kind": "fact" if relation.is_fact else "view",
        "about": relation.about,
        "columns": [{"name": one.name, "type": one.type} for one in relation.columns],
    }  # fmt: skip
