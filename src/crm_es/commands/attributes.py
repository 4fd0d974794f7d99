"""Custom attributes: their shape in a command, and what their definitions make of them."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import Field

from crm_es.aggregates.fields import plain as canonical
from crm_es.aggregates.platform.field_definition import FieldDefinition, FieldType
from crm_es.commands.base import Desk
from crm_es.commands.fields import Count, Line
from crm_es.errors import Conflict, Invalid

ATTRIBUTES_MAX, DEFINITIONS_MAX = 100, 10_000
DEFINITIONS = UUID("5b0f6f6e-54f5-5c8e-9d8f-6f0f3f2b7a10")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Attributes = Annotated[
    dict[Name, Line | bool | Count],
    Field(max_length=ATTRIBUTES_MAX, description="Custom attributes by name, each as defined."),
]
"""Text, decimals as strings, dates as YYYY-MM-DD, flags as booleans, whole numbers."""

_DECIMAL = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,6})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@lru_cache(DEFINITIONS_MAX)
def definition_id(kind: str, name: str) -> UUID:
    """The stream of the definition of one attribute of one kind of thing."""
    return uuid5(DEFINITIONS, f"{kind}\x1f{name}")


def definitions(kind: str, given: dict[str, Any]) -> Iterable[UUID]:
    """The streams of the definitions of some attributes."""
    return [definition_id(kind, name) for name in given] if given else ()


def sort_attributes(
    kind: str, given: dict[str, Any], desk: Desk
) -> tuple[dict[str, Any], dict[str, str]]:
    """(plain values, values to be sealed as text). Raises Conflict, Invalid."""
    plain: dict[str, Any] = {}
    sealed: dict[str, str] = {}
    for name, value in given.items():
        definition = desk.find(FieldDefinition, definition_id(kind, name))
        if definition is None:
            raise Conflict(
                "attribute.undefined", f"{kind} has no attribute {name}: DefineField first.",
                pointer=f"/attributes/{name}",
            )  # fmt: skip
        desk.must(
            not definition.is_deprecated, "attribute.deprecated", f"{name} is no longer used."
        )
        kept = _checked(definition.type, name, value)
        if definition.is_sealed:
            sealed[name] = str(kept)
        else:
            plain[name] = kept
    return plain, sealed


def _checked(type: FieldType, name: str, value: Any) -> Any:
    if isinstance(value, bool):
        if type is FieldType.FLAG:
            return value
    elif type is FieldType.NUMBER or type is FieldType.MONEY:
        text = str(value)
        if _DECIMAL.fullmatch(text):
            return format(canonical(Decimal(text)), "f")
    elif isinstance(value, str) and (
        type is FieldType.TEXT or (type is FieldType.DATE and _is_date(value))
    ):
        return value
    raise Invalid("attribute.type", f"{name} is a {type}.", pointer=f"/attributes/{name}")


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:  # the 31st of June
        return False
