"""The write side: as the writer of this process, as its process, or on the way to it."""

from __future__ import annotations

import uvloop

from crm_es.application import Crm, Tenant
from crm_es.bootstrap.tenant import clock, expect, writer_socket
from crm_es.interfaces.writer import process as writer
from crm_es.interfaces.writer.remote import AsyncRemoteSubmitter, RemoteSubmitter
from crm_es.log.keys import KeyStore, master_key
from crm_es.log.lock import WriterLock, WriterRunning
from crm_es.log.queue import AsyncSubmitter, DirectSubmitter, Submitter
from crm_es.log.rehearsal import RehearsalKeys, RehearsalLog
from crm_es.log.sqlite import SQLiteLog
from crm_es.settings import Settings


class OwnCrm:
    """The writer in this process, with the lock it holds."""

    def __init__(self, settings: Settings, *, is_rehearsal: bool = False) -> None:
        """A rehearsal is answered as the writer would, and leaves nothing behind.

        Raises NoTenant, WriterRunning, NotDurable.
        """
        expect(settings)
        folder = settings.folder
        self._lock = WriterLock(folder.writer_lock)
        try:
            self.log = (RehearsalLog if is_rehearsal else SQLiteLog)(folder.log)
            self.log.create_table()
            keys = RehearsalKeys if is_rehearsal else KeyStore
            self._keys = keys(folder.keys, master_key(folder.master_key))
            self.crm = Crm(self.log, self._keys, tenant=Tenant(settings.currency), clock=clock)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        self.log.close()
        self._keys.close()
        self._lock.release()


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
    return DirectSubmitter(own.crm.stage, close=own.close)


def open_async_submitter(settings: Settings) -> AsyncSubmitter:
    """The way to the writer process for an event loop. Made on that loop; connects when used."""
    expect(settings)
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
