"""The facts: owned by one process, followed into, published, asked."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import Any

import uvloop

from crm_es.bootstrap.tenant import expect, facts_socket, open_log
from crm_es.errors import Unavailable
from crm_es.followers.facts import FactsFollower, Progress
from crm_es.interfaces.facts.process import FactsProcess
from crm_es.interfaces.facts.remote import FactsLine
from crm_es.projections.facts import questions
from crm_es.projections.facts.calendar import Calendar
from crm_es.projections.facts.files import FactsRunning, watching
from crm_es.projections.facts.plan import Plan
from crm_es.projections.facts.sandbox import Answer, Limits
from crm_es.projections.facts.sandbox import ask_snapshot as ask_in_sandbox
from crm_es.projections.facts.snapshot import Publisher
from crm_es.projections.facts.store import FactStore
from crm_es.settings import Settings

STANDING_SECONDS = 2.0


def open_facts(settings: Settings) -> FactStore:
    """The DuckDB files, owned by this process. Raises NoTenant, FactsRunning."""
    expect(settings)
    plan = Plan(calendar_of(settings))
    counted = settings.memory_limit_mib // 2  # as much again is what DuckDB does not count
    return FactStore(settings.folder.root, plan, memory_limit_mib=counted)


def calendar_of(settings: Settings) -> Calendar:
    """What the tenant fixes of every day, month and sum."""
    return Calendar(settings.business_zone, settings.fiscal_year_start, settings.currency)


def facts_process(settings: Settings) -> bool:
    """Be the owner of the facts until told to stop. False: a fresh start must look.

    Raises NoTenant, FactsRunning.
    """
    store = open_facts(settings)
    follower = FactsFollower(store, lambda: open_log(settings))
    process = FactsProcess(store, follower, questions.texts())
    return uvloop.run(process.serve(facts_socket(settings)))


def rebuild_facts(settings: Settings, on_progress: Progress | None = None) -> int:
    """Build every fact anew, here or where they are owned; the position they then stand at.

    Raises NoTenant, Unavailable.
    """
    try:
        store = open_facts(settings)
    except FactsRunning:
        return int(FactsLine(facts_socket(settings)).rebuild()["position"])
    with closing(store), watching():
        with closing(FactsFollower(store, lambda: open_log(settings))) as follower:
            follower.catch_up(on_progress)
        for name in store.tables.facts:
            store.rebuild(name)
        return store.tables.position


def facts_standing(settings: Settings) -> dict[str, Any] | None:
    """How far the facts are, told by their process; None while there is none."""
    with suppress(Unavailable):
        return FactsLine(facts_socket(settings), patience=STANDING_SECONDS).standing()
    return None


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
    expect(settings)
    return ask_in_sandbox(settings.folder.snapshots.absolute(), sql, limits=limits, as_of=as_of)
