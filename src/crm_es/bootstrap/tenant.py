"""A tenant's folder: made once, its settings read, its log and keys opened."""

from __future__ import annotations

import json
from pathlib import Path
from time import time_ns
from typing import Any

from crm_es.aggregates import EVENTS
from crm_es.log.frames import socket_path
from crm_es.log.keys import KeyStore, master_key
from crm_es.log.lock import WriterLock
from crm_es.log.sqlite import SQLiteLog
from crm_es.settings import Settings

WRITER_SOCKET, FACTS_SOCKET = "writer.sock", "facts.sock"

_TENANT = """\
# What is true of this company, wherever its data goes. CRM_ES_... in the environment goes first.
name = {name}
business_zone = "{business_zone}"
fiscal_year_start = {fiscal_year_start}
currency = "{currency}"
"""

assert EVENTS  # noqa: S101 - importing them registers every topic a log may hold


class NoTenant(Exception):  # noqa: N818 - reads as how things stand
    """There is no tenant in this folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no CRM in {folder}: crm-es init --data {folder} makes one.")


def clock() -> int:
    """Microseconds since 1970 UTC."""
    return time_ns() // 1000


def init(settings: Settings) -> bool:
    """Make what a tenant needs in its folder. False if it was there; nothing is overwritten."""
    folder = settings.folder
    folder.root.mkdir(parents=True, exist_ok=True)
    with WriterLock(folder.writer_lock):
        is_new = not folder.is_made
        if not folder.tenant.exists():
            folder.tenant.write_text(_tenant(settings), encoding="utf-8")
        for place in (folder.snapshots, folder.imports, folder.blobs):
            place.mkdir(exist_ok=True)
        KeyStore(folder.keys, master_key(folder.master_key, create=is_new)).close()
        log = SQLiteLog(folder.log)
        log.create_table()
        log.close()
    return is_new


def settings_of(data: Path | None = None, **given: Any) -> Settings:
    """The settings of a data folder. Raises pydantic.ValidationError."""
    return Settings(**given) if data is None else Settings(data=data, **given)


def open_log(settings: Settings, *, is_reader: bool = True, is_mapped: bool = False) -> SQLiteLog:
    """A reader of the log; it runs beside the writer. Raises NoTenant."""
    expect(settings)
    return SQLiteLog(settings.folder.log, is_reader=is_reader, is_mapped=is_mapped)


def open_keys(settings: Settings) -> KeyStore:
    """A reader of the key store, to open what is sealed. Raises NoTenant, OSError."""
    expect(settings)
    folder = settings.folder
    return KeyStore(folder.keys, master_key(folder.master_key), is_reader=True)


def writer_socket(settings: Settings) -> Path:
    return socket_path(settings.data, WRITER_SOCKET)


def facts_socket(settings: Settings) -> Path:
    return socket_path(settings.data, FACTS_SOCKET)


def _tenant(settings: Settings) -> str:
    """A JSON string is a TOML string too."""
    return _TENANT.format(**{**settings.model_dump(), "name": json.dumps(settings.name)})


def expect(settings: Settings) -> None:
    """Raises NoTenant."""
    if not settings.folder.is_made:
        raise NoTenant(settings.data)
