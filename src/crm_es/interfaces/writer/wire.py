"""Units of commands and their answers as bytes, for the way to the writer and back.

A unit is, for each of its commands: u32 size of the head, the head (a JSON list), u32 size of the
body, the body (the command as JSON). Its answer is, for each: one byte that says what, u32 size,
and a receipt, a refusal or the name of a fault.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from uuid import UUID

import orjson

from crm_es.application import digest
from crm_es.commands import REGISTRY
from crm_es.errors import KINDS
from crm_es.log.attempt import Answer, Unit
from crm_es.log.envelope import Circumstances, Submission
from crm_es.log.failures import Failed

_SIZE, _ANSWER = struct.Struct("<I"), struct.Struct("<BI")
_REFUSED, _RECEIPT, _FAILED = range(3)


def pack_unit(unit: Unit) -> bytes:
    parts: list[bytes] = []
    for submission in unit:
        whence, command = submission.circumstances, submission.command
        body = command.model_dump_json().encode()
        head = orjson.dumps(
            (
                type(command).__name__, submission.command_id.hex,
                (submission.digest or digest(command, body)).hex(),
                submission.expected_version, whence.actor, whence.on_behalf_of,
                _hex(whence.correlation_id), _hex(whence.causation_id), whence.depth,
                _hex(whence.import_id),
            )
        )  # fmt: skip
        parts += (_SIZE.pack(len(head)), head, _SIZE.pack(len(body)), body)
    return b"".join(parts)


def unpack_unit(packed: bytes) -> list[Submission]:
    """Raises ValueError if it is not what this release writes."""
    unit: list[Submission] = []
    parts = _sized(packed)
    for head, body in zip(parts, parts, strict=True):
        name, id, made, expected, actor, behalf, correlation, causation, depth, import_id = (
            orjson.loads(head)
        )
        whence = Circumstances(
            actor, behalf, _uuid(correlation), _uuid(causation), depth, _uuid(import_id)
        )
        if name not in REGISTRY:
            raise ValueError(f"There is no command {name}.")
        command = REGISTRY[name].model_validate_json(body)
        unit.append(Submission(UUID(hex=id), command, whence, expected, bytes.fromhex(made)))
    return unit


def _sized(packed: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(packed):
        (size,) = _SIZE.unpack_from(packed, start)
        start += _SIZE.size + size
        yield packed[start - size : start]


def pack_answers(answers: Sequence[Answer]) -> bytes:
    parts: list[bytes] = []
    for answer in answers:
        if isinstance(answer, bytes):
            kind, body = _RECEIPT, answer
        elif isinstance(answer, Failed):
            kind, body = _FAILED, str(answer).encode()
        else:
            kind = _REFUSED
            body = orjson.dumps((type(answer).__name__, answer.code, answer.detail, answer.pointer))
        parts += (_ANSWER.pack(kind, len(body)), body)
    return b"".join(parts)


def unpack_answers(packed: bytes) -> list[Answer]:
    answers: list[Answer] = []
    start = 0
    while start < len(packed):
        kind, size = _ANSWER.unpack_from(packed, start)
        start += _ANSWER.size + size
        body = packed[start - size : start]
        if kind == _RECEIPT:
            answers.append(body)
        elif kind == _FAILED:
            answers.append(Failed(body.decode()))
        else:
            name, code, detail, pointer = orjson.loads(body)
            answers.append(KINDS[name](code, detail, pointer=pointer))
    return answers


def _hex(id: UUID | None) -> str | None:
    return None if id is None else id.hex


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(hex=text)
