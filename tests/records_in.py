"""One file as the reader cuts it, for tests of reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_es.errors import Invalid
from crm_es.intake.decoding import TextFile
from crm_es.intake.limits import OPERATOR, Limits
from crm_es.intake.mapping.layout import Layout
from crm_es.intake.reader import Fault, Reader

Row = tuple[int, list[str]]


def read(
    folder: Path, content: bytes | str, *, limits: Limits = OPERATOR, **layout: object
) -> tuple[tuple[str, ...], list[Row], list[Fault]]:
    """(columns, rows with their lines, faults)."""
    path = folder / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    how = Layout.model_validate({"match": "t.csv", **layout})
    reader = Reader(TextFile(path, how.encoding, limits), how, limits, path.name)
    batches = list(reader.batches())
    rows = [
        (line, record.split("\x1f"))
        for batch in batches
        for line, record in zip(batch.lines, batch.records, strict=True)
    ]
    return reader.columns, rows, [fault for batch in batches for fault in batch.faults]


def refusal(folder: Path, content: bytes | str, **more: object) -> Invalid:
    with pytest.raises(Invalid) as raised:
        read(folder, content, **more)  # type: ignore[arg-type]
    return raised.value
