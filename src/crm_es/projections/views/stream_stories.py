"""What single things went through, told from their streams: stages of deals, lines of orders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from crm_es.log.recorder import LogRecorder
from crm_es.projections.views.amounts import plus
from crm_es.projections.views.base import Event, Key
from crm_es.projections.views.events import TOLD, event
from crm_es.projections.views.folding import NOW, Moment
from crm_es.projections.views.folds import when
from crm_es.projections.views.items import Item, instant

_MOVES = {
    "opportunity.opened", "opportunity.stage_advanced", "opportunity.stage_regressed",
    "opportunity.won", "opportunity.lost", "opportunity.abandoned", "opportunity.reopened",
}  # fmt: skip
_SECOND = 1_000_000


def stage_history(log: LogRecorder, opportunity: UUID, moment: Moment = NOW) -> list[Item]:
    """Where a deal stood, from when, and for how many seconds.

    ``seconds`` is None for the stage it is in, and where one of the two times is unknown.
    """
    moves = [one for one in _events(log, opportunity, moment) if one.topic in _MOVES]
    stays: list[Item] = [
        {
            "stage": move.data.get("to_stage") or move.data["stage"], "at": instant(when(move)),
            "event": move.topic.partition(".")[2], "by": move.actor,
            "amount": move.data["amount"], "currency": move.data["currency"], "seconds": None,
        }
        for move in moves
    ]  # fmt: skip
    for stay, (move, after) in zip(stays, pairwise(moves), strict=False):
        if move.precision and after.precision:
            stay["seconds"] = (after.at - move.at) // _SECOND
    return stays


_COUNTED = {
    "order.line_allocated": "allocated", "order.shipped": "shipped",
    "order.delivered": "delivered", "order.returned": "returned",
}  # fmt: skip


def order_lines(log: LogRecorder, order: UUID, moment: Moment = NOW) -> list[Item]:
    """The lines of an order, and how much of each was set aside, sent, delivered and returned."""
    lines: list[Item] = []
    for one in _events(log, order, moment):
        if one.topic == "order.placed":
            lines = [
                {"line": n, **line, **dict.fromkeys(_COUNTED.values(), "0")}
                for n, line in enumerate(one.data["lines"], start=1)
            ]
        elif one.topic in _COUNTED and lines:
            name = _COUNTED[one.topic]
            for part in one.data.get("lines", (one.data,)):
                line = lines[part["line"] - 1]
                line[name] = plus(line[name], part["quantity"])
    return lines


def _events(log: LogRecorder, stream: UUID, moment: Moment) -> Iterator[Event]:
    """The events of a stream up to a moment. Raises Unreadable for one of a later release."""
    key = stream.bytes
    for row in log.about(
        key, by=Key.STREAM, columns=TOLD, upto=moment.last, as_of=moment.as_of
    ):  # fmt: skip
        yield event(key, row)
