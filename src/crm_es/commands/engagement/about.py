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


class AboutSomething(Command):
    """A command that begins a contact, which may be about anything and with any customer."""

    customer_id: Id | None = Field(
        default=None, description="Whose story it is; if left out, that of what it is about."
    )
    about_kind: Kind | None = Field(default=None, description="A kind of thing, such as case.")
    about_id: Id | None = None

    def customer(self, desk: Desk) -> UUID | None:
        """Whose story it is. Raises Invalid, NotFound, Conflict.

        Live, both the customer and the thing must be there. History is not looked at, so that an
        import does not load a deal for each of its steps.
        """
        if (self.about_kind is None) != (self.about_id is None):
            raise Invalid("about.incomplete", "A kind and an id, or neither.", pointer="/about_id")
        customer_id = self.customer_id
        if customer_id is None and self.about_kind == "customer":
            customer_id = self.about_id
        if self.about_kind is not None and self.about_id is not None and not desk.is_history:
            thing = desk.find(KINDS[self.about_kind], self.about_id)
            if thing is None:
                desk.unknown("about.unknown", f"There is no {self.about_kind} {self.about_id}.")
            customer_id = customer_id or getattr(thing, "customer_id", None)
        known_customer(desk, customer_id)
        return customer_id
