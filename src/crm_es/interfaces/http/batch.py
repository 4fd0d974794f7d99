"""``POST /v1/commands``: many commands as lines of JSON, one line of result for each.

They are recorded as they arrive. The results are sent once the last line has come: a client that
reads nothing until it has sent everything would otherwise wait for us while we wait for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm_es.access import Principal
from crm_es.commands import REGISTRY
from crm_es.commands.fields import Id
from crm_es.errors import Refused
from crm_es.interfaces.http import json_body
from crm_es.interfaces.http.asgi import (
    BODY_SIZE_MAX,
    Gone,
    Receive,
    Scope,
    Send,
    check_length,
    expect_json,
    headers_of,
    pieces_of_body,
    respond,
    too_large,
)
from crm_es.interfaces.http.commands import circumstances, read_command, status_of
from crm_es.interfaces.http.problems import Problem, invalid, problem_of
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.failures import Failed
from crm_es.log.queue import AsyncSubmitter

MEDIA_TYPE = b"application/x-ndjson"
LINES_MAX = 50_000
SIZE_MAX = 64 * 1024 * 1024
GROUP_SIZE = 256
"""Lines that are handed to the writer together."""


class BatchLine(BaseModel):
    """One command of a batch."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    command: str = Field(max_length=100, description="The command's name.")
    body: dict[str, Any] = Field(description="The command, as in its own endpoint.")
    command_id: Id | None = Field(default=None, description="As Idempotency-Key.")
    expected_version: int | None = Field(default=None, ge=0, description="As If-Match.")
    correlation_id: Id | None = None
    causation_id: Id | None = None


class Batch:
    """The ASGI endpoint. Each line stands alone: one refused takes no other along."""

    def __init__(self, submitter: AsyncSubmitter) -> None:
        self._submitter = submitter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            raise Problem(405, "method.post", "Commands are posted.", headers={"Allow": "POST"})
        headers = headers_of(scope)
        expect_json(headers, MEDIA_TYPE)
        check_length(headers, SIZE_MAX)
        principal: Principal = scope["principal"]
        results = await self._record(receive, principal, circumstances(headers, principal))
        await respond(send, 200, b"".join(results), MEDIA_TYPE)

    async def _record(
        self, receive: Receive, principal: Principal, whence: Circumstances
    ) -> list[bytes]:
        results: list[bytes] = []
        group: list[Submission | Problem] = []
        async for line in _lines(receive):
            group.append(line if isinstance(line, Problem) else _read(line, principal, whence))
            if len(group) == GROUP_SIZE:
                results += await self._submit(group, len(results))
                group = []
        return results + await self._submit(group, len(results))

    async def _submit(self, group: list[Submission | Problem], before: int) -> list[bytes]:
        units = [[line] for line in group if isinstance(line, Submission)]
        answers = iter(await self._submitter.submit(units) if units else [])
        results: list[bytes] = []
        for n, line in enumerate(group, start=before + 1):
            outcome = line if isinstance(line, Problem) else next(answers)[0]
            if isinstance(outcome, (Refused, Failed)):
                outcome = problem_of(outcome)
            if isinstance(outcome, Problem):
                status, name, body = outcome.status, b"problem", outcome.to_bytes()
            else:
                (status, _), name, body = status_of(outcome), b"receipt", outcome
            results.append(b'{"line":%d,"status":%d,"%b":%b}\n' % (n, status, name, body))
        return results


def _read(line: bytes, principal: Principal, whence: Circumstances) -> Submission | Problem:
    try:
        value = json_body.read(line)
        found = BatchLine.model_validate(value)
        kind = REGISTRY.get(found.command)
        if kind is None:
            return Problem(404, "command.unknown", "There is no such command.", pointer="/command")
        if found.command_id is None and principal.is_machine:
            detail = "Machines send a command_id on each line."
            return Problem(400, "idempotency_key.missing", detail, pointer="/command_id")
        command = read_command(kind, orjson.dumps(found.body))
    except ValidationError as error:
        return invalid(error)
    except Problem as problem:
        return problem
    own = Circumstances(
        whence.actor, whence.on_behalf_of, found.correlation_id or whence.correlation_id,
        found.causation_id or whence.causation_id,
    )  # fmt: skip
    return Submission(found.command_id or new_id(), command, own, found.expected_version)


async def _lines(receive: Receive) -> AsyncIterator[bytes | Problem]:
    """Lines without their ends; blank ones are left out. A Problem ends the batch."""
    rest, size, count = b"", 0, 0
    try:
        async for piece in pieces_of_body(receive):
            size += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if line.strip():
                    yield line
                    count += 1
            if size > SIZE_MAX or len(rest) > BODY_SIZE_MAX:
                yield too_large(SIZE_MAX if size > SIZE_MAX else BODY_SIZE_MAX)
                return
            if count > LINES_MAX:
                yield Problem(413, "batch.too_long", f"{LINES_MAX} lines are the limit.")
                return
    except Problem as problem:
        yield problem
        return
    except Gone:
        return
    if rest.strip():
        yield rest
