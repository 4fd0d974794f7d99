"""Imports, what they broke, and what the company has defined: attributes, exchange rates."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from crm_es.interfaces.http.shapes.pages import Shape, Text
from crm_es.interfaces.http.shapes.rows import Money, Row


class FieldDefinition(Row):
    """A custom attribute of one kind of thing."""

    kind: str
    name: str
    type: str
    is_sealed: bool
    description: str | None
    is_deprecated: bool


class ExchangeRate(Row):
    """What a currency is worth from a day on."""

    currency: str
    into: str
    valid_on: date
    rate: Money
    """Of ``into``, for so many ``units`` of ``currency``."""
    units: int
    source: str | None


class SourceFile(Shape):
    role: str
    """The name the mapping gives to it."""
    sha256: str


class FileReport(Shape):
    role: str
    rows: int
    columns: list[str]
    blanks: dict[str, int]
    """By column, the cells without a value."""
    duplicates: int


class ImportReport(Shape):
    """Every line was used, skipped by a rule, or rejected."""

    files: list[FileReport]
    units: int
    rows: int
    used: int
    skipped: dict[str, int]
    rejected: dict[str, int]
    commands: dict[str, int]
    known: dict[str, int]
    findings: dict[str, int]
    seconds: int


class Kept(Shape):
    kind: str
    stream_id: UUID
    code: str
    touched_by: UUID | None


class Import(Row):
    mapping: str
    mapping_sha256: str
    files: list[SourceFile]
    file_names: dict[str, Text]
    is_history: bool
    state: str
    committed_at: datetime | None
    report: ImportReport | None
    failed_for: str | None
    detail: Text | None
    reason: str | None
    reverted_at: datetime | None
    taken_back: dict[str, int] | None
    kept: dict[str, int] | None
    listed: list[Kept] | None


class Findings(Shape):
    """One thing whose history broke rules of today."""

    id: UUID
    version: int
    kind: str
    at: datetime
    findings: dict[str, dict[str, int]]
    """By code, and by the topic of the events that have it."""
    customer_id: UUID | None
    actor: str
    import_id: UUID
    owner: str | None


class FindingCount(Shape):
    code: str
    topic: str
    records: int
    findings: int


class FindingCounts(Shape):
    items: list[FindingCount]


class Accepted(Shape):
    """An import that has begun."""

    import_id: UUID
    position: int
    report: str
    """Where it tells how it stands."""
    rejects: str
    """Where the lines are that became nothing."""
