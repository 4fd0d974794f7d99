"""Tables and questions, answered from whatever holds the facts: one cursor a question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from crm_es.interfaces.http.problems import Problem, pointer_to
from crm_es.projections.facts.catalogue import (
    Relation,
    about,
    catalogue,
    facts_read,
    views_read,
)
from crm_es.projections.facts.export import exported
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.questions import BadQuestion, ask, parameters_of


@dataclass(frozen=True, slots=True)
class Asked:
    """From which position on an answer will do, and up to which it may know anything."""

    min_position: int = 0
    as_of_position: int | None = None


class Opened(NamedTuple):
    """A cursor for one question: the position, and all that is read, are of one moment."""

    cursor: Any
    position: int
    parked: Collection[str]
    """Facts that stand still."""
    views_know: int | None = None
    """The only position the views can tell of; None where they can tell of any."""

    def must_stand(self, facts: Collection[str]) -> None:
        """Raises Problem 503."""
        parked = [fact for fact in facts if fact in self.parked]
        if parked:
            detail = f"{', '.join(parked)} could not take an event and is set aside."
            raise Problem(503, "fact.parked", detail)

    def must_tell(self, views: Collection[str], asked: Asked) -> None:
        """Raises Problem 503 for a view as of before what it was made at."""
        is_past = asked.as_of_position is not None and asked.as_of_position < self.position
        if views and is_past and self.views_know is not None:
            detail = (
                f"Only the facts process can tell {', '.join(views)} as of an earlier position."
            )
            raise Problem(503, "facts.silent", detail, headers={"Retry-After": "5"})


class Facts(Protocol):
    """What holds the facts: the process that owns them, or a snapshot."""

    plan: Plan

    async def wait(self, asked: Asked) -> None:
        """Raises Problem 503 while the facts are not there, 400 for a position nobody has."""

    def headers(self, position: int) -> dict[str, str]:
        """What is said with an answer at a position: how old it is."""

    def opened(self, asked: Asked) -> Opened:
        """Raises Problem 503."""


class Asking:
    """Questions of other processes, each in whatever thread it runs."""

    def __init__(self, facts: Facts, questions: Mapping[str, str]) -> None:
        self.facts, self._questions = facts, questions

    def tables(self, asked: Asked) -> dict[str, Any]:
        opened = self.facts.opened(asked)
        with closing(opened.cursor) as cursor:
            relations = catalogue(cursor, self.facts.plan)
        described = [_described(one) for one in relations.values()]
        return {"position": opened.position, "facts": described}

    def table(self, name: str, format: str, asked: Asked) -> tuple[int, Iterator[bytes]]:
        """The position it is true at, and its pieces. Raises Problem 404, 503."""
        opened = self.facts.opened(asked)
        relation = catalogue(opened.cursor, self.facts.plan).get(name)
        if relation is None:
            raise Problem(404, "fact.not_found", "There is no such fact table.")
        opened.must_stand(relation.facts)
        opened.must_tell([] if relation.is_fact else [name], asked)

        def pieces() -> Iterator[bytes]:
            with closing(opened.cursor) as cursor:
                yield from exported(cursor, relation, format)

        return opened.position, pieces()

    def questions(self) -> dict[str, Any]:
        """What can be asked by name, and with which parameters."""
        return {
            "items": [
                {"name": name, "about": about(text), "parameters": parameters_of(text)}
                for name, text in self._questions.items()
            ]
        }

    def question(self, name: str, parameters: Mapping[str, str], asked: Asked) -> dict[str, Any]:
        """Raises Problem 404, 422, 503."""
        if name not in self._questions:
            raise Problem(404, "question.not_found", "There is no such question.")
        text, opened = self._questions[name], self.facts.opened(asked)
        with closing(opened.cursor) as cursor:
            opened.must_stand(facts_read(self.facts.plan, text))
            opened.must_tell(views_read(self.facts.plan, text), asked)
            try:
                found = ask(cursor, text, parameters)
            except BadQuestion as bad:
                pointer = pointer_to([bad.parameter])
                raise Problem(422, "question.parameters", str(bad), pointer=pointer) from None
        return {"position": opened.position, "columns": found.columns, "rows": found.rows}


def _described(relation: Relation) -> dict[str, Any]:
    return {
        "name": relation.name, "kind": "fact" if relation.is_fact else "view",
        "about": relation.about,
        "columns": [{"name": one.name, "type": one.type} for one in relation.columns],
    }  # fmt: skip
