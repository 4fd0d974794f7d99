"""Any bytes under any small mapping: refused whole, or every line becomes something. Never else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_es.errors import Invalid
from crm_es.intake.aside import PlanAside
from crm_es.intake.files import files_in
from crm_es.intake.limits import OPERATOR, UPLOAD
from crm_es.intake.mapping import read_mapping
from crm_es.intake.rehearsal import rehearse
from importing import rejects_in
from rows_in import written

COLUMNS = ["a", "b", "c"]
column = st.sampled_from(COLUMNS)
text = st.sampled_from(["", "x", "1", "2024-01-01", "é'\"", "a b", "{a}"])
scalar = text | st.booleans() | st.integers(-3, 10**6)
pattern = st.sampled_from([".*", "[0-9]+", "x|1", "(a)(b)?", "\\d{2,}", "'", ""])

cleaning = st.fixed_dictionaries(
    {},
    optional={
        "strip": pattern, "cut": st.integers(1, 5), "upper": st.just(value=True),
        "default": st.sampled_from(["", "d", "2024-01-01T00:00:00Z", "7"]),
    },
)  # fmt: skip
source = st.fixed_dictionaries({"column": column}) | st.fixed_dictionaries(
    {"text": st.sampled_from(["{a}", "{a}-{b}", "x{c}", "{_hash}", "{_file}", "plain"])}
)
formats = st.lists(
    st.sampled_from(["iso", "%d.%m.%Y", "%Y%m%d", "%m/%d/%y %H:%M", "unix", "%Y-%m-%dT%H:%M:%S%z"]),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip
kind = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"number": st.just("decimal")},
        optional={
            "decimal": st.sampled_from([".", ","]), "round": st.integers(0, 6),
            "shift": st.integers(-6, 6),
        },
    ),
    st.fixed_dictionaries({"time": formats}, optional={"zone": st.just("Europe/Berlin")}),
    st.fixed_dictionaries({"date": formats}),
    st.fixed_dictionaries(
        {"map": st.dictionaries(text, text, min_size=1, max_size=3)},
        optional={"other": st.sampled_from(["keep", "reject", "omit", "z"])},
    ),
    st.fixed_dictionaries(
        {"match": st.lists(st.tuples(pattern, text).map(list), min_size=1, max_size=3)}
    ),
)  # fmt: skip


def merged(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


cell = st.tuples(source, cleaning, kind).map(merged)
form = cell | st.fixed_dictionaries({"const": text})
flag = st.fixed_dictionaries({"column": column, "flag": text, "false": text})
ids = st.fixed_dictionaries(
    {
        "id": st.lists(
            st.sampled_from(["x", "{a}", "{b}{c}", "{_hash}", "{_occurrence}"]),
            min_size=1,
            max_size=3,
        )
    }
)
tests = st.dictionaries(
    column,
    text
    | st.fixed_dictionaries({"not": text})
    | st.fixed_dictionaries({"present": st.booleans()})
    | st.fixed_dictionaries({"matches": pattern})
    | st.fixed_dictionaries({"gt": st.integers(0, 5) | text, "le": st.integers(0, 9) | text}),
    min_size=1, max_size=2,
)  # fmt: skip
register = st.fixed_dictionaries(
    {"command": st.just("RegisterCustomer"), "customer_id": ids},
    optional={
        "when": tests,
        "at": st.tuples(source, st.fixed_dictionaries({"time": formats})).map(merged),
        "name": form, "owner": form,
        "attributes": st.fixed_dictionaries({"object": st.fixed_dictionaries({"v": form | flag})}),
    },
)  # fmt: skip
number = st.fixed_dictionaries({"column": column, "number": st.just("decimal")})
place = st.fixed_dictionaries(
    {
        "command": st.just("PlaceOrder"), "order_id": ids,
        "lines": st.fixed_dictionaries(
            {"each": st.fixed_dictionaries({"sku": form, "quantity": number, "amount": number})},
            optional={"when": tests},
        ),
    },
    optional={"when": tests, "country": form},
)  # fmt: skip
rows = st.fixed_dictionaries(
    {"from": st.just("t"), "do": st.lists(register | place, min_size=1, max_size=2)},
    optional={
        "where": tests, "skip": st.fixed_dictionaries({"when": tests, "because": st.just("so")}),
        "reject": st.fixed_dictionaries({"when": tests, "code": st.just("no"), "column": column}),
        "group": st.lists(column, min_size=1, max_size=2, unique=True),
        "order": st.lists(cell, min_size=1, max_size=2),
        "known": st.sampled_from(["reject", "skip"]),
    },
) | st.fixed_dictionaries(
    {
        "from": st.just("t"), "do": st.lists(register, min_size=1, max_size=1),
        "once": st.lists(column, min_size=1, max_size=2, unique=True),
        "repeats": st.sampled_from(["skip", "reject", "ignore"]),
    },
)  # fmt: skip
layout = st.fixed_dictionaries(
    {"match": st.just("t.csv"), "header": st.just(value=False), "columns": st.just(COLUMNS)},
    optional={
        "encoding": st.sampled_from(["utf-8", "cp1252", "gb18030", "utf-16", "shift_jis", "ascii"]),
        "delimiter": st.sampled_from([",", ";", "tab", "spaces", "|"]),
        "quote": st.sampled_from(['"', "", "'"]), "escape": st.sampled_from(["", "\\"]),
        "skip_lines": st.integers(0, 2), "missing": st.lists(text, max_size=2),
        "decimal": st.sampled_from([".", ","]), "zone": st.just("Asia/Tokyo"),
    },
)  # fmt: skip
ALPHABET = "ab1290.,;:|-/ \t\n\r\"'\\\0\x1f\u00e9\u4e2d\ufeff€()xT"
cells = st.text(ALPHABET, max_size=8) | st.sampled_from(
    ["", "x", "1", "12.5", "€ 1.234,50", "2024-01-01", "1.2.2024", "3/4/24 5:06", "1709622309", "7"]
)
DELIMITERS = {"tab": "\t", "spaces": "  "}


@st.composite
def file_of(draw: st.DrawFn, layout: dict[str, Any]) -> bytes:
    """Mostly what the layout promises, at times not, at times anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=120))
    given = layout.get("delimiter", ",")
    delimiter, quote = DELIMITERS.get(given, given), layout.get("quote", '"')
    lines = []
    for row in draw(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6)):
        quoted = [f"{quote}{c.replace(quote, 2 * quote)}{quote}" if quote else c for c in row]
        lines.append(delimiter.join(draw(st.sampled_from([row, *[quoted] * 6, row[:2]]))))
    content = draw(st.sampled_from(["\n", "\r\n"])).join(lines)
    return content.encode(layout.get("encoding", "utf-8"), "replace")


def toml(value: Any) -> str:
    """Inline TOML, which for these values is JSON but for its tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), layout=layout, rows=st.lists(rows, min_size=1, max_size=2))
def test_anything_is_refused_whole_or_accounted_for_line_by_line(
    data: st.DataObject, layout: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    lines = ['name = "any"', f"files = {toml({'t': layout})}", f"rows = {toml(rows)}"]
    try:
        mapping = read_mapping("\n".join(lines))
    except Invalid:
        return
    content, limits = data.draw(file_of(layout)), data.draw(st.sampled_from([OPERATOR, UPLOAD]))
    with tempfile.TemporaryDirectory() as name:
        folder = written(Path(name), {"t.csv": content})
        try:
            with PlanAside(
                mapping, files_in(folder, mapping), folder=folder, limits=limits
            ) as plan:
                report = rehearse(plan, folder)
                again = rehearse(plan, folder)
        except Invalid:
            return
        rejects = rejects_in(report.rejects)
    figures = report.figures
    told = figures["used"] + sum(figures["skipped"].values()) + sum(figures["rejected"].values())
    assert told == figures["rows"]
    assert again.figures == figures, "the same each time it is iterated"
    assert len({(one["file"], one["line"]) for one in rejects}) == sum(figures["rejected"].values())
