"""The writer process: it owns the log, and records what the others send over its socket."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from crm_es.application import Crm, settle_memory
from crm_es.errors import Invalid
from crm_es.interfaces.writer.wire import pack_answers, unpack_unit
from crm_es.log.attempt import Answer
from crm_es.log.envelope import Submission
from crm_es.log.failures import Failed
from crm_es.log.listener import listen
from crm_es.log.queue import AppendQueue

FIGURES = b""
"""The payload that asks for the writer's own figures; a unit is never empty."""

log = logging.getLogger("crm_es.writer")


class Writer:
    """Answers payloads: units with what became of them, FIGURES with figures."""

    def __init__(self, queue: AppendQueue) -> None:
        self._queue = queue

    async def exchange(self, payloads: Sequence[bytes]) -> list[bytes]:
        units: list[list[Submission]] = []
        replies: list[bytes | None] = []
        for payload in payloads:
            if payload == FIGURES:
                replies.append(orjson.dumps(await self._queue.figures()))
                continue
            try:
                units.append(unpack_unit(payload))
                replies.append(None)
            except (ValidationError, ValueError):
                # The sender validates first, so it is of another release than this process.
                refusal = Invalid("command.unreadable", "The writer does not know this command.")
                replies.append(pack_answers([refusal]))
        recorded = iter(await self._queue.submit(units) if units else [])
        return [pack_answers(_noted(next(recorded))) if r is None else r for r in replies]


def _noted(answers: list[Answer]) -> list[Answer]:
    for answer in answers:
        if isinstance(answer, Failed):
            log.error("A decision failed", exc_info=answer.__cause__)
    return answers


async def serve(crm: Crm, socket: Path) -> bool:
    """Run until told to stop, then answer what is under way. False: it had to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    failed = asyncio.Event()

    def on_stop() -> None:
        failed.set()
        stop.set()

    queue = AppendQueue(crm.stage, on_stop=on_stop)
    listener = await listen(socket, Writer(queue).exchange)
    settle_memory()
    log.info("The writer listens on %s at position %d", socket, crm.head.position)
    await stop.wait()
    await listener.close()
    await queue.close()
    return not failed.is_set()
