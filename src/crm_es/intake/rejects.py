"""The rejects of an import as a file for people: which line, which column, why; never a value."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

COLUMNS = ("file", "line", "column", "code", "detail")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run begins with one of these."""


def rejects_path(folder: Path, import_id: UUID) -> Path:
    return folder / f"{import_id}.rejects.csv"


class RejectsFile:
    """Written beside its place, and put there when all of it is told; leaving early leaves none."""

    def __init__(self, path: Path) -> None:
        self.path, self._part = path, path.with_suffix(".part")
        self.count = 0

    def __enter__(self) -> Self:
        self._file = self._part.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        return self

    def write(self, file: str, line: int, column: str | None, code: str, detail: str) -> None:
        self._rows.writerow([_safe(file), line, _safe(column or ""), code, _safe(detail)])
        self.count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._file.close()
        if error is None:
            self._part.replace(self.path)
        else:
            self._part.unlink()


def _safe(cell: str) -> Any:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
