"""How a contact names what it is about: any aggregate, by its kind and its id."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_es.aggregates import AGGREGATES
from crm_es.aggregates.base import Aggregate
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Id
from crm_es.commands.party.reference import known_customer
from crm_es.errors import Invalid

KINDS: dict[str, type[Aggregate]] = {kind.TOPIC: kind for kind in AGGREGATES}


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError("about.kind_unknown", "there is no such kind of thing")
    return kind


Kind = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": sorted(KINDS)})
]


def known_thing(desk: Desk, kind: str, id: UUID | None) -> Aggregate | None:
    """Live, a thing that is named must be there; history keeps its id and is not looked at.

    So an import does not load a deal for each step of the work on it.
    """
    if id is None or desk.is_history:
        return None
    thing = desk.find(KINDS[kind], id)
    if thing is None:
        desk.unknown(f"{kind}.unknown", f"There is no {kind} {id}.")
    return thing


class AboutSomething(Command):
    """A command that begins a contact, which may be about anything and with any customer.

    What it is about is not among the streams it ``reads``: loading a deal for each step of an
    imported history of work on it cost a third of the import, and history does not look at it.
    """

    customer_id: Id | None = Field(
        default=None, description="Whose story it is; if left out, that of what it is about."
    )
    about_kind: Kind | None = Field(default=None, description="A kind of thing, such as case.")
    about_id: Id | None = None

    def customer(self, desk: Desk) -> UUID | None:
        """Whose story it is. Raises Invalid, NotFound, Conflict."""
        if self.about_kind is None or self.about_id is None:
            if self.about_kind or self.about_id:
                raise Invalid(
                    "about.incomplete", "A kind and an id, or neither.", pointer="/about_id"
                )
            known_customer(desk, self.customer_id)
            return self.customer_id
        thing = known_thing(desk, self.about_kind, self.about_id)
        whose = self.about_id if self.about_kind == "customer" else None
        customer_id = self.customer_id or whose or getattr(thing, "customer_id", None)
        known_customer(desk, customer_id)
        return customer_id
