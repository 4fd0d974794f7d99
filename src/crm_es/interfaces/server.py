"""The processes of one server: what each is told, and how it is seen to be ready."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import rmtree

from crm_es import bootstrap
from crm_es.access import Keyring, check_address
from crm_es.errors import Unavailable
from crm_es.interfaces.listening import family_of, reserve
from crm_es.interfaces.supervisor import Part
from crm_es.log.lock import WriterLock
from crm_es.settings import Settings

_MODULE = "crm_es.interfaces.process"


@contextmanager
def place(settings: Settings) -> Iterator[int]:
    """The port to serve at, kept for this server while it runs.

    Raises NoTenant, NotLoopback, WriterRunning, PortTaken.
    """
    bootstrap.open_log(settings).close()
    check_address(settings.host, Keyring(settings.api_keys))
    WriterLock(settings.folder.writer_lock).release()
    rmtree(settings.folder.uploads, ignore_errors=True)  # left by a server that was killed
    with reserve(settings.host, settings.port) as kept:
        yield kept.getsockname()[1]


def parts(settings: Settings, port: int) -> list[Part]:
    """In the order they start. Without the first two there is no server."""
    environment = {
        "CRM_ES_DATA": str(settings.data), "CRM_ES_HOST": settings.host, "CRM_ES_PORT": str(port),
    }  # fmt: skip

    def part(name: str, is_ready: Callable[[], bool], *, is_essential: bool = True) -> Part:
        return Part(name, (_MODULE, name), is_ready, environment, is_essential=is_essential)

    family, address = family_of(settings.host), (settings.host, port)
    apis = range(settings.api_processes)
    return [
        part("log", lambda: _listens(bootstrap.writer_socket(settings))),
        *(part("api", lambda: _answers(family, address)) for _ in apis),
        part("follow", lambda: _serves(settings), is_essential=False),
        part("facts", lambda: _listens(bootstrap.facts_socket(settings)), is_essential=False),
    ]


def _serves(settings: Settings) -> bool:
    """Whether there are views to be read."""
    with suppress(Unavailable), closing(bootstrap.open_views(settings)) as views:
        return views.position >= 0
    return False


def _listens(path: Path) -> bool:
    return _answers(socket.AF_UNIX, str(path))


def _answers(family: int, address: object) -> bool:
    with suppress(OSError), socket.socket(family) as line:
        line.settimeout(1)
        line.connect(address)  # type: ignore[arg-type]
        return True
    return False
