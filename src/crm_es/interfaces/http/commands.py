"""``POST /v1/commands/{Name}`` for every command in the registry. There is no other write."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from crm_es.access import Principal
from crm_es.commands import REGISTRY
from crm_es.commands.base import Command
from crm_es.errors import Refused
from crm_es.interfaces.http import json_body
from crm_es.interfaces.http.asgi import (
    Receive,
    Scope,
    Send,
    expect_json,
    headers_of,
    read_body,
    respond,
)
from crm_es.interfaces.http.problems import Problem, invalid, problem_of
from crm_es.log.attempt import Answer
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.failures import Failed
from crm_es.log.queue import AsyncSubmitter
from crm_es.log.sealing import MARK

PREFIX = "/v1/commands/"
ACTOR_SIZE_MAX = 200

_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_VERSION = re.compile(rb'"([0-9]{1,15})"')


class Commands:
    """The ASGI endpoint of all commands; one look-up finds the kind, so more cost nothing."""

    def __init__(self, submitter: AsyncSubmitter) -> None:
        self._submitter = submitter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = REGISTRY.get(scope["path"][len(PREFIX) :])
        if kind is None:
            raise Problem(404, "command.unknown", "There is no such command.")
        if scope["method"] != "POST":
            raise Problem(405, "method.post", "Commands are posted.", headers={"Allow": "POST"})
        headers = headers_of(scope)
        expect_json(headers)
        principal: Principal = scope["principal"]
        command_id, expected = command_id_of(headers, principal), expected_version(headers)
        whence = circumstances(headers, principal)
        command = read_command(kind, await read_body(headers, receive))
        submission = Submission(command_id, command, whence, expected)
        ((answer,),) = await self._submitter.submit([[submission]])
        await _reply(send, answer)


def read_command(kind: type[Command], body: bytes) -> Command:
    """Raises Problem 400, 422."""
    value = json_body.read(body)
    if not isinstance(value, dict):
        raise Problem(422, "json.not_object", "A command is a JSON object.")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from None


def command_id_of(headers: dict[bytes, bytes], principal: Principal) -> UUID:
    """The client's, under which a repeat is known; or, for a person's, one of ours."""
    key = _id(headers, b"idempotency-key")
    if key is None and principal.is_machine:
        detail = "Machines send an Idempotency-Key: a UUID, best a version 7."
        raise Problem(400, "idempotency_key.missing", detail)
    return key or new_id()


def circumstances(headers: dict[bytes, bytes], principal: Principal) -> Circumstances:
    """Who asks, for whom, and as part of what. A machine names the person it acts for."""
    actor = _actor(headers)
    return Circumstances(
        principal.name if principal.is_machine else actor or principal.name,
        actor if principal.is_machine else None,
        _id(headers, b"x-correlation-id"),
        _id(headers, b"x-causation-id"),
    )


def _id(headers: dict[bytes, bytes], name: bytes) -> UUID | None:
    given = headers.get(name)
    if given is None:
        return None
    if not _UUID.fullmatch(given) or not (found := UUID(given.decode())).int:
        label = name.decode()
        raise Problem(
            400, f"{label.removeprefix('x-').replace('-', '_')}.format",
            f"The header {label} is a UUID in canonical lower case.",
        )  # fmt: skip
    return found


def expected_version(headers: dict[bytes, bytes]) -> int | None:
    given = headers.get(b"if-match")
    if given is None:
        return None
    match = _VERSION.fullmatch(given)
    if match is None:
        raise Problem(400, "if_match.format", 'If-Match is a stream\'s version, such as "3".')
    return int(match[1])


def _actor(headers: dict[bytes, bytes]) -> str | None:
    given = headers.get(b"x-actor")
    if given is None:
        return None
    try:
        actor = given.decode("utf-8").strip()
    except UnicodeDecodeError:
        actor = ""
    is_text = 0 < len(actor) <= ACTOR_SIZE_MAX and actor.isprintable()
    if not is_text or actor.startswith(MARK):
        raise Problem(
            400, "actor.format", f"X-Actor is up to {ACTOR_SIZE_MAX} printable characters."
        )
    return actor


async def _reply(send: Send, answer: Answer) -> None:
    if isinstance(answer, (Refused, Failed)):
        raise problem_of(answer)
    status, receipt = status_of(answer)
    headers = (
        (b"etag", b'"%d"' % receipt["version"]),
        (b"x-position", b"%d" % receipt["position"]),
    )
    await respond(send, status, answer, headers=headers)


def status_of(receipt: bytes) -> tuple[int, dict[str, Any]]:
    """201 when something was recorded, 200 when it was so already; and the receipt."""
    read: dict[str, Any] = orjson.loads(receipt)
    return 201 if read["events"] else 200, read
