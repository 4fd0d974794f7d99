"""What every part of a mapping shares: it is read once, frozen, and knows every key it may have."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

PARTS_MAX = 500
"""Of anything one writes a list of in a mapping."""


class Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


def wrong(message: str) -> PydanticCustomError:
    """What a validator raises; the path in the TOML is added where the mapping is read."""
    return PydanticCustomError("mapping", "{message}", {"message": message})


def as_list(value: Any) -> Any:
    """One thing where a list of them is meant."""
    return [value] if isinstance(value, (str, dict)) else value


def _clean(text: str) -> str:
    if "\0" in text or "\x1f" in text:
        raise wrong("a NUL or unit separator cannot be part of it")
    return text


Text = Annotated[str, AfterValidator(_clean)]
Texts = Annotated[list[Text], BeforeValidator(as_list)]
Scalar = Text | bool | int
"""What a mapping may put in place of a cell."""
