"""The mapping reference tells every key there is, and each of its examples does what it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import BaseModel

from crm_es.intake.compiler.checks import TOLD
from crm_es.intake.mapping import conditions, fields
from crm_es.intake.mapping.layout import Layout
from crm_es.intake.mapping.rules import Do, Mapping, Rejection, Rows, Skip
from rows_in import ABSENT, Planned, values

PAGE = (Path(__file__).parents[2] / "docs/import.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"(?:`([\w.]+)`:\n\n)?```(csv|toml|json)\n(.*?)```", re.DOTALL)
_ROW = re.compile(r"^\| (`.+?`) \|(.*?)\| (.+?) \|$", re.MULTILINE)
PARTS: tuple[type[BaseModel], ...] = (
    Mapping, Layout, Rows, Do, Skip, Rejection, conditions.Test, fields.Lookup,
    fields.Cell, fields.Number,
    fields.Time, fields.Date, fields.Duration, fields.Mapped, fields.Matched, fields.Flag,
    fields.Split, fields.Const, fields.Id, fields.Object, fields.Each, fields.ListOf, fields.Sum,
)  # fmt: skip


def examples() -> Iterator[tuple[str, str, dict[str, str | bytes], list[Any]]]:
    """(name, mapping, files, what comes of them), one for each list of results on the page."""
    files: dict[str, str | bytes] = {}
    mapping = name = ""
    for block in _BLOCK.finditer(PAGE):
        called, language, text = block.groups()
        if language == "csv":
            files[called] = text
        elif language == "toml":
            mapping, name = text, called
        else:
            yield name, mapping, files, [orjson.loads(line) for line in text.splitlines()]
            files = {}


EXAMPLES = list(examples())


@pytest.mark.parametrize(
    ("mapping", "files", "told"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_an_example_becomes_what_the_page_says(
    mapping: str, files: dict[str, str | bytes], told: list[Any]
) -> None:
    planned = Planned(mapping.split("\n", 1)[1], files)
    found: list[Any] = [["skipped", {"line": skip.lines[0]}] for skip in planned.skips]
    for unit in planned.units:
        found += [[one.name, hidden(orjson.loads(one.body))] for one in unit.commands]
    for line, column, code in planned.faults():
        found.append(["rejected", {"line": line, "column": column, "code": code}])
    assert found == told


def hidden(body: dict[str, Any]) -> dict[str, Any]:
    return {k: "…" if re.fullmatch(r"[0-9a-f-]{36}", str(v)) else v for k, v in body.items()}


def rows_of_tables() -> list[tuple[str, str, str]]:
    """(form, cell, what it becomes) of the tables that show forms at work."""
    return [
        (form.strip("`"), cell.strip(" ").strip("`"), becomes)
        for form, cell, becomes in _ROW.findall(PAGE)
        if becomes.startswith(("`", "left out", "rejected: `"))
    ]


@pytest.mark.parametrize(
    ("form", "told"),
    [(form, [row[1:] for row in rows]) for form, rows in groupby(rows_of_tables(), lambda r: r[0])],
)
def test_a_form_makes_of_a_cell_what_its_table_says(form: str, told: list[tuple[str, str]]) -> None:
    expected = []
    for _, becomes in told:
        if becomes == "left out":
            expected.append(ABSENT)
        elif becomes.startswith("rejected: "):
            expected.append("!" + becomes.removeprefix("rejected: ").strip("`"))
        else:
            expected.append(orjson.loads(becomes.strip("`")))
    assert values(form, [cell for cell, _ in told]) == expected


def test_the_tables_have_been_found() -> None:
    assert len(rows_of_tables()) >= 40
    assert len(EXAMPLES) == 5


def keys() -> Iterator[str]:
    for part in PARTS:
        for name, field in part.model_fields.items():
            yield field.alias or name


@pytest.mark.parametrize("key", sorted(set(keys()) - {"digest"}))
def test_every_key_of_the_language_is_on_the_page(key: str) -> None:
    mentioned = re.findall(r"`([^`\n]+)`", PAGE)
    assert any(re.search(rf"\b{key}\b", one) for one in mentioned)


@pytest.mark.parametrize("code", sorted(TOLD))
def test_every_code_that_has_words_of_its_own_is_on_the_page(code: str) -> None:
    assert f"`{code}`" in PAGE


def test_a_mapping_on_the_page_is_toml_with_a_name() -> None:
    for _, mapping, _, _ in EXAMPLES:
        assert tomllib.loads(mapping)["name"]
        assert mapping.startswith("name = ")
