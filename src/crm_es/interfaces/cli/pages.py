"""Documents laid out for a terminal: a customer, a pipeline's board, an import's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    figures = {name: value for name, value in shown["figures"].items() if value}
    print_fields(figures, title="\nFigures")
    for name in ("last_contact", "next_contact"):
        if shown[name] is not None:
            out.print(f"{_title(name)}: {shown[name]['kind']} {shown[name]['at']}", markup=False)
    for name, columns in _SECTIONS.items():
        rows = shown[name][:ROWS_SHOWN]
        if rows:
            cells = [{column: readable(row[column]) for column in columns} for row in rows]
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
            f"Open in all: {reported['amount']} {reported['currency']},"
            f" weighted {reported['weighted']}", markup=False,
        )  # fmt: skip
    if reported["without_rate"]:
        note(f"Without a rate, and not in it: {', '.join(reported['without_rate'])}.")


def readable(value: Any) -> Any:
    """A value for a person; what is erased says so."""
    if isinstance(value, dict) and value.get("erased") is True:
        return "(erased)"
    return value


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sums(amounts: Document, which: str) -> str:
    return ", ".join(f"{sums[which]} {currency}" for currency, sums in amounts.items())
