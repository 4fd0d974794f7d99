"""How HTTP says no: RFC 9457 problems with a stable code and a pointer, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from crm_es.commands.shortcomings import told
from crm_es.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Unavailable
from crm_es.log.failures import Failed

MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 20

_STATUS: dict[type[Refused], int] = {
    NotFound: 404, Conflict: 409, Forbidden: 403, Invalid: 422, Unavailable: 503, Refused: 409,
}  # fmt: skip
_STATUS_BY_CODE = {"key.missing": 401, "key.unknown": 401, "storage.full": 507}
_TITLES = {
    400: "The request cannot be read",
    401: "Who is asking?",
    403: "That is not allowed",
    404: "There is no such thing",
    405: "Not with this method",
    408: "The request came too slowly",
    409: "Not as things stand",
    413: "Too large",
    415: "Not in this form",
    421: "Not this host",
    422: "The request makes no sense",
    429: "Too many at once",
    431: "The headers are too large",
    500: "A fault of ours",
    503: "Not now",
    507: "There is no room left",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)


class Problem(Exception):  # noqa: N818 - reads as what it is
    """A request that is turned down before, or without, a command being decided."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        pointer: str | None = None,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.pointer = status, code, detail, pointer
        self.headers, self.errors = dict(headers or {}), list(errors)

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "type": f"urn:crm-es:problem:{self.code}",
            "title": _TITLES.get(self.status, "Refused"),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.pointer is not None:
            found["pointer"] = self.pointer
        if self.errors:
            found["errors"] = self.errors
        return found

    def to_bytes(self) -> bytes:
        return orjson.dumps(self.document())


FAULT = Problem(500, "internal", "The request met a fault of ours.")


def problem_of(answer: Refused | Failed) -> Problem:
    """How a refusal, or a fault of ours, is told over HTTP."""
    if isinstance(answer, Failed):
        return Problem(500, "internal", "The command met a fault of ours; nothing was recorded.")
    kind = next(kind for kind in _STATUS if isinstance(answer, kind))
    status = _STATUS_BY_CODE.get(answer.code, _STATUS[kind])
    headers = {}
    if status in {503, 507}:
        headers["Retry-After"] = "1"
    elif status == 401:  # noqa: PLR2004 - it is what it is
        headers["WWW-Authenticate"] = "Bearer"
    return Problem(status, answer.code, answer.detail, pointer=answer.pointer, headers=headers)


def invalid(error: ValidationError) -> Problem:
    """What is wrong with the shape of a command, field by field."""
    errors = [_shortcoming(one) for one in error.errors(include_url=False)[:ERRORS_MAX]]
    first = errors[0]
    return Problem(
        422, first["code"], first["detail"], pointer=first["pointer"],
        errors=errors if len(errors) > 1 else (),
    )  # fmt: skip


def invalid_parameter(error: Any) -> Problem:
    """What is wrong with a parameter of the path, the query or a header, as pydantic tells it."""
    place, *name = error["loc"]
    code, detail = told(error)
    said = f"{place} parameter {'.'.join(map(str, name[:1]))}: {detail}"
    return Problem(422, code, said, pointer=pointer_to(name[:1]))


def _shortcoming(error: Any) -> dict[str, str]:
    code, detail = told(error)
    pointer = pointer_to(error["loc"], is_unknown=error["type"] == "extra_forbidden")
    return {"code": code, "pointer": pointer, "detail": detail}


def pointer_to(location: Iterable[str | int], *, is_unknown: bool = False) -> str:
    """A JSON pointer. A key the client made up is named only if it looks like a field's name."""
    parts = [part for part in location if part != "[key]"]
    if parts and is_unknown and not _NAME.fullmatch(str(parts[-1])):
        parts = parts[:-1]
    return "".join(f"/{part}" for part in parts if isinstance(part, int) or _NAME.fullmatch(part))
