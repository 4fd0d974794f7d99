"""Which rows become which commands, and what a whole mapping is made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from crm_es.commands.fields import Code
from crm_es.intake.mapping.conditions import Condition
from crm_es.intake.mapping.fields import FieldForm, RowForm
from crm_es.intake.mapping.layout import Layout, Zone
from crm_es.intake.mapping.part import PARTS_MAX, Part, Text, Texts, as_list, wrong

Key = Annotated[Texts, Field(min_length=1, max_length=20)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
CommandName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{2,79}$")]


class Do(Part):
    """One command out of a row or group; every other key is a field of the command."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, FieldForm] = Field(init=False)

    command: CommandName
    when: Condition | None = None

    @property
    def fields(self) -> dict[str, FieldForm]:
        return self.__pydantic_extra__


class Setup(Part):
    """A command sent before any row; its fields are values as they stand, or ``{id = [...]}``."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Any] = Field(init=False)

    command: CommandName

    @property
    def fields(self) -> dict[str, Any]:
        return self.__pydantic_extra__


class Skip(Part):
    """Lines that are known and deliberately passed over."""

    when: Condition
    because: Code


class Rejection(Part):
    """Lines that are refused, whatever is in their other columns."""

    when: Condition
    column: Text | None = None
    code: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$", max_length=60)]


Skips = Annotated[list[Skip], BeforeValidator(as_list), Field(max_length=PARTS_MAX)]
Rejections = Annotated[list[Rejection], BeforeValidator(as_list), Field(max_length=PARTS_MAX)]
Order = Annotated[list[RowForm], BeforeValidator(as_list), Field(max_length=20)]
Steps = Annotated[list[Do], Field(max_length=PARTS_MAX)]


class Rows(Part):
    """What the rows of one file, or of a SELECT over the files, become.

    A row, or the rows of a group, become one transaction. Skipped rows are left out before rows are
    grouped or counted; a row rejected takes its group with it.
    """

    model_config = ConfigDict(populate_by_name=True)

    file: Text | None = Field(default=None, alias="from")
    sql: Text | None = None
    """One SELECT over the files as tables of text that returns ``_line``, each once at most. Moves
    text and converts nothing; not over HTTP."""
    counts: Text | None = None
    """The file whose lines the SELECT returns."""
    where: Condition | None = None
    """Which rows this is about; others are left to other rules."""
    skip: Skips = Field(default_factory=list)
    reject: Rejections = Field(default_factory=list)
    once: Key | None = None
    """Only the first row of each value of these columns."""
    repeats: Literal["ignore", "skip", "reject"] = "ignore"
    """What later rows count as: not at all (another rule uses them), skipped, or rejected."""
    group: Key | None = None
    """All rows with the same values of these columns together, wherever they stand."""
    order: Order = Field(default_factory=list)
    """What to sort by, groups by their first row; equal ones stay in the file's order."""
    known: Literal["reject", "skip", "update"] = "reject"
    """What becomes of a row about something that is registered already."""
    do: Annotated[Steps, Field(min_length=1)]
    update: Steps = Field(default_factory=list)
    """What to send instead where ``known = "update"``."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.file is None) == (self.sql is None):
            raise wrong("rows come from a file or from sql, exactly one of them")
        if (self.sql is None) != (self.counts is None):
            raise wrong("sql needs counts, the file whose lines it returns, and only sql does")
        if self.once and self.group:
            raise wrong("once or group, not both")
        if self.repeats != "ignore" and not self.once:
            raise wrong("repeats belongs to once")
        if (self.known == "update") != bool(self.update):
            raise wrong('known = "update" and update, the commands to send then, go together')
        return self

    @property
    def main(self) -> str:
        """The file whose lines are accounted for."""
        return self.file or self.counts or ""


Setups = Annotated[list[Setup], Field(max_length=PARTS_MAX)]


class Mapping(Part):
    """One kind of delivery from one source: how to read its files, and what they mean."""

    name: Name
    source: Name = ""
    """The system the ids are of, shared by the mappings of its files; ``name`` if left out."""
    description: str = ""
    zone: Zone = "UTC"
    files: Annotated[dict[Name, Layout], Field(min_length=1, max_length=PARTS_MAX)]
    setup: Setups = Field(default_factory=list)
    rows: Annotated[list[Rows], Field(min_length=1, max_length=PARTS_MAX)]
    digest: str = ""
    """SHA-256 of the text it was read from."""
