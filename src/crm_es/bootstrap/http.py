"""HTTP: what it is made of, and its process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvloop

from crm_es.access import Keyring, check_address
from crm_es.bootstrap.tenant import expect, facts_socket, open_keys, open_log
from crm_es.bootstrap.views import open_views
from crm_es.bootstrap.writing import open_async_submitter
from crm_es.followers.standing import standings
from crm_es.interfaces.http import serve as api
from crm_es.interfaces.http.app import Parts
from crm_es.interfaces.http.reading import Reading
from crm_es.interfaces.http.resources.parameters import Company
from crm_es.interfaces.listening import bind
from crm_es.log.queue import AsyncSubmitter
from crm_es.log.sealing import Sealer
from crm_es.settings import Settings

if TYPE_CHECKING:
    from crm_es.interfaces.facts.app import FactsApp


def open_reading(settings: Settings) -> Reading:
    """What one thread needs to read whatever is stored. Raises NoTenant, OSError."""
    log = open_log(settings, is_mapped=True)
    return Reading(log, Sealer(open_keys(settings)), open_views(settings))


def api_process(settings: Settings) -> None:
    """Serve HTTP until told to stop. Raises NoTenant, NotLoopback, OSError."""
    expect(settings)
    check_address(settings.host, Keyring(settings.api_keys))
    listening = bind(settings.host, settings.port)
    uvloop.run(api.serve(lambda: http_parts(settings), listening))


def http_parts(settings: Settings, submitter: AsyncSubmitter | None = None) -> Parts:
    """What HTTP needs, made on the loop that will serve it."""
    return Parts(
        submitter=submitter or open_async_submitter(settings),
        open_reading=lambda: open_reading(settings),
        standings=lambda reading: standings(reading.views, settings.folder.pii),
        folder=settings.folder,
        facts_socket=facts_socket(settings),
        company=Company(settings.zone, settings.currency),
        open_stand_in=lambda: _open_stand_in(settings),
        keyring=Keyring(settings.api_keys),
        host=settings.host,
    )


def _open_stand_in(settings: Settings) -> FactsApp:
    from crm_es.bootstrap.stand_in import open_stand_in  # noqa: PLC0415 - DuckDB, when needed

    return open_stand_in(settings)
