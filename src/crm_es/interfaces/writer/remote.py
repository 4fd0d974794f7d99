"""Submitters that bring commands to the writer process over its socket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from crm_es.errors import Unavailable
from crm_es.interfaces.writer.process import FIGURES
from crm_es.interfaces.writer.wire import pack_unit, unpack_answers
from crm_es.log.attempt import Answer, Unit
from crm_es.log.line import AsyncLine, Line, LineDown
from crm_es.log.queue import WAITING_MAX

_NO_ANSWER = (
    "The writer does not answer. It is unknown whether the command took effect:"
    " send it again under the same id."
)


class RemoteSubmitter:
    """For threads: imports, the CLI, followers."""

    def __init__(self, socket: Path) -> None:
        self._line = Line(socket)

    def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        if not units:
            return []
        try:
            packed = self._line.exchange([pack_unit(unit) for unit in units])
        except LineDown:
            return [[Unavailable("writer.silent", _NO_ANSWER)] * len(unit) for unit in units]
        return [_for_each(unit, answers) for unit, answers in zip(units, packed, strict=True)]

    def close(self) -> None:
        self._line.close()


class AsyncRemoteSubmitter:
    """For an event loop: the api process."""

    def __init__(self, socket: Path) -> None:
        self._line = AsyncLine(socket)
        self._waiting = 0

    async def submit(self, units: Sequence[Unit]) -> list[list[Answer]]:
        if len(units) == 1:
            return [await self._submit(units[0])]
        return list(await asyncio.gather(*map(self._submit, units)))

    async def _submit(self, unit: Unit) -> list[Answer]:
        if self._waiting >= WAITING_MAX:
            return [Unavailable("queue.full", "Too many commands are waiting.")] * len(unit)
        self._waiting += len(unit)
        try:
            return _for_each(unit, await self._line.exchange(pack_unit(unit)))
        except LineDown:
            return [Unavailable("writer.silent", _NO_ANSWER)] * len(unit)
        finally:
            self._waiting -= len(unit)

    async def figures(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = orjson.loads(await self._line.exchange(FIGURES))
        except LineDown:
            raise Unavailable("writer.silent", "The writer does not answer.") from None
        return found

    async def close(self) -> None:
        await self._line.close()


def _for_each(unit: Unit, packed: bytes) -> list[Answer]:
    """A unit the writer could not read has one answer, whatever its length."""
    answers = unpack_answers(packed)
    return answers if len(answers) == len(unit) else answers * len(unit)
