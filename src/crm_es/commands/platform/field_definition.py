"""What can be asked of the definition of a custom attribute."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from crm_es.aggregates import AGGREGATES
from crm_es.aggregates.platform.field_definition import FieldDefinition, FieldType
from crm_es.commands.attributes import Name, definition_id
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Line
from crm_es.errors import Conflict, Invalid


class _FieldCommand(Command):
    kind: Code = Field(description="The kind of thing it belongs to, such as customer.")
    name: Name

    @property
    def target(self) -> UUID:
        return definition_id(self.kind, self.name)

    def reads(self) -> Iterable[UUID]:
        return (self.target,)


class DefineField(_FieldCommand):
    """Declare a custom attribute. Whether it is personal is said here, once and for all."""

    type: FieldType = FieldType.TEXT
    is_sealed: bool = Field(default=False, description="True if it may say something of a person.")
    description: Line | None = None

    def decide(self, desk: Desk) -> None:
        if self.kind not in _KINDS:
            raise Invalid("field.kind_unknown", "There is no such kind.", pointer="/kind")
        known = desk.find(FieldDefinition, self.target)
        if known is not None:
            if (known.type, known.is_sealed) != (self.type, self.is_sealed):
                raise Conflict("field.defined_otherwise", f"{self.name} is a {known.type}.")
            return
        FieldDefinition.define(
            self.target, self.kind, self.name, self.type, desk, is_sealed=self.is_sealed,
            description=self.description,
        )  # fmt: skip


class DeprecateField(_FieldCommand):
    """Say that a custom attribute is no longer used; its history stays."""

    reason: Line

    def decide(self, desk: Desk) -> None:
        desk.get(FieldDefinition, self.target).deprecate(self.reason, desk)


_KINDS = frozenset(kind.TOPIC for kind in AGGREGATES)

COMMANDS = (DefineField, DeprecateField)
