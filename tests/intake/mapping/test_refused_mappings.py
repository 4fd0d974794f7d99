"""A mapping that cannot work is refused before a row is read, by the place in its TOML."""

from __future__ import annotations

import pytest

from crm_es.errors import Invalid, NotFound
from crm_es.intake.mapping import read_mapping, shipped, shipped_names

GOOD = """
name = "shop"
[files.t]
match = "t.csv"
[[rows]]
from = "t"
[[rows.do]]
command = "RegisterCustomer"
customer_id = { id = ["{n}"] }
"""


def refusal(toml: str, *, allow_sql: bool = True) -> Invalid:
    with pytest.raises(Invalid) as raised:
        read_mapping(toml, allow_sql=allow_sql)
    return raised.value


def test_a_good_mapping_is_read() -> None:
    whole = read_mapping(GOOD)
    assert (whole.name, whole.source, whole.zone) == ("shop", "shop", "UTC")
    assert whole.digest == read_mapping(GOOD).digest != read_mapping(GOOD + "#").digest


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "shop"\n', "", "name: Field required"),
        ('name = "shop"', 'name = "My Shop"', "name: "),
        ('name = "shop"', 'name = "shop"\nzone = "Mars"', "zone: there is no time zone 'Mars'"),
        ('name = "shop"', 'name = "shop"\nfoo = 1', "foo: Extra inputs are not permitted"),
        ('match = "t.csv"', 'match = "/etc/passwd"', "files.t.match: files are looked for"),
        ('match = "t.csv"', 'match = "../t.csv"', "files.t.match: files are looked for"),
        ('match = "t.csv"', 'match = "t.csv"\nencoding = "klingon"', "files.t.encoding: "),
        ('match = "t.csv"', 'match = "t.csv"\ndelimiter = ";;"', "files.t.delimiter: "),
        ('match = "t.csv"', 'match = "t.csv"\nheader = false', "files.t: a file without a header"),
        ('match = "t.csv"', 'match = "t.csv"\nquote = ","', "files.t: quote, delimiter and"),
        ('from = "t"', 'from = "u"', "rows[0].from: no file 'u' is declared"),
        ('from = "t"', 'from = "t"\nonce = ["a"]\ngroup = ["b"]', "rows[0]: once or group"),
        ('from = "t"', 'from = "t"\nrepeats = "skip"', "rows[0]: repeats belongs to once"),
        ('from = "t"', 'from = "t"\nknown = "update"', "rows[0]: known = "),
        ('from = "t"', 'from = "t"\nwhere = { a = {} }', "rows[0].where[0].a: a test without"),
        ('from = "t"', 'from = "t"\nskip = { when = { a = "1" } }', "rows[0].skip[0].because: "),
        ('from = "t"', 'sql = "select 1"', "rows[0]: sql needs counts"),
        ("RegisterCustomer", "RegistrCustomer", "near it: RegisterCustomer"),
        ("RegisterCustomer", "CommitImport", "there is no command 'CommitImport'"),
        ("customer_id", "customr_id", "no field 'customr_id'; near it: customer_id"),
        ("customer_id", "customr_id", "rows[0].do[0]: RegisterCustomer needs customer_id"),
        ('"{n}"] }', '"{n}"] }\nkind = { const = "robot" }', "'robot' is none of person, organi"),
        ('"{n}"] }', '"{n}"] }\nkind = { column = "k", map = { a = "robot" } }', "'robot' is none"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", number = "int" }',
         "rows[0].do[0].name: text is wanted, and this makes a whole number"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", flag = "1" }', "makes true or false"),
        ('"{n}"] }', '"{n}"] }\nname = { list = "n" }', "makes a list"),
        ('"{n}"] }', '"{n}"] }\nattributes = { object = { Big = "n" } }', "no field 'Big'"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", text = "x" }', "exactly one of column"),
        ('"{n}"] }', '"{n}"] }\nname = {}', "exactly one of column"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", colum = "x" }', "name.colum: Extra inputs"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", required = true, default = "x" }',
         "name: what has a default cannot be missing"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", upper = true, lower = true }',
         "name: upper or lower, not both"),
        ('"{n}"] }', '"{n}"] }\nat = { column = "n", time = "%Q" }', "unknown directive %Q"),
        ('"{n}"] }', '"{n}"] }\nat = { column = "n", time = "%d.%m." }', "has no year"),
        ('"{n}"] }', '"{n}"] }\nat = { column = "n", time = "%Y %Y" }', "says something twice"),
        ('"{n}"] }', '"{n}"] }\nat = { column = "n", time = [] }', "at.time: Value should have"),
        ('"{n}"] }', '"{n}"] }\nname = { lookup = { file = "x", key = "a", column = "b" } }',
         "name.lookup.file: no file 'x' is declared"),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", strip = "(" }', "name.strip: "),
        ('"{n}"] }', '"{n}"] }\nname = { column = "n", match = [["[", "x"]] }', "name.match"),
        ('from = "t"', 'from = "t"\nwhere = { a = { matches = "*" } }', "where[0].a.matches: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, told: str) -> None:
    refused = refusal(GOOD.replace(old, new, 1))
    assert refused.code == "mapping.invalid"
    assert told in str(refused)


def test_all_wrongs_are_told_at_once_up_to_ten() -> None:
    fields = "".join(f'f{n} = "n"\n' for n in range(15))
    assert str(refusal(GOOD + fields)).count("has no field") == 10
    assert "and 5 more" in str(refusal(GOOD + fields))


def test_what_is_no_toml_is_told_with_its_line() -> None:
    refused = refusal(GOOD + "x = \n")
    assert refused.code == "mapping.toml"
    assert "line 10" in str(refused)


def test_a_setup_is_checked_as_a_whole_command() -> None:
    setup = '[[setup]]\ncommand = "DefineField"\nkind = "customer"\nname = "Big Size"\n'
    assert "setup[0].name: " in str(refusal(GOOD + setup))
    assert "there is no command" in str(refusal(GOOD + '[[setup]]\ncommand = "Define"\n'))


def test_a_file_that_nothing_uses_is_told() -> None:
    assert "is it lookup = true?" in str(refusal(GOOD + '[files.u]\nmatch = "u.csv"\n'))


def test_only_an_operator_may_use_sql() -> None:
    toml = GOOD.replace('from = "t"', 'sql = "select * from t"\ncounts = "t"')
    assert read_mapping(toml, allow_sql=True).rows[0].sql
    refused = refusal(toml, allow_sql=False)
    assert refused.code == "mapping.sql_not_allowed"
    assert "rows[0].sql" in str(refused)


def test_a_mapping_has_a_size() -> None:
    assert refusal(GOOD + "#" * 1_000_000).code == "mapping.too_large"


def test_every_shipped_mapping_is_read_and_no_other() -> None:
    assert [shipped(name).name for name in shipped_names()] == shipped_names()
    with pytest.raises(NotFound):
        shipped("../../etc/passwd")
