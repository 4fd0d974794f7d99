"""Pages of lists, and what every document may bear."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model


class Shape(BaseModel):
    """What every shape shares: its words come from here, its values from the views."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Erased(Shape):
    """What stands where a text stood whose person is erased."""

    erased: Literal[True]


Text = str | Erased
"""A text about a person."""


class StandsStill(Shape):
    """A row that its view could not bring up to date: it is as it was before this position."""

    view: str
    id: UUID
    since: int


Parked = Annotated[
    list[StandsStill] | None,
    Field(default=None, description="Rows in this answer that stand still; nearly always absent."),
]


class Step(Shape):
    """What one event changed in a row."""

    position: int
    topic: str
    at: datetime
    changes: dict[str, tuple[Any, Any]]
    """By field: before and after."""


class History(Shape):
    """How a row came to be what it is, the oldest event first."""

    id: UUID
    items: list[Step]
    next: int | None
    """The position for ``after`` of the next page; null at the end."""


@cache
def details_of(shape: type[BaseModel]) -> type[BaseModel]:
    """What one thing consists of, some at a time."""
    return create_model(
        f"{shape.__name__}s",
        __base__=Shape,
        id=(UUID, ...),
        items=(list[shape], ...),  # type: ignore[valid-type]
        next=(int | None, Field(description="For `after` of the next; null at the end.")),
    )


@cache
def page_of(shape: type[BaseModel]) -> type[BaseModel]:
    """A page of a list of these."""
    return create_model(
        f"{shape.__name__}Page",
        __base__=Shape,
        items=(list[shape], ...),  # type: ignore[valid-type]
        next=(
            str | None,
            Field(description="The cursor for `after` of the next page; null at the end."),
        ),
        parked=(Parked, None),
    )
