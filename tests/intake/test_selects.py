"""An operator's SELECT: it moves text, gives the same rows each time, and reaches nothing else."""

from __future__ import annotations

import pytest

from crm_es.errors import Invalid
from crm_es.intake.accounting import Unaccounted
from rows_in import Planned

FILES: dict[str, str | bytes] = {
    "t.csv": "n,month\n1,may\n2,jun\n3,may\n4,\n", "other.csv": "month,no\nmay,05\njun,06\n",
}  # fmt: skip


def picked(sql: str, *, more: str = "") -> Planned:
    return Planned(
        f"""
        [files.t]
        match = "t.csv"
        [files.other]
        match = "other.csv"
        lookup = true
        [[rows]]
        sql = '''{sql}'''
        counts = "t"
        {more}
        [[rows.do]]
        command = "RegisterCustomer"
        customer_id = {{ id = ["{{n}}"] }}
        source_id = "s"
        """,
        FILES,
    )


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select _line, n, month as s from t", ["may", "jun", "may", None]),
        ("select _line, n, month || '-x' as s from t order by n desc",
         ["may-x", "jun-x", "may-x", None]),
        ("select t._line, n, no as s from t left join other using (month)",
         ["05", "06", "05", None]),
        ("with w as (select *, lag(n) over (order by _line) as s from t) select _line, n, s from w",
         [None, "1", "2", "3"]),
        ("select _line, n, (count(*) over (partition by month order by n))::varchar as s from t",
         ["1", "1", "2", "1"]),
        ("""select _line, n, part as s from t, unnest(string_split(month, 'u')) u(part)
            where part in ('may', 'j') union all by name
            select _line, n from t where month is null""", ["may", "j", "may", None]),
        ("select _line, n, _file || ' ' || _occurrence as s from t", ["t.csv 1"] * 4),
        ("select _line, n, coalesce(month, lower('NONE')) as s from t",
         ["may", "jun", "may", "none"]),
    ],
)  # fmt: skip
def test_a_select_moves_text(sql: str, told: list[str | None]) -> None:
    assert [body.get("source_id") for body in picked(sql).bodies()] == told


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("select _line, n, n::int as s from t", "mapping.sql_converts"),
        ("select n, n as s from t", "mapping.sql"),
        ("select _line::int as _line, n, n as s from t", "mapping.sql_converts"),
        ("select t._line, n, n as s from t, other", "mapping.sql_repeats"),
        ("select 77::bigint as _line, n, n as s from t limit 1", "mapping.sql_lines"),
        ("select _line, n, cast(month as int)::varchar as s from t", "mapping.sql"),
        ("select _line, n, 1 / as s from t", "mapping.sql"),
        ("select _line, n, x as s from t", "mapping.sql"),
        ("select 1; select 2", "mapping.sql"),
        ("insert into t values (1)", "mapping.sql"),
        ("drop view t", "mapping.sql"),
        ("copy t to 'x.csv'", "mapping.sql"),
        ("pragma database_list", "mapping.sql"),
        ("select _line, n, random()::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, uuid()::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, now()::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, current_timestamp::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, current_date::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, today()::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, age('2020-01-01'::date)::varchar as s from t", "mapping.sql_volatile"),
        ("select _line, n, s from t, (select content as s from read_text('/etc/passwd'))",
         "mapping.sql_table"),
        ("select _line, n, n as s from '/etc/passwd'", "mapping.sql_table"),
        ("select _line, n, n as s from raw.t", "mapping.sql_table"),
        ("select _line, n, n as s from duckdb_settings()", "mapping.sql_table"),
        ("select _line, n, n as s from information_schema.tables", "mapping.sql_table"),
        ("select _line, n, getvariable('x') as s from t", "mapping.sql_volatile"),
    ],
)  # fmt: skip
def test_any_other_statement_is_refused(sql: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        picked(sql)
    assert refusal.value.code == code, str(refusal.value)


def test_lines_a_select_leaves_out_must_be_taken_by_another_rule() -> None:
    sql = "select _line, n, month as s from t where month = 'may'"
    with pytest.raises(Unaccounted):
        picked(sql)


def test_rows_of_a_select_are_grouped_as_those_of_a_file() -> None:
    sql = "select _line, coalesce(month, 'none') as n, n as s from t"
    planned = picked(sql, more='group = ["n"]')
    assert [unit.lines for unit in planned.units] == [[2, 4], [3], [5]]
