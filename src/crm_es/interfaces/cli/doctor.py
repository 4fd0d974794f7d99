"""Looking after a tenant's health: ``doctor``. Of secrets it tells only whether they are there."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from time import time_ns
from typing import NamedTuple

import typer

from crm_es import bootstrap
from crm_es.access import Keyring, NotLoopback, check_address
from crm_es.interfaces.cli.options import DATA, FAILED, Data, Json, answering, settings
from crm_es.interfaces.cli.output import out, print_json
from crm_es.log.keys import MASTER_SIZE, KeyMissing
from crm_es.log.lock import WriterLock, WriterRunning
from crm_es.log.recorder import CLOCK_BEHIND_MAX, NotDurable
from crm_es.settings import Settings

ROOM_MIN, ROOM_AMPLE = 200 << 20, 2 << 30
"""Bytes free: below the first the next import may fail; above the second all is well."""
_REMOTE = ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "afs")


class Verdict(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


_STYLES = {Verdict.GOOD: "green", Verdict.DOUBTFUL: "yellow", Verdict.BAD: "red"}


class Finding(NamedTuple):
    what: str
    verdict: Verdict
    detail: str


def doctor(*, data: Data = DATA, json: Json = False) -> None:
    """Check settings, durability, keys, permissions, disk and clock; code 1 if something is bad."""
    chosen = settings(data)
    with answering():
        bootstrap.open_log(chosen).close()
        findings = [finding for check in CHECKS for finding in check(chosen)]
    if json:
        print_json([finding._asdict() for finding in findings])
    else:
        for what, verdict, detail in findings:
            out.print(f"{verdict:>8}  ", style=_STYLES[verdict], end="")
            out.print(f"{what}: {detail}", markup=False)
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(FAILED)


def _settings(chosen: Settings) -> Iterator[Finding]:
    shown = chosen.model_dump(exclude={"api_keys", "master_key_file", "data"})
    told = ", ".join(f"{name} {value}" for name, value in shown.items())
    yield Finding("settings", Verdict.GOOD, told)


def _address(chosen: Settings) -> Iterator[Finding]:
    keyring, count = Keyring(chosen.api_keys), len(chosen.api_keys)
    try:
        check_address(chosen.host, keyring)
    except NotLoopback as reason:
        yield Finding("address", Verdict.BAD, str(reason))
        return
    keys = f"{count} API keys are set" if count else "no API key is set, only this machine may ask"
    yield Finding("address", Verdict.GOOD, f"{chosen.host}, {keys}")


def _durability(chosen: Settings) -> Iterator[Finding]:
    try:
        log = bootstrap.open_log(chosen, is_reader=False)
        log.check_durability()
        log.close()
    except NotDurable as reason:
        yield Finding("durability", Verdict.BAD, str(reason))
    else:
        yield Finding("durability", Verdict.GOOD, "write-ahead log, each commit is fsynced")
    kind = _file_system(chosen.folder.log)
    if kind.startswith(_REMOTE):
        yield Finding("file system", Verdict.BAD, f"{kind}: SQLite's locks need a local disk")
    else:
        yield Finding("file system", Verdict.GOOD, kind or "unknown")


def _writer(chosen: Settings) -> Iterator[Finding]:
    try:
        WriterLock(chosen.folder.writer_lock).release()
    except WriterRunning as running:
        yield Finding("writer", Verdict.GOOD, f"process {running.pid} runs")
    else:
        yield Finding("writer", Verdict.GOOD, "none runs: a command of this program is its own")


def _keys(chosen: Settings) -> Iterator[Finding]:
    folder = chosen.folder
    master = folder.master_key
    if not master.exists():
        yield Finding("master key", Verdict.BAD, f"is not at {master}: no name can be read")
        return
    if master.stat().st_size != MASTER_SIZE:
        yield Finding("master key", Verdict.BAD, f"{master} does not hold {MASTER_SIZE} bytes")
        return
    try:
        keys = bootstrap.open_keys(chosen)
        keys.find(bytes(16))
        keys.close()
    except KeyMissing as reason:
        yield Finding("master key", Verdict.BAD, str(reason))
        return
    yield Finding("master key", Verdict.GOOD, "is there and opens the key store")
    if master.resolve().parent == folder.root.resolve():
        detail = "lies in the data folder: keep a copy apart, and out of backups"
        yield Finding("master key", Verdict.DOUBTFUL, detail)


def _permissions(chosen: Settings) -> Iterator[Finding]:
    folder = chosen.folder
    secret, others = stat.S_IRWXG | stat.S_IRWXO, stat.S_IWOTH
    watched = ((folder.master_key, secret), (folder.root, others), (folder.keys, others))
    loose = [path for path, mask in watched if path.exists() and path.stat().st_mode & mask]
    for path in loose:
        yield Finding("permissions", Verdict.BAD, f"{path} is open to others")
    if not loose:
        yield Finding("permissions", Verdict.GOOD, "secrets are their owner's alone")


def _disk(chosen: Settings) -> Iterator[Finding]:
    free, taken = shutil.disk_usage(chosen.data).free, chosen.folder.log.stat().st_size
    verdict = (
        Verdict.BAD if free < ROOM_MIN
        else Verdict.DOUBTFUL if free < ROOM_AMPLE or free < taken
        else Verdict.GOOD
    )  # fmt: skip
    yield Finding("disk", verdict, f"{free >> 20:,} MiB free, the log takes {taken >> 20:,} MiB")


def _clock(chosen: Settings) -> Iterator[Finding]:
    log = bootstrap.open_log(chosen)
    ahead = log.head().recorded_at - time_ns() // 1000
    log.close()
    if ahead > CLOCK_BEHIND_MAX:
        detail = f"stands {ahead / 1e6:,.0f} s behind the log: nothing can be recorded"
        yield Finding("clock", Verdict.BAD, detail)
    elif ahead > 0:
        yield Finding("clock", Verdict.DOUBTFUL, f"stands {ahead / 1e6:,.1f} s behind the log")
    else:
        yield Finding("clock", Verdict.GOOD, "stands after the log's last event")


def _file_system(path: Path) -> str:
    """The kind of file system a file lies on, where the system tells; else nothing."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    fields = [line.split(" ") for line in mounts.read_text(encoding="utf-8").splitlines()]
    above = {str(parent) for parent in path.resolve().parents}
    found = [(mount, kind) for _, mount, kind, *_ in fields if mount in above]
    return max(found, key=lambda pair: len(pair[0]), default=("", ""))[1]


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _settings, _address, _durability, _writer, _keys, _permissions, _disk, _clock,
)  # fmt: skip

COMMANDS = (doctor,)
