"""What every request passes first: who asks, what is too much, and an answer whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from time import perf_counter

from crm_es.access import Keyring
from crm_es.errors import Refused
from crm_es.interfaces.http.asgi import App, Gone, Message, Receive, Scope, Send, respond_problem
from crm_es.interfaces.http.metrics import Metrics
from crm_es.interfaces.http.problems import FAULT, Problem, problem_of

HEADERS_SIZE_MAX = 16 * 1024
PARAMETERS_MAX = 100
OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""Asked by supervisors, who hold no keys; they tell nothing about anyone."""

_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
log = logging.getLogger("crm_es.http")


class Gate:
    """The outermost ASGI application."""

    def __init__(
        self,
        commands: App,
        batch: App,
        others: App,
        *,
        keyring: Keyring,
        host: str,
        metrics: Metrics,
        close: Callable[[], Awaitable[None]],
    ) -> None:
        """``close`` ends what the applications have begun."""
        self.close = close
        self._commands, self._batch, self._others = commands, batch, others
        self._keyring, self._metrics = keyring, metrics
        # Without keys the browser is the danger: a page whose name is made to mean this address
        # could ask as the user. Such a page's requests bear its own name.
        self._is_any_host = bool(keyring)
        self._hosts = {b"localhost", b"127.0.0.1", b"[::1]", host.encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        began, status, is_whole = perf_counter(), 0, False

        async def noted(message: Message) -> None:
            nonlocal status, is_whole
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_ALWAYS]
            else:
                is_whole = not message.get("more_body", False)
            await send(message)

        try:
            self._admit(scope)
            await self._app(scope["path"])(scope, receive, noted)
        except Problem as problem:
            await respond_problem(noted, problem)
        except Refused as refusal:
            await respond_problem(noted, problem_of(refusal))
        except Gone:
            status = 499
        except Exception:
            log.exception("A request failed: %s %s", scope["method"], _route(scope))
            if not status:
                await respond_problem(noted, FAULT)
            elif not is_whole:
                raise  # half an answer: the connection must break, or it would pass for a whole one
        finally:
            self._metrics.count(scope["method"], _route(scope), status, perf_counter() - began)

    def _app(self, path: str) -> App:
        if path.startswith("/v1/commands/"):
            return self._commands
        return self._batch if path == "/v1/commands" else self._others

    def _admit(self, scope: Scope) -> None:
        """Raises Problem, Forbidden."""
        size, authorization, host = 0, None, b""
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"authorization":
                authorization = value.decode("latin-1")
            elif name == b"host":
                host = value
        if size > HEADERS_SIZE_MAX:
            raise Problem(
                431, "headers.too_large", f"{HEADERS_SIZE_MAX} bytes of headers are the limit."
            )
        if scope["query_string"].count(b"&") >= PARAMETERS_MAX:
            raise Problem(400, "query.too_many", f"{PARAMETERS_MAX} parameters are the limit.")
        if not self._is_any_host and _name_of(host) not in self._hosts:
            raise Problem(421, "host.unexpected", "Without API keys only local names are served.")
        if scope["path"] not in OPEN_PATHS:
            scope["principal"] = self._keyring.principal(authorization)


def _name_of(host: bytes) -> bytes:
    """Without the port."""
    if host.startswith(b"["):
        return host[: host.find(b"]") + 1].lower()
    return host.partition(b":")[0].lower()


def _route(scope: Scope) -> str:
    """The pattern a request matched, never its path: paths hold ids, and never end."""
    path: str = scope["path"]
    if path.startswith("/v1/commands"):
        return "/v1/commands" if path == "/v1/commands" else "/v1/commands/{name}"
    found = scope.get("route")
    return found.path if found is not None else "(none)"
