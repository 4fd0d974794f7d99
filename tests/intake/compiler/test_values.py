"""Every other form a field may have: what it makes of a cell, and when it refuses it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_es.intake.ids import NAMESPACE
from rows_in import ABSENT, Planned, table, values


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ('"x"', {"a": "a", "  a b ": "a b", "": ABSENT, "\u3000a\u00a0": "a", "07592": "07592",
                 '"q" \\ /': '"q" \\ /', "é\u4e2d\U0001f600": "é\u4e2d\U0001f600",
                 "\ta\t": "a", "1e5": "1e5", "null": "null", "\ufeffa": "a"}),
        ('{ column = "x" }', {"a": "a"}),
        ('{ column = "x", upper = true }', {"aé": "AÉ"}),
        ('{ column = "x", lower = true }', {"ÀB": "àb"}),
        ('{ column = "x", cut = 3 }', {"abcdef": "abc", "ab": "ab", "a b c": "a b", "ab cd": "ab"}),
        ('{ column = "x", strip = "^No\\\\.? *" }', {"No. 12": "12", "No12": "12", "No.": ABSENT}),
        ('{ column = "x", strip = "[^0-9]", cut = 4 }', {"(01) 234-56": "0123", "none": ABSENT}),
        ('{ column = "x", default = "none" }', {"": "none", "a": "a"}),
        ('{ column = "x", default = true }', {"": True, "a": "a"}),
        ('{ column = "x", default = 7 }', {"": 7}),
        ('{ column = "x", required = true }', {"": "!cell.missing", "a": "a"}),
        ('{ const = "fixed" }', {"a": "fixed", "": "fixed"}),
        ("{ const = true }", {"a": True}),
        ("{ const = 0 }", {"a": 0}),
        ("{ const = 12.50 }", {"a": "12.50"}),
        ('{ text = "No. {x}!" }', {"a": "No. a!", "": ABSENT}),
        ('{ text = "{x}-{n}" }', {"a": "a-0", "": "-1"}),
        ('{ text = "plain" }', {"a": "plain"}),
        ('{ text = "{n}/{x}", cut = 3, upper = true }', {"abc": "0/A"}),
    ],
)  # fmt: skip
def test_a_text_is_a_cell_made_ready(form: str, told: dict[str, Any]) -> None:
    assert dict(zip(told, values(form, told), strict=True)) == told


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ('{ column = "x", map = { Ja = "yes", "Nein " = "no" } }',
         {"Ja": "yes", "ja": "!value.unknown", "Nein": "!value.unknown", "": ABSENT}),
        ('{ column = "x", map = { a = "b" }, other = "keep" }', {"a": "b", "c": "c", "": ABSENT}),
        ('{ column = "x", map = { a = "b" }, other = "omit" }', {"a": "b", "c": ABSENT}),
        ('{ column = "x", map = { a = "b" }, other = "reject" }', {"c": "!value.unknown"}),
        ('{ column = "x", map = { a = "b" }, other = "rest" }', {"c": "rest", "": ABSENT}),
        ('{ column = "x", map = { a = 1, b = true, "it\'s" = "ok" }, other = 0 }',
         {"a": 1, "b": True, "it's": "ok", "c": 0}),
        ('{ column = "x", map = { a = "b" }, default = "z" }', {"": "z"}),
        ('{ column = "x", lower = true, map = { a = "b" } }', {"A": "b"}),
        ('{ column = "x", match = [["C.*", "return"], ["[0-9]+", "sale"]] }',
         {"C123": "return", "123": "sale", "c1": "!value.unknown", "12a": "!value.unknown"}),
        ('{ column = "x", match = [["C.*", "one"], [".*", "two"]], other = "omit" }',
         {"C1": "one", "x": "two", "": ABSENT}),
        ('{ column = "x", match = [["(?i)yes|y", true]], other = false }',
         {"YES": True, "y": True, "n": False}),
        ('{ column = "x", flag = "1" }', {"1": True, "0": False, "": ABSENT}),
        ('{ column = "x", flag = ["Y", "yes"], false = ["N"] }',
         {"Y": True, "yes": True, "N": False, "maybe": "!value.unknown", "": ABSENT}),
        ('{ column = "x", flag = "1", default = false }', {"": False}),
    ],
)  # fmt: skip
def test_a_value_is_told_by_the_mappings_rules(form: str, told: dict[str, Any]) -> None:
    assert dict(zip(told, values(form, told), strict=True)) == told


def planned(toml: str, *, more: str = "", **files: str) -> Planned:
    declared = "".join(f'[files.{name}]\nmatch = "{name}.csv"\n' for name in files)
    return Planned(more + declared + toml, {f"{name}.csv": text for name, text in files.items()})


def test_a_list_is_split_out_of_one_cell() -> None:
    rows = planned(
        """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "PublishPipeline"
        pipeline_id = { id = ["{n}"] }
        name = "n"
        stages = { const = [{ name = "Open", probability = "0.5" }] }
        reasons = { column = "x", split = ";" }
        """,
        t=table(["n", "x"], [["1", "a; b;;c"], ["2", ""], ["3", ";"], ["4", 'q"']]),
    )
    assert [body.get("reasons") for body in rows.bodies()] == [["a", "b", "c"], None, [], ['q"']]


def test_an_object_is_left_out_when_all_its_members_are() -> None:
    rows = planned(
        """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{n}"] }
        attributes = { object = { a = "a", "b_2" = { column = "b", number = "int" } } }
        """,
        t="n,a,b\n1,x,2\n2,,\n3,,5\n",
    )
    told = [body.get("attributes") for body in rows.bodies()]
    assert told == [{"a": "x", "b_2": 2}, None, {"b_2": 5}]


def test_an_id_is_a_uuid5_of_the_source_and_its_parts() -> None:
    rows = planned(
        """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["customer", "{a}", "x{b}y"] }
        """,
        more='source = "erp"\n',
        t="a,b\n07592,é\n",
    )
    expected = uuid5(NAMESPACE, "erp\x1fcustomer\x1f07592\x1fxéy")
    assert UUID(rows.bodies()[0]["customer_id"]) == expected


def test_an_id_is_missing_when_a_part_is_and_may_be_required() -> None:
    toml = """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RecordCall"
        call_id = { id = ["call", "{n}"], required = true }
        customer_id = { id = ["customer", "{c}"] }
        direction = { const = "inbound" }
        """
    rows = planned(toml, t="n,c\n1,7\n2,\n,7\n")
    assert ["customer_id" in body for body in rows.bodies()] == [True, False]
    assert rows.faults() == [(4, "n", "cell.missing")]


def test_a_part_of_an_id_is_cleaned_of_what_does_not_tell_things_apart() -> None:
    toml = """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["customer", { column = "a", strip = "\\\\.0$", upper = true }] }
        """
    rows = planned(toml, t="a\n14646.0\n14646\nab\nAB\n")
    ids = [body["customer_id"] for body in rows.bodies()]
    assert (ids[0], ids[2]) == (ids[1], ids[3])
    assert ids[0] != ids[2]


def test_equal_rows_without_a_key_are_told_apart_by_how_often_they_came() -> None:
    toml = """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{_hash}", "{_occurrence}"] }
        source_id = { text = "{_occurrence} {_file}" }
        """
    first = planned(toml, t="a,b\nx,1\ny,2\nx,1\nx,1\n")
    told = [(body["customer_id"], body["source_id"]) for body in first.bodies()]
    assert [text for _, text in told] == ["1 t.csv", "1 t.csv", "2 t.csv", "3 t.csv"]
    assert len({id for id, _ in told}) == 4
    # Where else a row stands does not matter: an id is what is in it.
    second = planned(toml, t="a,b\ny,2\nx,1\nx,1\nx,1\n")
    assert {body["customer_id"] for body in second.bodies()} == {id for id, _ in told}


def test_a_value_is_looked_up_in_the_first_line_of_another_file() -> None:
    toml = """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{n}"] }
        at = { lookup = { file = "days", key = "n", column = "day" }, time = "iso" }
        [rows.do.owner]
        lookup = { file = "staff", key = "id", by = "who", column = "name" }
        default = "nobody"
        [rows.do.tier]
        lookup = { file = "staff", key = "id", by = "who", column = "tier" }
        map = { a = "gold" }
        other = "omit"
        """
    files = {
        "t": "n,who\n1,7\n2,8\n3,\n4,9\n5,7\n",
        "days": "n,day\n1,2024-01-01\n2,2024-01-02\n3,2024-01-03\n4,2024-01-04\n1,1999-01-01\n",
        "staff": "id,name,tier\n7,Ann,a\n8,Bo,b\n7,Second,b\n",
    }
    declared = "".join(
        f'[files.{name}]\nmatch = "{name}.csv"\nlookup = {"false" if name == "t" else "true"}\n'
        for name in files
    )
    rows = Planned(declared + toml, {f"{name}.csv": text for name, text in files.items()})
    told = [(b["at"][:10], b["owner"], b.get("tier")) for b in rows.bodies()]
    assert told == [
        ("2024-01-01", "Ann", "gold"), ("2024-01-02", "Bo", None), ("2024-01-03", "nobody", None),
        ("2024-01-04", "nobody", None),
    ]  # fmt: skip
    assert rows.faults() == [(6, "day", "cell.missing")]
    assert rows.rows == 5, "lines of files that are only looked into are not counted"


def test_a_field_named_as_a_key_of_sql_or_with_quotes_is_read() -> None:
    rows = planned(
        """
        [[rows]]
        from = "t"
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{select}", "{a'b}"] }
        source_id = 'say "hi"'
        """,
        t='select,a\'b,"say ""hi"""\n1,2,3\n',
    )
    assert rows.bodies()[0]["source_id"] == "3"


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\x1f\r", exclude_categories=["Cs"]),
    max_size=20,
)
_BLANKS = " \t\n\v\f\u00a0\u2007\u202f\u3000\ufeff"


@settings(max_examples=40, deadline=None)
@given(cells=st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_comes_through_as_it_is_but_for_blanks_around_it(cells: list[str]) -> None:
    told = values('"x"', cells)
    for cell, one in zip(cells, told, strict=True):
        inner = cell.strip(_BLANKS)
        assert one == inner or (one == ABSENT and not inner.strip()) or one.strip() == inner.strip()
