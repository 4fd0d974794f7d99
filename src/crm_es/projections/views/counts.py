"""What single events count for with a customer: they count in, count out, or move a count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_es.aggregates.service.case_state import SETTLED
from crm_es.projections.views.amounts import minus, plus
from crm_es.projections.views.base import Event, Fold, State, id_bytes
from crm_es.projections.views.folds import when

Data = dict[str, Any]
Counts = Callable[[State, Data, int], None]
"""(figures, data of an event, 1 to count it in or -1 to count it out)."""


def told(counts: Counts | None = None, sign: int = 1) -> Fold:
    """A fold that counts one more event, and by ``counts`` what it stands for."""

    def fold(state: State | None, event: Event) -> State:
        at = when(event)
        if state is None:
            state = {"events": 1, "last_at": at}
        else:
            state["events"] += 1
            state["last_at"] = max(state["last_at"], at)
        if counts is not None:
            counts(state, event.data, sign)
        return state

    return fold


def moved(counts: Counts) -> Fold:
    """The fold of what goes from one customer to another: out of the one, into the other.

    Whoever else is told of it counts nothing.
    """
    by_sign = {sign: told(counts, sign) for sign in (1, -1)} | {0: told()}

    def fold(state: State | None, event: Event) -> State | None:
        data, key = event.data, event.key
        before, after = data["from_customer_id"], data["customer_id"]
        sign = 0 if before == after else (key == id_bytes(after)) - (key == id_bytes(before))
        return by_sign[sign](state, event)

    return fold


def _count(state: State, name: str, number: int) -> None:
    state[name] = state.get(name, 0) + number


def _sum(state: State, name: str, currency: str | None, amount: str | None, sign: int) -> None:
    if amount is not None and currency is not None:
        by_currency = state.setdefault(name, {})
        known = by_currency.get(currency, "0")
        by_currency[currency] = plus(known, amount) if sign > 0 else minus(known, amount)


def one(name: str) -> Counts:
    """A count that goes up or down by one."""

    def counts(state: State, _: Data, sign: int) -> None:
        state[name] = state.get(name, 0) + sign

    return counts


# Orders.


def ordered(state: State, data: Data, sign: int) -> None:
    _count(state, "orders", sign)
    bought(state, data, sign)


def bought(state: State, data: Data, sign: int) -> None:
    """What was taken back before has no lines left, and counts no more."""
    if data["lines"]:
        if data["kind"] == "sale":
            _count(state, "purchases", sign)
        _sum(state, "revenue", data["currency"], data["amount"], sign)


def brought_back(state: State, data: Data, _: int) -> None:
    _sum(state, "revenue", data["currency"], data["amount"], -1)
    _sum(state, "returned", data["currency"], data["amount"], 1)


# Opportunities: each event tells where the deal stood, and with what amount.

_COUNTED_AS = {
    "open": "opportunities_open", "on_hold": "opportunities_open", "won": "opportunities_won",
    "lost": "opportunities_lost", "abandoned": "opportunities_lost",
}  # fmt: skip
_SUMMED_AS = {"open": "open_amount", "on_hold": "open_amount", "won": "won_amount"}


def _deal(state: State, status: str, data: Data, amount: str | None, sign: int) -> None:
    _count(state, _COUNTED_AS[status], sign)
    if status in _SUMMED_AS:
        _sum(state, _SUMMED_AS[status], data["currency"], amount, sign)


def opened_deal(state: State, data: Data, _: int) -> None:
    _deal(state, "open", data, data["amount"], 1)


def decided_deal(status: str | None) -> Counts:
    """From the status a deal had into another, or into none when it is taken back.

    One that was taken back before had none, and counts no more.
    """

    def counts(state: State, data: Data, _: int) -> None:
        before = data["from_status"]
        if before is not None:
            _deal(state, before, data, data.get("from_amount", data["amount"]), -1)
            if status is not None:
                _deal(state, status, data, data["amount"], 1)

    return counts


def revised_deal(state: State, data: Data, _: int) -> None:
    name = _SUMMED_AS.get(data["from_status"])
    if name is not None:
        _sum(state, name, data["currency"], data["from_amount"], -1)
        _sum(state, name, data["currency"], data["to_amount"], 1)


def moved_deal(state: State, data: Data, sign: int) -> None:
    if data["from_status"] is not None:
        _deal(state, data["from_status"], data, data["amount"], sign)


# Calls, sessions, cases, campaigns.


def called(state: State, data: Data, sign: int) -> None:
    _count(state, "calls", sign)
    talked(state, data, sign)


def talked(state: State, data: Data, sign: int) -> None:
    _count(state, "call_seconds", sign * (data["seconds"] or 0))
    if data["result"] == "missed":
        _count(state, "calls_missed", sign)


def visited_site(state: State, data: Data, sign: int) -> None:
    _count(state, "sessions", sign)
    _count(state, "pages", sign * (data["pages"] or 0))


def opened_case(state: State, data: Data, sign: int) -> None:
    _count(state, "cases", sign)
    if data["to_state"] not in SETTLED:
        _count(state, "cases_open", sign)


def moved_case(state: State, data: Data, _: int) -> None:
    was_open, is_open = data["from_state"] not in SETTLED, data["to_state"] not in SETTLED
    _count(state, "cases_open", is_open - was_open)


def left_campaign(state: State, data: Data, _: int) -> None:
    _count(state, "campaigns", -1)
    _count(state, "touches", -data["touches"])


def responded(state: State, data: Data, sign: int) -> None:
    """What a bot did is no response."""
    if data["evidence"] != "bot":
        _count(state, "responses", sign)
        _sum(state, "response_value", data["currency"], data["value"], sign)


def reclassified(state: State, data: Data, _: int) -> None:
    responded(state, {**data, "evidence": data["from_evidence"]}, -1)
    responded(state, data, 1)
