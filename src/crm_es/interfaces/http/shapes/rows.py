"""What every row of a view shows, and the values that occur in many of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, WithJsonSchema

from crm_es.aggregates.fields import Precision
from crm_es.interfaces.http.shapes.pages import Parked, Shape, Text

Money = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["1250.5"]}),
]
"""A decimal as text: an amount with up to four places, a price with up to six."""
Amounts = Annotated[dict[str, Money], Field(examples=[{"EUR": "1250.5"}])]
"""By currency; amounts of several are never summed into one."""
Known = Annotated[
    str, WithJsonSchema({"type": "string", "enum": [one.name.lower() for one in Precision]})
]
"""How exactly a time is known; absent where it is exact."""


class Row(Shape):
    """One row of a view."""

    id: UUID
    version: int
    """Of its stream at the row's last event, for If-Match."""
    at: datetime
    """When it began, in business time."""
    last_at: datetime
    """The business time of its latest event."""
    precision: Known | None = None
    parked: Parked = None


class Sourced(Row):
    """A thing that may come from another system."""

    source: str | None
    source_id: str | None
    """Its id there, as written."""


class Described(Sourced):
    """A thing with custom attributes."""

    attributes: dict[str, Any]
    sealed_attributes: dict[str, Text]


__all__ = [
    "UUID", "Amounts", "Described", "Known", "Money", "Row", "Shape", "Sourced", "Text", "date",
    "datetime",
]  # fmt: skip
