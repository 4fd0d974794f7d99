"""A fact as it is read from its ``.sql``: the table, the inserts, and which topics each reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

import duckdb

from crm_es.projections.facts.relations import Relation

POSITIONS = """
create or replace macro is_new(p) as p > getvariable('low') and p <= getvariable('high');
create or replace macro is_known(p) as p <= ifnull(getvariable('as_of_position'), 1::bigint << 62);
create or replace macro stands(findings, thing)
    as not list_contains(ifnull(findings, []), thing || '.retracted');
"""
"""What an insert may take, and what a view may see: variables of the connection. Without any, an
insert takes nothing and a view sees all. What history tells of a thing that was taken back counts
nothing."""

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = re.compile(r"\bevents\.(\w+)")


class BadFact(Exception):  # noqa: N818 - reads as what it is
    """The text of a fact is not what a fact may be."""


class Insert(NamedTuple):
    statement: duckdb.Statement
    topics: frozenset[str]


class Fact(NamedTuple):
    """One insert-only table."""

    name: str
    create: duckdb.Statement
    inserts: tuple[Insert, ...]
    fingerprint: str
    """Changes with whatever its rows depend on: its text, the shape of its events, the calendar."""


def fact(name: str, text: str, relations: Mapping[str, Relation], macros: str) -> Fact:
    """Raises BadFact, and duckdb.Error for what does not parse."""
    by_name = {relation.name: relation for relation in relations.values()}
    create, *inserts = duckdb.extract_statements(text)
    if create.type != duckdb.StatementType.CREATE or not inserts:
        raise BadFact(f"{name}: one create table, then inserts.")
    made = []
    for insert in inserts:
        if insert.type != duckdb.StatementType.INSERT:
            raise BadFact(f"{name}: only inserts may follow the table.")
        names = frozenset(_READS.findall(_COMMENT.sub(" ", insert.query)))
        if not names or not names <= by_name.keys():
            unknown = ", ".join(sorted(names - by_name.keys())) or "none"
            raise BadFact(f"{name}: every insert reads events; these are no topics: {unknown}.")
        made.append(Insert(insert, frozenset(by_name[one].topic for one in names)))
    shapes = {relations[topic].shape for one in made for topic in one.topics}
    told = "\n".join([text, macros, *sorted(shapes)])
    return Fact(name, create, tuple(made), sha256(told.encode()).hexdigest())
