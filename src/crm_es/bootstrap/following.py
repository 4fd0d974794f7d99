"""The follow process: views and search kept where the log is, begun reverts brought to an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from threading import Event
from uuid import UUID

from crm_es.aggregates.platform.import_batch import ImportState
from crm_es.bootstrap.tenant import open_log
from crm_es.bootstrap.views import build_views, open_follow, open_views
from crm_es.errors import Unavailable
from crm_es.followers.child import rebuild_in_child
from crm_es.followers.rebuild import Progress
from crm_es.followers.reverts import Reverts
from crm_es.projections.views.imports import imports
from crm_es.settings import Settings

SMALL = 200_000
"""A log of so few events is folded by whoever follows: another process would take as long to start.
"""


def follow_process(settings: Settings) -> None:
    """Follow until told to stop. Raises NoTenant, FollowRunning."""
    stop, folder = Event(), settings.folder.views
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def build(on_progress: Progress) -> None:
        with closing(open_log(settings)) as log:
            is_small = log.head().position <= SMALL
        if is_small:
            build_views(settings, on_progress)
        else:
            rebuild_in_child(folder, partial(open_log, settings), on_progress)

    with (
        closing(open_reverts(settings)) as reverts,
        closing(open_follow(settings, build, lambda search: [search, reverts])) as follow,
    ):
        follow.run(stop)


def open_reverts(settings: Settings) -> Reverts:
    """Who has begun reverts finished, for the thread that follows. Raises NoTenant."""
    views = open_views(settings)

    def begun() -> Sequence[UUID]:
        with suppress(Unavailable), views.snapshot() as db:
            return [UUID(one["id"]) for one in imports(db, state=ImportState.REVERTING).items]
        return ()

    def start(import_id: UUID) -> subprocess.Popen[bytes]:
        # Its input ends when this process does, however it ends; and so does it.
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "crm_es.interfaces.reverting", str(import_id)],
            stdin=subprocess.PIPE, env={**os.environ, "CRM_ES_DATA": str(settings.data)},
            start_new_session=True,
        )  # fmt: skip

    return Reverts(begun, start)
