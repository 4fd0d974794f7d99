"""A plan in pieces that one transaction takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_es.intake.mapping.rules import Rows
from crm_es.intake.units import Step, Unit

COMMANDS_MAX, BODIES_SIZE_MAX, STEPS_MAX = 1_024, 4 * 2**20, 4_096
"""Of a piece; a unit is never split."""


def chunks(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Pieces of the same steps, in order.

    None has commands of several rules, so that what updates the units of one is sent before the
    first command of the next.
    """
    chunk: list[Step] = []
    commands = size = 0
    rows: Rows | None = None
    for step in steps:
        if isinstance(step, Unit):
            is_full = commands >= COMMANDS_MAX or size >= BODIES_SIZE_MAX
            if chunk and (is_full or step.rows is not rows):
                yield chunk
                chunk, commands, size = [], 0, 0
            rows = step.rows
            commands += len(step.commands)
            size += sum(len(planned.body) for planned in step.commands)
        elif len(chunk) >= STEPS_MAX:
            yield chunk
            chunk, commands, size = [], 0, 0
        chunk.append(step)
    if chunk:
        yield chunk
