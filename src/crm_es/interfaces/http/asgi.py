"""The few pieces of ASGI the fast paths need: typed messages, bounded bodies, plain answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from crm_es.interfaces.http.problems import MEDIA_TYPE, Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_SIZE_MAX = 1024 * 1024
READ_SECONDS = 10.0
"""How long a client may take to send the next piece of a body."""


class Gone(Exception):  # noqa: N818 - reads as what happened
    """The client hung up."""


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """By lower-case name; the last of several counts."""
    return dict(scope["headers"])


def expect_json(headers: dict[bytes, bytes], media_type: bytes = b"application/json") -> None:
    """Raises Problem 415 unless the body is plain UTF-8 of this media type."""
    given = headers.get(b"content-type", b"")
    if given != media_type:
        name, _, parameters = given.lower().partition(b";")
        charset = parameters.strip().replace(b'"', b"")
        if name.strip() != media_type or charset not in {b"", b"charset=utf-8"}:
            detail = f"Content-Type {media_type.decode()} is expected, in UTF-8."
            raise Problem(415, "content_type.unsupported", detail)
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Problem(415, "content_encoding.unsupported", "A body is sent uncompressed.")


async def read_body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    """The whole body of a command. Raises Problem 413, 408, 400; Gone."""
    check_length(headers, BODY_SIZE_MAX)
    message = await _next(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(body) <= BODY_SIZE_MAX:
        return body
    pieces, size = [body], len(body)
    while message.get("more_body", False):
        if size > BODY_SIZE_MAX:
            break
        message = await _next(receive)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
    if size > BODY_SIZE_MAX:
        raise too_large(BODY_SIZE_MAX)
    return b"".join(pieces)


async def pieces_of_body(receive: Receive) -> AsyncIterator[bytes]:
    """Raises Problem 408, Gone."""
    is_more = True
    while is_more:
        message = await _next(receive)
        is_more = message.get("more_body", False)
        yield message.get("body", b"")


async def _next(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(READ_SECONDS):
            message = await receive()
    except TimeoutError:
        raise Problem(
            408, "body.slow", "The body did not come.", headers={"Connection": "close"}
        ) from None
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def check_length(headers: dict[bytes, bytes], limit: int) -> None:
    given = headers.get(b"content-length")
    if given is None:
        return
    if not given.isdigit():
        raise Problem(400, "content_length.format", "Content-Length is a number.")
    if len(given) > 15 or int(given) > limit:  # noqa: PLR2004 - digits of a petabyte
        raise too_large(limit)


def too_large(limit: int) -> Problem:
    # The connection stays open and what still comes is dropped unread: hanging up at once would
    # reset it, and the client would never see why.
    return Problem(413, "body.too_large", f"A body of up to {limit} bytes is taken.")


async def respond(
    send: Send,
    status: int,
    body: bytes,
    media_type: bytes = b"application/json",
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    start = [
        (b"content-type", media_type),
        (b"content-length", b"%d" % len(body)),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def respond_problem(send: Send, problem: Problem) -> None:
    headers = [(k.lower().encode(), v.encode()) for k, v in problem.headers.items()]
    await respond(send, problem.status, problem.to_bytes(), MEDIA_TYPE.encode(), headers)
