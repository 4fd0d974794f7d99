"""Every real data set imported, and each of its known figures beside what comes back.

    python -m benchmarks.check_data [SET ...]

The figures are asked of facts and of the stored report (``figures/SET.sql``), and what views and
facts both know is asked of both. Ends with ``N passed, M failed``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import duckdb
import orjson

from crm_es import bootstrap
from crm_es.followers.facts import FactsFollower
from crm_es.intake.mapping import shipped
from crm_es.intake.report import Report
from crm_es.settings import Settings

DATA = Path(__file__).parents[1].parent / "shared" / "data"
QUESTIONS = Path(__file__).parent / "figures"
SETS = tuple(sorted(path.stem for path in QUESTIONS.glob("*.sql")))
ZONES = {"online_retail": "Europe/London"}
"""The business zone of those whose times are not UTC."""
PLACES = 6

_OF_MEMBERS = """
select arm, sum(members),
    (select ifnull(sum(t.touches), 0) from fact_campaign_touch as t
        where t.arm is not distinct from m.arm),
    (select ifnull(sum(r.responses), 0) from fact_campaign_response as r
        where r.arm is not distinct from m.arm)
from fact_campaign_member as m group by arm having sum(members) > 0
"""
AGREE = {
    "customers": (
        "select count(*) from customer", "select count(*) from dim_customer where is_current"
    ),
    "orders": (
        "select kind, count(*), count(distinct customer_id) from sales_order group by 1",
        "select kind, count(*), count(distinct customer_id) from order_life group by 1",
    ),
    "calls by agent": (
        "select agent, count(*) from call group by 1",
        "select agent, sum(calls) from fact_call group by 1",
    ),
    "deals by stage": (
        "select stage, count(*) from opportunity group by 1",
        "select stage, count(*) from opportunity_life group by 1",
    ),
    "cases by state": (
        "select status, count(*) from service_case group by 1",
        "select state, count(*) from case_life group by 1",
    ),
    "leads by stage": (
        "select stage, count(*) from lead group by 1",
        "select stage, count(*) from lead_life group by 1",
    ),
    "members by arm": (
        "select arm, count(*), sum(touches), sum(responses) from campaign_member group by 1",
        _OF_MEMBERS,
    ),
    "sessions": (
        "select count(*) from web_session", "select ifnull(sum(sessions), 0) from fact_web_session"
    ),
    "visits": ("select count(*) from visit", "select ifnull(sum(visits), 0) from fact_visit"),
}  # fmt: skip
"""By name, a question to the views and the same one to the facts."""


class Figure(NamedTuple):
    name: str
    expected: Any
    found: Any

    @property
    def holds(self) -> bool:
        return bool(self.expected == self.found)


def expected() -> dict[str, dict[str, Any]]:
    """The known figures by set and name."""
    told: dict[str, dict[str, Any]] = json.loads((DATA / "expected.json").read_text("utf-8"))
    return told


def figures_of(name: str, folder: Path) -> Iterator[Figure]:
    """Import one set into an empty folder and ask for everything that is known of it."""
    settings = Settings(data=folder, business_zone=ZONES.get(name, "UTC"))
    report = imported(name, settings)
    bootstrap.catch_up(settings)
    with closing(bootstrap.open_facts(settings)) as store:
        with closing(FactsFollower(store, lambda: bootstrap.open_log(settings))) as follower:
            follower.catch_up()
        with closing(store.cursor()) as db:
            _lay_down(db, report)
            yield from _known(name, db)
            yield from _agreeing(settings, db)


def imported(name: str, settings: Settings) -> Report:
    """One set through its shipped mapping, as ``crm-es import`` does it."""
    bootstrap.init(settings)
    with bootstrap.planned_import(settings, shipped(name), [DATA / name]) as plan:
        return bootstrap.carry_out(settings, plan, actor="check")


def _lay_down(db: duckdb.DuckDBPyConnection, report: Report) -> None:
    """The report as two tables beside the facts."""
    db.execute("create temp table import_file(role text, rows int, columns int, duplicates int)")
    for file in report.figures["files"]:
        row = [file["role"], file["rows"], len(file["columns"]), file["duplicates"]]
        db.execute("insert into import_file values (?, ?, ?, ?)", row)
    db.execute("create temp table import_reject(code text, lines int)")
    for code, lines in report.figures["rejected"].items():
        db.execute("insert into import_reject values (?, ?)", [code, lines])


def questions(name: str) -> dict[str, str]:
    """The SQL of each figure of a set: it stands below a comment with the figure's name."""
    found = {}
    for part in (QUESTIONS / f"{name}.sql").read_text("utf-8").split("\n\n"):
        head, _, sql = part.strip().partition("\n")
        found[head.removeprefix("-- ")] = sql
    return found


def _known(name: str, db: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    asked = questions(name)
    for figure, value in expected()[name].items():
        rows = db.execute(asked.pop(figure)).fetchall() if figure in asked else []
        is_list = isinstance(value, list) and bool(value) and isinstance(value[0], list)
        plain = _unordered if is_list and not figure.startswith("top") else _simple
        yield Figure(figure, plain(value), plain(_shape(rows, value)))
    for figure in asked:
        yield Figure(figure, "a figure of that name", "none")


def _shape(rows: list[tuple[Any, ...]], like: Any) -> Any:
    """A list of rows, one row, or one value: as the known figure has it."""
    if isinstance(like, list) and like and isinstance(like[0], list):
        return rows
    if len(rows) != 1:
        return rows
    return rows[0] if isinstance(like, list) else rows[0][0]


def _unordered(value: Any) -> Any:
    return sorted(_simple(value), key=str)


def _simple(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_simple(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        exact = round(float(value), PLACES)
        return int(exact) if exact == int(exact) else exact
    return value


def _agreeing(settings: Settings, db: duckdb.DuckDBPyConnection) -> Iterator[Figure]:
    with closing(bootstrap.open_views(settings)) as views:
        for name, (of_views, of_facts) in AGREE.items():
            shown = [tuple(row) for row in views.db.exec_driver_sql(of_views)]
            counted = db.execute(of_facts).fetchall()
            if [row for row in shown + counted if any(row)]:  # else nobody tells of such things
                told = f"views and facts agree on {name}"
                yield Figure(told, _unordered(counted), _unordered(shown))


def check(name: str, tell: Callable[[str], None]) -> tuple[int, int]:
    """(figures that came back, figures that did not) of one set."""
    passed = failed = 0
    started = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures_of(name, Path(folder)):
            passed, failed = passed + figure.holds, failed + (not figure.holds)
            tell(f"  {'ok    ' if figure.holds else 'FAILED'} {figure.name}: {_told(figure.found)}")
            if not figure.holds:
                tell(f"         expected {_told(figure.expected)}")
    tell(f"{name}: {passed} of {passed + failed}, {perf_counter() - started:.0f} s")
    return passed, failed


def _told(value: Any) -> str:
    text = orjson.dumps(value, str).decode()
    return text if len(text) < 300 else f"{text[:300]} ..."


def main(names: list[str]) -> int:
    if not DATA.is_dir():
        print(f"skipped: there is no {DATA}")
        return 0
    results = []
    for name in names or SETS:
        print(name, flush=True)
        results.append(check(name, lambda line: print(line, flush=True)))
    passed, failed = (sum(column) for column in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
