"""A page of the documentation as instructions: files to write, lines to add, commands to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(r"```(\w*)")
_PATH = re.compile(r"`((?:src|tests)/[\w./]+\.\w+)`")


class Block(NamedTuple):
    """A fenced block, and the file that was named last before it."""

    language: str
    path: str | None
    text: str


def blocks(page: str) -> Iterator[Block]:
    path: str | None = None
    language: str | None = None
    lines: list[str] = []
    for line in page.splitlines():
        fence = _FENCE.fullmatch(line)
        if fence and language is None:
            language, lines = fence[1], []
        elif fence:
            yield Block(language or "", path, "".join(f"{one}\n" for one in lines))
            language = None
        elif language is not None:
            lines.append(line)
        else:
            path = next((found[1] for found in _PATH.finditer(line)), path)


def carry_out(block: Block, folder: Path) -> None:
    """Write, change or append to the file a block is about."""
    if block.path is None or block.language not in {"python", "diff", "sql"}:
        return
    file = folder / block.path
    if block.language == "python":
        assert not file.exists(), f"{block.path} is not new"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
    elif block.language == "diff":
        file.write_text(_changed(file.read_text(), block))
    else:
        file.write_text(f"{file.read_text()}\n{block.text}")


def _changed(text: str, block: Block) -> str:
    lines = [(line[0], f"{line[1:]}\n") for line in block.text.splitlines()]
    before = "".join(line for sign, line in lines if sign != "+")
    after = "".join(line for sign, line in lines if sign != "-")
    assert text.count(before) == 1, f"{block.path} has not once:\n{before}"
    return text.replace(before, after)
