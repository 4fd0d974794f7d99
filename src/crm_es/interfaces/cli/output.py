"""What the command line prints: tables for people, JSON for programs, progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

LINE_EVERY = 5.0
"""Seconds between plain progress lines where there is no terminal."""

ID_SIZE = 36
"""Characters of an id: cut short it would be of no use."""

Report = Callable[[int, int], None]
"""(done, of how many) - of 0 means nobody knows."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    err.print(text, style="red", markup=False)


def note(text: str) -> None:
    """Something for people beside the result, which stays alone on standard output."""
    err.print(text, markup=False)


def print_json(value: Any) -> None:
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    sys.stdout.buffer.write(orjson.dumps(value, str, option=option))
    sys.stdout.flush()


def print_rows(rows: Iterable[Mapping[str, Any]], *, title: str | None = None) -> None:
    """A table with the keys of the first row as its head."""
    found = list(rows)
    if not found:
        out.print(f"{title + ': ' if title else ''}nothing", style="dim", markup=False)
        return
    table = Table(title=title, title_justify="left", header_style="bold")
    for name, value in found[0].items():
        is_id = isinstance(value, str) and len(value) == ID_SIZE and name.endswith("id")
        table.add_column(
            name, justify="right" if _is_number(value) else "left",
            min_width=ID_SIZE if is_id else None,
        )  # fmt: skip
    for row in found:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


def print_fields(fields: Mapping[str, Any], *, title: str | None = None) -> None:
    """Names and values, one a line; what is None is left out."""
    table = Table(show_header=False, box=None, title=title, title_justify="left")
    table.add_column(style="dim")
    table.add_column()
    for name, value in fields.items():
        if value is not None:
            table.add_row(name, _cell(value))
    out.print(table)


@contextmanager
def progress(what: str, unit: str = "events") -> Iterator[Report]:
    """A bar with rate and remaining time on a terminal, a line every few seconds elsewhere."""
    if err.is_terminal:
        with _bar(what, unit) as report:
            yield report
    else:
        yield _lines(what, unit)


@contextmanager
def _bar(what: str, unit: str) -> Iterator[Report]:
    columns: Sequence[Any] = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"),
        TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    started = monotonic()
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(what, total=None, rate="")

        def report(done: int, total: int) -> None:
            rate = done / max(monotonic() - started, 1e-9)
            bar.update(task, completed=done, total=total or None, rate=f"{rate:,.0f} {unit}/s")

        yield report


def _lines(what: str, unit: str) -> Report:
    started = last = monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        now = monotonic()
        if now - last < LINE_EVERY:
            return
        last = now
        rate = done / max(now - started, 1e-9)
        left = f", {(total - done) / rate:,.0f} s left" if total and rate else ""
        of = f" of {total:,}" if total else ""
        note(f"{what}: {done:,}{of} {unit}, {rate:,.0f}/s{left}")

    return report


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return _several(value) if isinstance(value, (dict, list)) else str(value)


def _several(value: dict[str, Any] | list[Any]) -> str:
    """In words as far as it is flat, else as JSON."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if any(isinstance(one, (dict, list)) for one in parts):
        return orjson.dumps(value, str, option=orjson.OPT_NON_STR_KEYS).decode()
    cells = [_cell(one) for one in parts]
    if isinstance(value, dict):
        cells = [f"{name}: {cell}" for name, cell in zip(value, cells, strict=True)]
    return ", ".join(cells)
