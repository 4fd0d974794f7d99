"""Copies of a log that can be trusted: the log first, then its keys, then a manifest of both."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from crm_es.log.sqlite import SQLiteLog

MANIFEST = "manifest.json"
FORMAT = 1
PAGES_PER_STEP = 4_000

Progress = Callable[[int, int], None]
"""(pages done, pages in all)"""


class NotABackup(Exception):  # noqa: N818 - reads as what it is
    """The folder holds no backup, or one that is damaged, or the target holds a log already."""


class Backup(NamedTuple):
    """What a backup holds: everything up to ``position``."""

    position: int
    generation: int
    bytes: int


def back_up(data: Path, target: Path, progress: Progress | None = None) -> Backup:
    """Copy a log and its keys beside a running writer; the master key is never copied.

    The log comes first, so that every key its events need is in the copy of the keys. Raises
    NotABackup if the target holds something.
    """
    if target.exists() and any(target.iterdir()):
        raise NotABackup(f"{target} is not empty.")
    target.mkdir(parents=True, exist_ok=True)
    for name in ("log.sqlite", "keys.sqlite"):
        _copy_database(data / name, target / name, progress)
    settings = data / "tenant.toml"
    if settings.exists():
        shutil.copyfile(settings, target / settings.name)
    log = SQLiteLog(target / "log.sqlite")
    head, generation = log.head(), log.generation()
    log.db.execute("pragma journal_mode=delete")
    log.close()
    files = {path.name: _digest(path) for path in sorted(target.iterdir())}
    manifest = {
        "format": FORMAT, "position": head.position, "recorded_at": head.recorded_at,
        "generation": generation.number, "sha256": files,
    }  # fmt: skip
    _write_durably(target / MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    size = sum(path.stat().st_size for path in target.iterdir())
    return Backup(head.position, generation.number, size)


def restore(source: Path, data: Path) -> Backup:
    """Put a backup into an empty data folder, as a new generation of the log.

    Followers that knew the old log find the new generation at their checkpoint and rebuild.
    Raises NotABackup.
    """
    manifest = check(source)
    if (data / "log.sqlite").exists():
        raise NotABackup(f"{data} holds a log already; restore into an empty folder.")
    data.mkdir(parents=True, exist_ok=True)
    for name in manifest["sha256"]:
        part = data / f"{name}.part"
        shutil.copyfile(source / name, part)
        _sync(part)
        part.rename(data / name)
    _sync(data)
    log = SQLiteLog(data / "log.sqlite")
    log.db.execute("pragma journal_mode=wal")
    generation = log.begin_generation(f"restored from position {manifest['position']}")
    log.close()
    size = (data / "log.sqlite").stat().st_size
    return Backup(manifest["position"], generation.number, size)


def check(source: Path) -> dict[str, Any]:
    """The manifest of a backup whose every file is as it was written. Raises NotABackup."""
    try:
        manifest: dict[str, Any] = orjson.loads((source / MANIFEST).read_bytes())
        wanted = manifest["sha256"].items()
        changed = [name for name, digest in wanted if _digest(source / name) != digest]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise NotABackup(f"{source} holds no whole backup: {error}") from None
    if changed or manifest.get("format") != FORMAT:
        raise NotABackup(f"{source} is damaged: {', '.join(changed) or 'another format'}")
    return manifest


def _copy_database(source: Path, target: Path, progress: Progress | None) -> None:
    def step(_: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, pages=PAGES_PER_STEP, progress=step)
        if new.execute("pragma integrity_check").fetchone()[0] != "ok":
            raise NotABackup(f"The copy of {source.name} is damaged.")
    _sync(target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _write_durably(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    _sync(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
