"""Which rows belong together, in which order, and what becomes of those that do not fit."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import pytest

from crm_es.errors import Invalid
from crm_es.intake.accounting import Unaccounted
from rows_in import Planned, table

ORDER = """
    [[rows.do]]
    command = "PlaceOrder"
    order_id = { id = ["{o}"] }
    number = "o"
    place = "p"
    [rows.do.lines.each]
    sku = "s"
    quantity = { column = "q", number = "decimal", required = true }
    amount = { column = "a", number = "decimal", default = "0" }
"""


def plan(rows: str, text: str, **others: str) -> Planned:
    files = {"t": text, **others}
    declared = "".join(
        f'[files.{name}]\nmatch = "{name}.csv"\nlookup = {"false" if name == "t" else "true"}\n'
        for name in files
    )
    return Planned(declared + rows, {f"{name}.csv": body for name, body in files.items()})


def skus(planned: Planned) -> list[tuple[str, list[str]]]:
    return [(b["number"], [line["sku"] for line in b["lines"]]) for b in planned.bodies()]


def test_a_group_is_all_its_rows_wherever_they_stand() -> None:
    text = "o,p,s,q,a\n1,A,x,1,\n2,B,y,1,\n1,C,z,2,\n3,D,x,1,\n2,E,w,1,\n"
    planned = plan('[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + ORDER, text)
    assert skus(planned) == [("1", ["x", "z"]), ("2", ["y", "w"]), ("3", ["x"])]
    assert [body["place"] for body in planned.bodies()] == ["A", "B", "D"], "of the first row"
    assert [unit.lines for unit in planned.units] == [[2, 4], [3, 6], [5]]


def test_groups_and_their_rows_come_in_the_order_that_is_said() -> None:
    text = "o,p,s,q,a,at\n1,A,x,1,,3\n2,B,y,1,,1\n1,C,z,2,,2\n2,D,v,1,,10\n"
    order = 'order = { column = "at", number = "int" }\n'
    planned = plan('[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + order + ORDER, text)
    assert [number for number, _ in skus(planned)] == ["2", "1"]
    alone = plan('[[rows]]\nfrom = "t"\n' + order + ORDER, text)
    assert skus(alone) == [("2", ["y"]), ("1", ["z"]), ("1", ["x"]), ("2", ["v"])]


def test_rows_are_ordered_by_what_a_cell_means_and_equal_ones_as_they_stand() -> None:
    text = "n,at\n1,2.1.2024\n2,10.1.2023\n3,2.1.2024\n4,\n"
    rows = """
        [[rows]]
        from = "t"
        order = [{ column = "at", time = "%d.%m.%Y" }]
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = { id = ["{n}"] }
        source_id = "n"
    """
    assert [body["source_id"] for body in plan(rows, text).bodies()] == ["2", "1", "3", "4"]


def test_a_bad_line_rejects_its_group_and_names_all_its_lines() -> None:
    text = "o,p,s,q,a\n1,A,x,1,\n2,B,y,1,\n1,C,z,many,x\n2,D,w,1,\n"
    planned = plan('[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + ORDER, text)
    assert skus(planned) == [("2", ["y", "w"])]
    assert planned.faults() == [
        (2, None, "group.rejected"), (4, "q", "number.format"), (4, "a", "number.format"),
    ]  # fmt: skip
    assert planned.rejects[0].detail == "line 4 of its group is rejected"
    assert (planned.used, planned.rejected) == (2, {"group.rejected": 1, "number.format": 1})


def test_a_row_without_its_key_belongs_to_no_group() -> None:
    planned = plan(
        '[[rows]]\nfrom = "t"\ngroup = ["o", "p"]\n' + ORDER,
        "o,p,s,q,a\n,A,x,1,\n1,,y,1,\n1,B,z,1,\n",
    )
    assert planned.faults() == [(2, "o", "cell.missing"), (3, "p", "cell.missing")]
    assert skus(planned) == [("1", ["z"])]


def test_a_group_too_large_for_one_transaction_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["crm_es.intake.compiler.grouped"], "GROUP_MAX", 2)
    text = "o,p,s,q,a\n1,A,x,1,\n1,A,y,1,\n1,A,z,1,\n2,B,y,1,\n"
    planned = plan('[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + ORDER, text)
    assert planned.faults() == [(n, None, "group.too_large") for n in (2, 3, 4)]
    assert skus(planned) == [("2", ["y"])]


def test_only_some_rows_of_a_group_make_lines() -> None:
    rows = '[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + ORDER.replace(
        "[rows.do.lines.each]\n",
        '[rows.do.lines]\nwhen = { s = { not = "POST" } }\n[rows.do.lines.each]\n',
    )
    text = "o,p,s,q,a\n1,A,x,1,\n1,B,POST,?,\n1,C,z,1,\n"
    planned = plan(rows, text)
    assert planned.faults() == [
        (2, None, "group.rejected"),
        (3, "q", "number.format"),
        (4, None, "group.rejected"),
    ]
    planned = plan(rows, text.replace("?", "1"))
    assert skus(planned) == [("1", ["x", "z"])]


def test_a_group_sums_and_lists() -> None:
    rows = """
        [[rows]]
        from = "t"
        group = ["o"]
        [[rows.do]]
        command = "RecordVisit"
        visit_id = { id = ["{o}"] }
        seconds = { sum = { column = "q", number = "int" } }
        value = { sum = { column = "a", number = "decimal", round = 2 } }
        [[rows.do]]
        command = "PublishPipeline"
        pipeline_id = { id = ["{o}"] }
        name = "o"
        stages = { const = [{ name = "Open", probability = "0.5" }] }
        reasons = { list = "s", distinct = true }
        [[rows.do]]
        command = "PublishPipeline"
        pipeline_id = { id = ["{o}", "all"] }
        name = "o"
        stages = { const = [{ name = "Open", probability = "0.5" }] }
        reasons = { list = { column = "s", upper = true } }
    """
    text = "o,s,q,a\n1,x,2,0.1\n2,y,,\n1,z,3,€ 0,2\n1,x,,5\n1,,1,\n".replace("€ 0,2", '"0,2"')
    planned = plan(rows, text)
    visits = planned.bodies("RecordVisit")
    assert [(b.get("seconds"), b.get("value")) for b in visits] == [(6, "5.3"), (None, None)]
    told = [body.get("reasons") for body in planned.bodies("PublishPipeline")]
    assert told == [["x", "z"], ["X", "Z", "X"], ["y"], ["Y"]]


def test_a_row_alone_makes_lists_and_sums_of_one() -> None:
    planned = plan('[[rows]]\nfrom = "t"\n' + ORDER, "o,p,s,q,a\n1,A,x,1,2\n")
    assert planned.bodies()[0]["lines"] == [{"sku": "x", "quantity": "1", "amount": "2"}]


ONCE = """
    [[rows.do]]
    command = "RegisterCustomer"
    customer_id = { id = ["{c}"] }
    source_id = "n"
"""


@pytest.mark.parametrize(
    ("repeats", "skipped", "rejected"),
    [("skip", {"repeated": 2}, {}), ("reject", {}, {"row.repeated": 2})],
)
def test_only_the_first_row_of_a_key_counts(
    repeats: str, skipped: dict[str, int], rejected: dict[str, int]
) -> None:
    text = "c,n\na,1\nb,2\na,3\na,4\n"
    planned = plan(f'[[rows]]\nfrom = "t"\nonce = ["c"]\nrepeats = "{repeats}"\n' + ONCE, text)
    assert [body["source_id"] for body in planned.bodies()] == ["1", "2"]
    assert (planned.skipped, planned.rejected, planned.used) == (skipped, rejected, 2)


def test_repeats_that_are_ignored_are_left_to_other_rules() -> None:
    text = "c,n\na,1\nb,2\na,3\n"
    once = '[[rows]]\nfrom = "t"\nonce = ["c"]\n' + ONCE
    with pytest.raises(Unaccounted, match=r"t: 1 lines .*: t.csv line 4"):
        plan(once, text)
    both = once + '[[rows]]\nfrom = "t"\n' + ONCE.replace("{c}", "{n}")
    assert len(plan(both, text).bodies()) == 5


def test_a_rule_skips_lines_before_they_are_counted_or_grouped() -> None:
    text = "o,p,s,q,a\n1,A,x,1,\n1,A,TOTAL,9,\n2,B,TOTAL,1,\n"
    skip = 'skip = { when = { s = "TOTAL" }, because = "a total" }\n'
    planned = plan('[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + skip + ORDER, text)
    assert skus(planned) == [("1", ["x"])]
    assert planned.skipped == {"a total": 2}


def test_the_first_of_several_skips_is_the_reason() -> None:
    skip = """skip = [
        { when = { n = "1" }, because = "one" }, { when = { c = "a" }, because = "letter a" },
    ]\n"""
    planned = plan('[[rows]]\nfrom = "t"\n' + skip + ONCE, "c,n\na,1\na,2\nb,3\n")
    assert planned.skipped == {"one": 1, "letter a": 1}


def test_a_rule_rejects_lines_whatever_else_is_in_them() -> None:
    rule = 'reject = { when = { c = { present = false } }, column = "c", code = "contact.none" }\n'
    planned = plan('[[rows]]\nfrom = "t"\n' + rule + ONCE, "c,n\n,1\nb,2\n")
    assert planned.faults() == [(2, "c", "contact.none")]


def test_several_rules_share_the_lines_of_one_file() -> None:
    rows = "".join(
        f'[[rows]]\nfrom = "t"\nwhere = {{ c = {where} }}\n{ONCE}'
        for where in ('"a"', '{ not = "a" }')
    )
    planned = plan(rows, "c,n\na,1\nb,2\n,3\na,4\n")
    assert [body["source_id"] for body in planned.bodies()] == ["1", "4", "2", "3"]


def test_a_line_that_no_rule_takes_fails_it_before_anything_is_sent() -> None:
    with pytest.raises(Unaccounted, match=r"t: 2 lines .*: t.csv line 3, t.csv line 4"):
        plan('[[rows]]\nfrom = "t"\nwhere = { c = "a" }\n' + ONCE, "c,n\na,1\nb,2\n,3\n")


def test_a_line_of_which_no_command_comes_is_rejected() -> None:
    rows = '[[rows]]\nfrom = "t"\n' + ONCE.replace(
        "customer_id", 'when = { n = "1" }\n    customer_id', 1
    )
    planned = plan(rows, "c,n\na,1\nb,2\n")
    assert planned.faults() == [(3, None, "row.unused")]


def test_one_row_becomes_several_commands_in_one_unit_and_a_fault_stops_them_all() -> None:
    rows = (
        '[[rows]]\nfrom = "t"\n'
        + ONCE
        + """
        [[rows.do]]
        command = "ChangeCustomerTier"
        customer_id = { id = ["{c}"] }
        tier = { column = "n", map = { "1" = "gold" } }
    """
    )
    planned = plan(rows, "c,n\na,1\nb,2\n")
    assert [len(unit.commands) for unit in planned.units] == [2]
    assert planned.faults() == [(3, "n", "value.unknown")]


def test_what_is_known_is_updated_by_commands_of_their_own() -> None:
    rows = """
        [[rows]]
        from = "t"
        known = "update"
        do = [{ command = "RegisterCustomer", customer_id = { id = ["{c}"] } }]
        update = [{ command = "ChangeCustomerTier", customer_id = { id = ["{c}"] }, tier = "n" }]
    """
    (unit,) = plan(rows, "c,n\na,1\n").units
    assert [one.name for one in unit.commands] == ["RegisterCustomer"]
    assert [one.name for one in unit.updates] == ["ChangeCustomerTier"]
    places = {one.place for one in (*unit.commands, *unit.updates)}
    assert len(places) == 2, "their ids differ"


def test_files_of_one_pattern_are_read_as_one_in_order_of_name() -> None:
    toml = '[files.t]\nmatch = "day*.csv"\n[[rows]]\nfrom = "t"\n' + ONCE
    planned = Planned(toml, {"day2.csv": "c,n\nb,2\nb,x\n", "day1.csv": "c,n\na,1\n"})
    assert [body["source_id"] for body in planned.bodies()] == ["1", "2", "x"]
    profile = planned.profiles["t"]
    assert [profile.place(unit.lines[0]) for unit in planned.units] == [
        ("day1.csv", 2), ("day2.csv", 2), ("day2.csv", 3),
    ]  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        Planned(toml, {"day2.csv": "c,m\nb,2\n", "day1.csv": "c,n\na,1\n"})
    assert refusal.value.code == "file.header_differs"


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(Invalid) as refusal:
        plan('[[rows]]\nfrom = "t"\n' + ONCE, "customer,n\na,1\n")
    assert refusal.value.code == "file.header_column"
    assert str(refusal.value) == "t: no column 'c'; there are: customer, n."


def lines(numbers: Iterable[int]) -> str:
    return table(["o", "p", "s", "q", "a"], ([str(n // 3), "p", str(n), "1", ""] for n in numbers))


def test_spans_of_rows_do_not_show_in_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = lines(range(100))
    rows = '[[rows]]\nfrom = "t"\ngroup = ["o"]\n' + ORDER + '[[rows]]\nfrom = "t"\n' + ORDER
    whole = plan(rows, text).bodies()
    monkeypatch.setattr("crm_es.intake.spool.SPAN_ROWS", 7)
    monkeypatch.setattr("crm_es.intake.spool.PAGE_ROWS", 3)
    assert plan(rows, text).bodies() == whole
    assert len(whole) == 134


def test_wide_rows_are_worked_on_in_shorter_spans() -> None:
    toml = '[files.t]\nmatch = "t.csv"\n[[rows]]\nfrom = "t"\n' + ONCE
    wide = "".join(f"{'x' * 100_000}{n},{n}\n" for n in range(400))
    planned = Planned(toml, {"t.csv": f"c,n\n{wide}"})
    assert planned.profiles["t"].span_rows == 167
    assert len(planned.units) == 400
