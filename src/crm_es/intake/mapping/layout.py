"""How a file is laid out: everything that is needed to read it, said and not guessed."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from crm_es.errors import Invalid
from crm_es.intake.decoding import checked_encoding
from crm_es.intake.mapping.part import Part, Text, Texts, wrong

SPACES = "spaces"
"""The delimiter of files padded into columns: any run of blanks."""

_NAMED = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def _encoding(name: str) -> str:
    try:
        return checked_encoding(name)
    except Invalid as refusal:
        raise wrong(str(refusal)) from None


def _delimiter(text: str) -> str:
    text = _NAMED.get(text, text)
    if text != SPACES and (len(text) != 1 or text in "\r\n\x1f\0"):
        raise wrong(f"a delimiter is one character, {SPACES!r} or one of {', '.join(_NAMED)}")
    return text


def _beside(pattern: str) -> str:
    path = PurePosixPath(pattern)
    if path.is_absolute() or ".." in path.parts:
        raise wrong("files are looked for in the import's folder only")
    return pattern


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise wrong(f"there is no time zone {name!r}") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""An IANA time zone such as Europe/Lisbon."""
DecimalMark = Literal[".", ","]
Character = Annotated[str, Field(max_length=1)]


class Layout(Part):
    match: Annotated[str, AfterValidator(_beside)]
    """A file name or glob pattern; several files that match are read as one, in order of name."""
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    """Any text encoding of Python; a byte order mark is accepted."""
    delimiter: Annotated[str, AfterValidator(_delimiter)] = ","
    quote: Character = '"'
    """Empty where nothing is quoted."""
    escape: Character = ""
    """The character before a quote inside quotes, where it is not the quote doubled."""
    header: bool = True
    columns: Annotated[list[Text], Field(max_length=2_000)] | None = None
    """Names of the columns, in place of the header's or for want of one."""
    skip_lines: Annotated[int, Field(ge=0, le=1_000)] = 0
    """Lines in front of the header that belong to no table."""
    missing: Texts = Field(default_factory=list)
    """Marks that stand for nothing in any column; an empty cell always does."""
    missing_in: dict[Text, Texts] = Field(default_factory=dict)
    """The same by column."""
    zone: Zone | None = None
    """Of times that state none; the mapping's own if left out."""
    decimal: DecimalMark | None = None
    """The decimal mark of all numbers; without one each cell must be unmistakable."""
    lookup: bool = False
    """True for a file that is only looked things up in: its lines need not be used."""

    @model_validator(mode="after")
    def _has_columns(self) -> Self:
        if not self.header and not self.columns:
            raise wrong("a file without a header needs columns = [...]")
        if self.quote and self.quote in (self.delimiter, self.escape):
            raise wrong("quote, delimiter and escape differ")
        return self
