"""Which files a mapping is about: those it is handed, or those it finds in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from crm_es.errors import Invalid
from crm_es.intake.mapping import Mapping


def files_in(folder: Path, mapping: Mapping) -> dict[str, list[Path]]:
    """The files of a folder by the names the mapping gives them. Raises Invalid without one."""
    found = {name: sorted(folder.glob(layout.match)) for name, layout in mapping.files.items()}
    for name, paths in found.items():
        if not paths:
            pattern = mapping.files[name].match
            raise Invalid("file.absent", f"{name}: no file {pattern!r} in {folder}.")
    return found


def files_of(paths: Sequence[Path], mapping: Mapping) -> dict[str, list[Path]]:
    """What is handed in by the names the mapping gives it: one folder, or every file there is.

    Where the mapping and the caller both mean a single file, it may be called anything.
    Raises Invalid if a file is absent, is none of the mapping's, or is meant twice.
    """
    for path in paths:
        if not path.exists():
            raise Invalid("file.absent", f"There is no file {path}.")
    if len(paths) == 1 and paths[0].is_dir():
        return files_in(paths[0], mapping)
    if len(paths) == 1 and len(mapping.files) == 1:
        return {name: list(paths) for name in mapping.files}
    found: dict[str, list[Path]] = {name: [] for name in mapping.files}
    for path in sorted(paths):
        found[_role(path, mapping)].append(path)
    for name, some in found.items():
        if not some:
            pattern = mapping.files[name].match
            raise Invalid("file.absent", f"{name}: no file is called {pattern!r}.")
    return found


def _role(path: Path, mapping: Mapping) -> str:
    roles = [n for n, layout in mapping.files.items() if _is_meant(path, layout.match)]
    if not roles:
        patterns = ", ".join(repr(layout.match) for layout in mapping.files.values())
        raise Invalid("file.unknown", f"{path.name} is none of the mapping's files: {patterns}.")
    if len(roles) > 1:
        raise Invalid("file.ambiguous", f"{path.name} is meant as {' and as '.join(roles)}.")
    return roles[0]


def _is_meant(path: Path, pattern: str) -> bool:
    """By its end, as ``PurePath.match`` does: ``sales/*.csv`` needs the folder, ``*.csv`` not."""
    return PurePath(path).match(pattern)
