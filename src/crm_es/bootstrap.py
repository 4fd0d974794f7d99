"""Builds the object graph; the only file that knows every part."""

from __future__ import annotations

import json
from pathlib import Path
from time import time_ns
from typing import Any

import uvloop

from crm_es.access import Keyring, check_address
from crm_es.aggregates import EVENTS
from crm_es.application import Crm, Tenant
from crm_es.interfaces.http import serve as api
from crm_es.interfaces.http.app import Parts
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.writer import process as writer
from crm_es.interfaces.writer.remote import AsyncRemoteSubmitter, RemoteSubmitter
from crm_es.log.frames import socket_path
from crm_es.log.keys import KeyStore, master_key
from crm_es.log.lock import WriterLock, WriterRunning
from crm_es.log.queue import AsyncSubmitter, DirectSubmitter, Submitter
from crm_es.log.sealing import Sealer
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


def open_log(settings: Settings, *, is_reader: bool = True) -> SQLiteLog:
    """A reader of the log; it runs beside the writer. Raises NoTenant."""
    _expect(settings)
    return SQLiteLog(settings.folder.log, is_reader=is_reader)


def open_keys(settings: Settings) -> KeyStore:
    """A reader of the key store, to open what is sealed. Raises NoTenant, OSError."""
    _expect(settings)
    folder = settings.folder
    return KeyStore(folder.keys, master_key(folder.master_key), is_reader=True)


class OwnCrm:
    """The writer in this process, with the lock it holds."""

    def __init__(self, settings: Settings) -> None:
        """Raises NoTenant, WriterRunning, NotDurable."""
        _expect(settings)
        folder = settings.folder
        self._lock = WriterLock(folder.writer_lock)
        try:
            self._log = SQLiteLog(folder.log)
            self._log.create_table()
            self._keys = KeyStore(folder.keys, master_key(folder.master_key))
            self.crm = Crm(self._log, self._keys, tenant=Tenant(settings.currency), clock=clock)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        self._log.close()
        self._keys.close()
        self._lock.release()


def writer_socket(settings: Settings) -> Path:
    return socket_path(settings.data, WRITER_SOCKET)


def facts_socket(settings: Settings) -> Path:
    return socket_path(settings.data, FACTS_SOCKET)


def open_submitter(settings: Settings) -> Submitter:
    """The way to the log for a thread: the running writer's, or as its own writer without one.

    Raises NoTenant, and WriterRunning when the log's writer takes no commands from others.
    """
    try:
        own = OwnCrm(settings)
    except WriterRunning:
        if not writer_socket(settings).exists():
            raise
        return RemoteSubmitter(writer_socket(settings))
    return DirectSubmitter(own.crm.append, close=own.close)


def open_async_submitter(settings: Settings) -> AsyncSubmitter:
    """The way to the writer process for an event loop. Made on that loop; connects when used."""
    _expect(settings)
    return AsyncRemoteSubmitter(writer_socket(settings))


def writer_process(settings: Settings) -> bool:
    """Be the writer until told to stop. False: the log failed, and a fresh start must look.

    Raises NoTenant, WriterRunning, NotDurable.
    """
    own = OwnCrm(settings)
    try:
        return uvloop.run(writer.serve(own.crm, writer_socket(settings)))
    finally:
        own.close()


def api_process(settings: Settings) -> None:
    """Serve HTTP until told to stop. Raises NoTenant, NotLoopback, OSError."""
    _expect(settings)
    check_address(settings.host, Keyring(settings.api_keys))
    listening = api.bind(settings.host, settings.port)
    uvloop.run(api.serve(lambda: http_parts(settings), listening))


def http_parts(settings: Settings, submitter: AsyncSubmitter | None = None) -> Parts:
    """What HTTP needs, made on the loop that will serve it."""
    return Parts(
        submitter=submitter or open_async_submitter(settings),
        open_reading=lambda: Reading(open_log(settings), Sealer(open_keys(settings))),
        standings=lambda _: (),
        keyring=Keyring(settings.api_keys),
        host=settings.host,
    )


def _tenant(settings: Settings) -> str:
    """A JSON string is a TOML string too."""
    return _TENANT.format(**{**settings.model_dump(), "name": json.dumps(settings.name)})


def _expect(settings: Settings) -> None:
    if not settings.folder.is_made:
        raise NoTenant(settings.data)
