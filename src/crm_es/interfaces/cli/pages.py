"""Documents laid out for a terminal: a customer, a pipeline's board, an import's report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm_es.interfaces.cli.output import note, out, print_fields, print_rows

Document = Mapping[str, Any]

_SECTIONS: dict[str, Sequence[str]] = {
    "employers": ("name", "title", "role", "at"),
    "contacts": ("name", "title", "role", "at"),
    "open_opportunities": ("title", "stage", "amount", "currency", "expected_close_on", "owner"),
    "past_opportunities": ("title", "status", "amount", "currency", "decided_at", "reason"),
    "orders": ("at", "status", "amount", "currency", "line_count", "channel"),
    "open_cases": ("at", "state", "category", "priority", "assignee", "subject"),
    "past_cases": ("at", "state", "category", "resolution", "subject"),
    "planned_activities": ("planned_at", "kind", "title", "owner"),
    "calls": ("at", "direction", "result", "seconds", "agent", "summary"),
    "visits": ("at", "state", "purpose", "outcome", "agent"),
    "interactions": ("at", "kind", "direction", "subject"),
    "campaigns": ("campaign", "arm", "stage", "responses"),
    "sessions": ("at", "pages", "device", "booked"),
}
"""Which lists of a customer's document are shown, and what of each row."""
ROWS_SHOWN = 5


_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?(Z|\+00:00)")
_MONEY = {"amount", "weighted"}


def print_customer(shown: Document) -> None:
    profile = shown["profile"]
    if profile is None:
        note("Not registered yet: the history tells of it.")
        profile = {"id": shown["id"]}
    points = profile.get("contact_points", [])
    plain = {name: value for name, value in profile.items() if value not in (None, {}, [])}
    plain.pop("contact_points", None)
    print_fields({name: readable(value) for name, value in plain.items()}, title="Customer")
    print_fields({point["channel"]: readable(point["value"]) for point in points})
    figures = {name: _figure(value) for name, value in shown["figures"].items() if value}
    print_fields(figures, title="\nFigures")
    for name in ("last_contact", "next_contact"):
        if shown[name] is not None:
            at = readable(shown[name]["at"])
            out.print(f"{_title(name)}: {shown[name]['kind']} {at}", markup=False)
    for name, columns in _SECTIONS.items():
        rows = shown[name][:ROWS_SHOWN]
        if rows:
            cells = [{column: _shown(column, row[column]) for column in columns} for row in rows]
            print_rows(cells, title=f"\n{_title(name)}")


def print_board(board: Document) -> None:
    rows = [
        {
            "stage": column["stage"], "deals": column["deals"], "on hold": column["on_hold"],
            "amount": _sums(column["amounts"], "amount"),
            "weighted": _sums(column["amounts"], "weighted"),
        }
        for column in board["stages"]
    ]  # fmt: skip
    print_rows(rows, title=f"{board['name']}, edition {board['edition']}")
    reported = board["open"]["reported"]
    if len(board["open"]["amounts"]) > 1:
        out.print(
            f"Open in all: {money(reported['amount'])} {reported['currency']},"
            f" weighted {money(reported['weighted'])}", markup=False,
        )  # fmt: skip
    if reported["without_rate"]:
        note(f"Without a rate, and not in it: {', '.join(reported['without_rate'])}.")


def readable(value: Any) -> Any:
    """A value for a person; what is erased says so, and a time has no more than minutes, of UTC."""
    if isinstance(value, dict) and value.get("erased") is True:
        return "(erased)"
    if isinstance(value, str) and (at := _INSTANT.fullmatch(value)):
        return f"{at[1]} {at[2]}"
    return value


def money(amount: str) -> str:
    """A sum with its thousands apart, to two places."""
    return f"{Decimal(amount):,.2f}"


def _shown(column: str, value: Any) -> Any:
    is_sum = column in _MONEY and isinstance(value, str)
    return money(value) if is_sum else readable(value)


def _figure(value: Any) -> Any:
    """Sums are by currency."""
    if isinstance(value, dict):
        return ", ".join(f"{money(amount)} {currency}" for currency, amount in value.items())
    return readable(value)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sums(amounts: Document, which: str) -> str:
    return ", ".join(f"{money(sums[which])} {currency}" for currency, sums in amounts.items())
