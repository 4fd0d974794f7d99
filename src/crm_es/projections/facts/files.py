"""The DuckDB files: a cache that is set aside when it is damaged, and only then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crm_es.log.lock import Held, WriterLock, WriterRunning

_DAMAGE = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Corrupt WAL file",
    "Could not read enough bytes",
    "WAL does not match database file",
    "can only read versions between",
    "Failed to deserialize",
    "Serialization Error",
)
"""What DuckDB 2.0 says of a file that is not whole or not its own. A held lock, a permission or a
full disk come as the same IOException: they say nothing about the file."""


class FactsRunning(Held):
    """Another process owns the DuckDB files."""


class Damaged(Exception):  # noqa: N818 - reads as what is found
    """A file is not whole. Open the store again: it sets the file aside."""


def is_damage(error: BaseException | None) -> bool:
    return isinstance(error, duckdb.Error) and any(sign in str(error) for sign in _DAMAGE)


@contextmanager
def watching() -> Iterator[None]:
    """Tell damage from every other error of DuckDB. Raises Damaged."""
    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise


def lock(path: Path) -> WriterLock:
    """Own the DuckDB files of a folder. Taken before they are touched. Raises FactsRunning."""
    try:
        return WriterLock(path)
    except WriterRunning as other:
        raise FactsRunning(
            f"Process {other.pid or 'of unknown id'} already owns the facts in {path.parent}."
        ) from None


def set_aside(path: Path) -> None:
    """Rename a file, and what was written ahead of it; the one set aside before is dropped.

    A log of writes left behind would be replayed into the new file.
    """
    for file in sorted(path.parent.glob(f"{path.name}*")):
        if not file.name.endswith(".aside"):
            file.replace(file.with_name(f"{file.name}.aside"))


def clear(folder: Path) -> None:
    """An empty folder for what DuckDB spills, whatever a killed process left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
