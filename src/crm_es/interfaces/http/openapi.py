"""The OpenAPI document: FastAPI's for the resources, and a path for each command."""

from __future__ import annotations

import inspect
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from crm_es.commands import REGISTRY
from crm_es.commands.base import Command
from crm_es.interfaces.http.batch import BatchLine
from crm_es.interfaces.http.examples import example_of

_REF = "#/components/schemas/{model}"
_ID = {"type": "string", "format": "uuid"}
_PARAMETERS = {
    "IdempotencyKey": (
        "Idempotency-Key",
        _ID,
        "The command's id, best a UUIDv7: known for ever, the same again has the same answer.",
    ),
    "IfMatch": (
        "If-Match",
        {"type": "string", "pattern": '^"[0-9]{1,15}"$'},
        "The version the stream must have, as the ETag of an earlier receipt; else 409.",
    ),
    "Actor": (
        "X-Actor",
        {"type": "string", "pattern": "^[!-~]{1,200}$"},
        "Who acts; with an API key, for whom the machine acts.",
    ),
    "CorrelationId": ("X-Correlation-Id", _ID, "What the command is part of."),
    "CausationId": ("X-Causation-Id", _ID, "The event that led to it."),
}
_INTEGER = {"type": "integer"}
_RECEIPT = {
    "type": "object",
    "description": "What became of a command. Without events everything was so already.",
    "required": ["command_id", "stream_id", "version", "position", "events"],
    "properties": {
        "command_id": _ID, "stream_id": _ID, "version": _INTEGER, "position": _INTEGER,
        "events": _INTEGER,
    },
}  # fmt: skip
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Programs look at `code`; the value sent is never repeated.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": _TEXT, "title": _TEXT, "status": _INTEGER, "code": _TEXT, "detail": _TEXT,
        "pointer": {"type": "string", "description": "A JSON pointer into the body."},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}  # fmt: skip
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"$ref": "#/components/responses/Problem"}
    for status in (400, 401, 403, 404, 405, 408, 409, 413, 415, 421, 422, 431, 500, 503, 507)
}
"""What any route may answer besides its own."""


def document(app: FastAPI) -> dict[str, Any]:
    """Made once, when first asked for."""
    found = get_openapi(
        title="crm_es",
        version="1",
        description="An event-sourced CRM: commands in, receipts and resources out.",
        routes=app.routes,
    )
    kinds = [(kind, "validation") for kind in REGISTRY.values()]
    _, models = models_json_schema([*kinds, (BatchLine, "validation")], ref_template=_REF)  # type: ignore[list-item]
    schemas: dict[str, Any] = models["$defs"]
    components = found.setdefault("components", {})
    shapes = components.get("schemas", {})
    assert not shapes.keys() & schemas.keys(), shapes.keys() & schemas.keys()  # noqa: S101 - ours
    for unused in ("HTTPValidationError", "ValidationError"):
        shapes.pop(unused, None)
    components["schemas"] = {**shapes, **schemas, "Receipt": _RECEIPT, "Problem": _PROBLEM}
    _add_examples(found["paths"], shapes)
    components["parameters"] = {
        key: {"name": name, "in": "header", "schema": schema, "description": text}
        for key, (name, schema, text) in _PARAMETERS.items()
    }
    components["responses"] = {
        "Problem": {
            "description": "Turned down.",
            "content": {"application/problem+json": {"schema": _to("Problem")}},
        }
    }
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    found["security"] = [{}, {"key": []}]
    found["paths"] = {
        **{f"/v1/commands/{name}": _path(kind, schemas) for name, kind in REGISTRY.items()},
        "/v1/commands": _batch(),
        **found["paths"],
    }
    return found


def _add_examples(paths: dict[str, Any], shapes: dict[str, Any]) -> None:
    """To every answer that is a document."""
    for path in paths.values():
        for operation in path.values():
            for status in ("200", "202"):
                content = operation["responses"].get(status, {}).get("content", {})
                answer = content.get("application/json", {})
                if answer.get("schema", {}).get("$ref"):
                    answer["example"] = example_of(answer["schema"], shapes)


def _path(kind: type[Command], schemas: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    content = {
        "schema": _to(name),
        "example": example_of(schemas[name], schemas),
    }
    summary, _, rest = inspect.cleandoc(kind.__doc__ or name).partition("\n")
    receipt = {
        "description": "Recorded.",
        "content": {"application/json": {"schema": _to("Receipt")}},
        "headers": {
            "ETag": {"schema": _TEXT, "description": "The stream's version, for If-Match."},
            "X-Position": {"schema": _INTEGER, "description": "For min_position."},
        },
    }
    return {
        "post": {
            "operationId": name,
            "tags": [kind.__module__.split(".")[-2]],
            "summary": summary,
            "description": rest.strip(),
            "parameters": [{"$ref": f"#/components/parameters/{key}"} for key in _PARAMETERS],
            "requestBody": {"required": True, "content": {"application/json": content}},
            "responses": {
                "201": receipt,
                "200": {**receipt, "description": "It was so already; nothing was recorded."},
                **{str(status): response for status, response in PROBLEMS.items()},
            },
        }
    }


def _batch() -> dict[str, Any]:
    lines = {"application/x-ndjson": {"schema": _to("BatchLine")}}
    result = {"type": "string", "description": "A line for each line: line, status, and the rest."}
    keys = ("Actor", "CorrelationId", "CausationId")
    return {
        "post": {
            "operationId": "batch",
            "tags": ["batch"],
            "summary": "Record many commands: a line of JSON each, and a line of result each.",
            "parameters": [{"$ref": f"#/components/parameters/{key}"} for key in keys],
            "requestBody": {"required": True, "content": lines},
            "responses": {
                "200": {
                    "description": "`{line, status, receipt | problem}` for each line, in order.",
                    "content": {"application/x-ndjson": {"schema": result}},
                },
                **{str(status): response for status, response in PROBLEMS.items()},
            },
        }
    }


def _to(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}
