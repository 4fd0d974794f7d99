"""Builds the object graph; the only file that knows every part."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Event
from time import time_ns
from typing import Any

import uvloop

from crm_es.access import Keyring, check_address
from crm_es.aggregates import EVENTS
from crm_es.application import Crm, Tenant
from crm_es.followers.child import rebuild_in_child
from crm_es.followers.facts import FactsFollower
from crm_es.followers.follow import Follow, FollowRunning, Stepper
from crm_es.followers.rebuild import Progress, rebuild
from crm_es.followers.search import SearchFollower
from crm_es.followers.standing import standings
from crm_es.followers.verify import Report, verify
from crm_es.interfaces.facts.process import FactsProcess
from crm_es.interfaces.facts.remote import FactsLine
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
from crm_es.projections.facts import questions
from crm_es.projections.facts.calendar import Calendar
from crm_es.projections.facts.files import FactsRunning, watching
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.sandbox import Answer, Limits
from crm_es.projections.facts.sandbox import ask_snapshot as ask_in_sandbox
from crm_es.projections.facts.snapshot import Publisher
from crm_es.projections.facts.store import FactStore
from crm_es.projections.views import VIEWS
from crm_es.projections.views.store import ViewReader
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


def open_views(settings: Settings) -> ViewReader:
    """A reader of the views, for one thread. Raises NoTenant."""
    _expect(settings)
    return ViewReader(settings.folder.views, VIEWS)


def open_reading(settings: Settings) -> Reading:
    """What one thread needs to read whatever is stored. Raises NoTenant, OSError."""
    return Reading(open_log(settings), Sealer(open_keys(settings)), open_views(settings))


def open_follow(
    settings: Settings,
    rebuild: Callable[[Progress], object],
    beside: Callable[[Stepper], Stepper] = lambda search: search,
) -> Follow:
    """Who keeps the views and the search index where the log is. Raises NoTenant, FollowRunning.

    ``beside`` may put something around the one who follows for search.
    """
    folder, log = settings.folder, open_log(settings)
    search = SearchFollower(folder.pii, log, open_keys(settings))
    return Follow(
        folder.views, folder.follow_lock, log, VIEWS, rebuild=rebuild, beside=[beside(search)]
    )


def build_views(settings: Settings, on_progress: Progress) -> None:
    """Make a build of all views, for who follows to switch to. Raises NoTenant, RebuildRunning."""
    rebuild(settings.folder.views, open_log(settings), VIEWS, on_progress)


def rebuild_views(settings: Settings, on_progress: Progress) -> None:
    """Build all views anew and let them serve. Raises NoTenant, RebuildRunning."""
    build_views(settings, on_progress)
    with suppress(FollowRunning), closing(open_follow(settings, lambda _: None)) as follow:
        follow.take_over()


def catch_up(settings: Settings, on_progress: Progress | None = None) -> None:
    """Bring views and search to where the log is, unless a running process does.

    Raises NoTenant.
    """
    stop = Event()

    class UntilIdle:
        """Ends the loop when the views are where the log is and search has nothing to do."""

        def __init__(self, search: Stepper) -> None:
            self._search = search

        def step(self) -> int:
            count = self._search.step()
            if not count:
                stop.set()
            return count

    def build(on_step: Progress) -> None:
        def told(done: int, total: int) -> None:
            on_step(done, total)
            if on_progress is not None:
                on_progress(done, total)

        build_views(settings, told)

    with suppress(FollowRunning), closing(open_follow(settings, build, UntilIdle)) as follow:
        follow.run(stop)


def verify_views(
    settings: Settings, *, sample: int | None, on_progress: Callable[[int], None]
) -> Report:
    """Fold rows anew and compare them with those that serve. Raises NoTenant, Unavailable."""
    return verify(
        settings.folder.views, open_log(settings), VIEWS, sample=sample, on_progress=on_progress
    )


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


def follow_process(settings: Settings) -> None:
    """Keep views and search where the log is until told to stop. Raises NoTenant, FollowRunning."""
    stop, folder = Event(), settings.folder.views
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def build(on_progress: Progress) -> None:
        rebuild_in_child(folder, partial(open_log, settings), on_progress)

    with closing(open_follow(settings, build)) as follow:
        follow.run(stop)


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
        open_reading=lambda: open_reading(settings),
        standings=lambda reading: standings(reading.views, settings.folder.pii),
        pii=settings.folder.pii,
        zone=settings.zone,
        keyring=Keyring(settings.api_keys),
        host=settings.host,
    )


def open_facts(settings: Settings) -> FactStore:
    """The DuckDB files, owned by this process. Raises NoTenant, FactsRunning."""
    _expect(settings)
    calendar = Calendar(settings.business_zone, settings.fiscal_year_start, settings.currency)
    return FactStore(
        settings.folder.root, Plan(calendar), memory_limit_mib=settings.memory_limit_mib
    )


def facts_process(settings: Settings) -> bool:
    """Be the owner of the facts until told to stop. False: a fresh start must look.

    Raises NoTenant, FactsRunning.
    """
    store = open_facts(settings)
    follower = FactsFollower(store, lambda: open_log(settings))
    process = FactsProcess(store, follower, questions.texts())
    return uvloop.run(process.serve(facts_socket(settings)))


def publish_facts(settings: Settings) -> int:
    """Make a snapshot of the facts now, here or where they are owned; its position.

    Raises NoTenant, Unavailable.
    """
    try:
        store = open_facts(settings)
    except FactsRunning:
        return int(FactsLine(facts_socket(settings)).publish()["position"])
    with closing(store), watching():
        follower = FactsFollower(store, lambda: open_log(settings))
        with closing(follower):
            follower.catch_up()
        return Publisher(store).publish().position


def ask_snapshot(
    settings: Settings, sql: str, *, limits: Limits | None = None, as_of: int | None = None
) -> Answer:
    """Somebody's own SELECT on the newest snapshot, where it can do no harm.

    Raises NoTenant, Unavailable ``sql.no_snapshot`` (then publish_facts), Invalid.
    """
    _expect(settings)
    return ask_in_sandbox(settings.folder.snapshots, sql, limits=limits, as_of=as_of)


def _tenant(settings: Settings) -> str:
    """A JSON string is a TOML string too."""
    return _TENANT.format(**{**settings.model_dump(), "name": json.dumps(settings.name)})


def _expect(settings: Settings) -> None:
    if not settings.folder.is_made:
        raise NoTenant(settings.data)
