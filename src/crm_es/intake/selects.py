"""An operator's SELECT: one statement that moves text, and gives the same rows each time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from crm_es.errors import Invalid
from crm_es.intake.spool import Spool
from crm_es.intake.sql import identifier, literal

_CLOCKS = {
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
    "current_user", "session_user", "user", "current_catalog", "current_schema", "current_role",
}  # fmt: skip
_TABLES = {"unnest", "range", "generate_series"}
"""Functions that make rows out of what they are given."""
_ONE_ARGUMENT_CLOCKS = {"age"}  # said to be constant, and counts from today


def pick(spool: Spool, table: str, sql: str, counts: str, files: Sequence[str]) -> tuple[str, ...]:
    """Lay the rows of a SELECT in a table. Returns its columns; raises Invalid.

    ``counts`` is the file whose lines it returns.
    """
    _check_statement(spool, sql, files)
    picked = identifier(table)
    try:
        spool.run(f"create temp table {picked} as select * from ({sql}) order by _line")
    except duckdb.Error as error:
        raise Invalid("mapping.sql", f"The SELECT fails: {_first_line(error)}") from None
    types = dict(spool.run(f"select column_name, column_type from (describe {picked})"))
    wrong = [name for name, type in types.items() if type != _expected(name)]
    if wrong:
        raise Invalid("mapping.sql_converts", f"Not text, or _line no line: {', '.join(wrong)}.")
    doubled = spool.run(f"select _line from {picked} group by _line having count(*) > 1 limit 1")
    if doubled:
        raise Invalid("mapping.sql_repeats", f"Line {doubled[0][0]} comes more than once.")
    foreign = f"select _line from {picked} anti join {identifier(counts)} using (_line) limit 1"
    if spool.run(foreign):
        raise Invalid("mapping.sql_lines", f"Its lines are not those of {counts}.")
    return tuple(types)


def _expected(name: str) -> str:
    return "BIGINT" if name == "_line" else "VARCHAR"


def _check_statement(spool: Spool, sql: str, files: Sequence[str]) -> None:
    tree = json.loads(spool.run(f"select json_serialize_sql({literal(sql)})")[0][0])
    if tree.get("error") or len(tree["statements"]) != 1:
        told = tree.get("error_message", "exactly one statement is expected")
        raise Invalid("mapping.sql", f"Not one SELECT: {told}")
    nodes = list(_nodes(tree["statements"][0]))
    known = {name.casefold() for name in files} | {
        name["key"].casefold() for node in nodes for name in node.get("cte_map", {}).get("map", [])
    }
    called = {node["function_name"].casefold() for node in nodes if node.get("function_name")}
    # Those with a consistent form among others differ by time zone only, and ours is fixed.
    volatile = """
        select function_name from duckdb_functions() group by 1
        having count(stability) > 0 and count_if(stability = 'CONSISTENT') = 0
            or count_if(regexp_matches(macro_definition, 'current_|now\\(|random|uuid')) > 0"""
    clocks = {name for (name,) in spool.run(volatile)} | _ONE_ARGUMENT_CLOCKS
    for node in nodes:
        kind = node.get("type")
        if kind == "BASE_TABLE" and (
            node["table_name"].casefold() not in known or node["schema_name"]
        ):
            raise Invalid("mapping.sql_table", f"There is no file {node['table_name']!r}.")
        if kind == "TABLE_FUNCTION" and node["function"]["function_name"].casefold() not in _TABLES:
            told = f"There is no file {node['function']['function_name']!r}."
            raise Invalid("mapping.sql_table", told)
        if kind == "COLUMN_REF" and node["column_names"][-1].casefold() in _CLOCKS:
            called.add(node["column_names"][-1].casefold())
    if changing := sorted(called & (clocks | _CLOCKS)):
        raise Invalid("mapping.sql_volatile", f"Not the same each time: {', '.join(changing)}.")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:300]
