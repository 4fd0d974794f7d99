"""The definition of a custom attribute: declared once per kind of thing, then used freely."""

from __future__ import annotations

from enum import StrEnum
from typing import Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.fields import Plain


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    MONEY = "money"


class FieldDefinition(Aggregate):
    """One attribute nobody foresaw. Whether it is about a person is said once and never changed."""

    TOPIC = "field_definition"

    def __init__(self) -> None:
        self.type = FieldType.TEXT
        self.is_sealed = False
        self.is_deprecated = False

    # What can happen, and the little of it that later decisions need.

    class Event(Aggregate.Event):
        SUBJECTS = ()

    class Defined(Event, AggregateCreated):
        TOPIC = "field_definition.defined"
        kind: Plain
        name: Plain
        type: FieldType
        is_sealed: bool
        description: Plain | None

        def apply(self, field: FieldDefinition) -> None:
            field.type, field.is_sealed = self.type, self.is_sealed

    class Deprecated(Event):
        TOPIC = "field_definition.deprecated"
        reason: Plain

        def apply(self, field: FieldDefinition) -> None:
            field.is_deprecated = True

    # What we allow.

    @classmethod
    def define(
        cls,
        id: UUID,
        kind: str,
        name: str,
        type: FieldType,
        on: Occasion,
        *,
        is_sealed: bool,
        description: str | None,
    ) -> Self:
        return cls.begin(
            cls.Defined, on, id, {}, kind=kind, name=name, type=type, is_sealed=is_sealed,
            description=description,
        )  # fmt: skip

    def deprecate(self, reason: str, on: Occasion) -> None:
        if not self.is_deprecated:
            self.record(self.Deprecated, on, reason=reason)
