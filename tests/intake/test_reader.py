"""Text to records: every line at its true number, and what is no record costs no other line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_es.errors import Invalid
from crm_es.intake.limits import UPLOAD, Limits
from records_in import read, refusal
from rows_in import table


@pytest.mark.parametrize(
    ("delimiter", "content"),
    [
        (",", "a,b\n1,2\n"), (";", "a;b\n1;2\n"), ("|", "a|b\n1|2\n"), ("\t", "a\tb\n1\t2\n"),
        ("tab", "a\tb\n1\t2\n"), ("comma", "a,b\n1,2\n"), ("semicolon", "a;b\n1;2\n"),
        ("pipe", "a|b\n1|2\n"), ("spaces", "  a   b\n 1 \t 2  \n"), ("^", "a^b\n1^2\n"),
        (",", "a,b\r\n1,2\r\n"), (",", "a,b\r1,2\r"), (",", "a,b\n1,2"), (",", "\n\na,b\n1,2\n\n"),
        (",", '"a","b"\n"1","2"\n'), (",", " a , b \n1,2\n"), (";", '"a";"b"\r\n"1";"2"'),
    ],
)  # fmt: skip
def test_delimiters_line_ends_and_quotes_do_not_show_in_the_cells(
    tmp_path: Path, delimiter: str, content: str
) -> None:
    columns, rows, faults = read(tmp_path, content, delimiter=delimiter)
    assert (columns, [cells for _, cells in rows], faults) == (("a", "b"), [["1", "2"]], [])


def test_lines_are_counted_as_an_editor_counts(tmp_path: Path) -> None:
    content = 'a,b\n1,"x\ny\nz"\n\n2,p\n"3\n","q"\r\n   \n4,"say ""hi"""\n'
    _, rows, faults = read(tmp_path, content)
    assert rows == [
        (2, ["1", "x\ny\nz"]), (6, ["2", "p"]), (7, ["3", "q"]), (10, ["4", 'say "hi"']),
    ]  # fmt: skip
    assert faults == []


def test_lines_in_front_of_the_header_are_passed_over(tmp_path: Path) -> None:
    columns, rows, _ = read(tmp_path, "Report of May\n\na,b\n1,2\n", skip_lines=2)
    assert (columns, rows) == (("a", "b"), [(4, ["1", "2"])])


def test_a_file_without_a_header_has_the_columns_the_mapping_names(tmp_path: Path) -> None:
    columns, rows, _ = read(tmp_path, "1,2\n3,4\n", header=False, columns=["a", "b"])
    assert (columns, rows) == (("a", "b"), [(1, ["1", "2"]), (2, ["3", "4"])])
    columns, _, _ = read(tmp_path, "x,y\n1,2\n", columns=["a", "b"])
    assert columns == ("a", "b")
    assert refusal(tmp_path, "x,y,z\n1,2,3\n", columns=["a", "b"]).code == "file.header"


def test_headers_are_told_apart(tmp_path: Path) -> None:
    columns, _, _ = read(tmp_path, ' a ,,a,A,,"b\n c",_line,unnamed\n1,2,3,4,5,6,7,8\n')
    assert columns == ("a", "unnamed", "a 2", "A 3", "unnamed 2", "b c", "_line 2", "unnamed 3")


def test_a_line_that_is_no_record_is_a_fault_and_takes_no_other_along(tmp_path: Path) -> None:
    content = 'a,b\n1,2\n3\n4,5,6\n7,"open\n8,9\n10,"x"y\n11,12\n'
    _, rows, faults = read(tmp_path, content)
    assert [line for line, _ in rows] == [2, 6, 8]
    assert [(fault.line, fault.column, fault.code) for fault in faults] == [
        (3, None, "row.columns"), (4, None, "row.columns"), (5, "b", "row.unclosed_quote"),
        (7, None, "row.stray_quote"),
    ]  # fmt: skip
    assert faults[0].detail == "1 cells where the header has 2"


def test_an_unclosed_quote_costs_its_own_line_only_even_at_the_start(tmp_path: Path) -> None:
    content = "a,b\n" + '1,"open\n' + "".join(f"{n},x\n" for n in range(20_000))
    _, rows, faults = read(tmp_path, content)
    assert len(rows) == 20_000
    assert [(fault.line, fault.code) for fault in faults] == [(2, "row.unclosed_quote")]


def test_nothing_is_quoted_where_the_layout_says_so(tmp_path: Path) -> None:
    _, rows, _ = read(tmp_path, 'a,b\n"1,2"\n', quote="")
    assert rows == [(2, ['"1', '2"'])]
    _, rows, _ = read(tmp_path, "a,b\n'1,5',2\n", quote="'")
    assert rows == [(2, ["1,5", "2"])]
    _, rows, _ = read(tmp_path, 'a,b\n"say \\"hi\\"",2\n', escape="\\")
    assert rows == [(2, ['say "hi"', "2"])]


def test_a_control_character_is_refused_at_its_cell(tmp_path: Path) -> None:
    _, rows, faults = read(tmp_path, b"a,b\n1,x\x00y\n2,p\x1fq\n3,ok\n")
    assert rows == [(4, ["3", "ok"])]
    assert [(fault.line, fault.column, fault.code) for fault in faults] == [
        (2, "b", "cell.control_character"), (3, "b", "cell.control_character"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file.empty"), ("\n\n", "file.empty"), ('"a,b\n', "file.header"),
        (b"\x1f\x8b", "gz.truncated"),
    ],
)  # fmt: skip
def test_a_file_without_a_header_to_read_is_refused(
    tmp_path: Path, content: str | bytes, code: str
) -> None:
    assert refusal(tmp_path, content).code == code


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n") == (("a", "b"), [], [])


def test_a_file_that_never_ends_a_line_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_es.intake.reader.LINE_MAX", 1_000)
    assert refusal(tmp_path, "a,b\n" + "x" * 3_000_000).code == "file.no_lines"


def test_an_upload_is_bounded(tmp_path: Path) -> None:
    def code(content: bytes | str, **limits: int) -> str:
        given = {name: getattr(UPLOAD, name) for name in Limits.__dataclass_fields__} | limits
        return refusal(tmp_path, content, limits=Limits(**given)).code

    bomb = gzip.compress(b"a,b\n" + (b"0" * 1_000 + b",0\n") * 20_000)
    assert code(bomb) == "gz.ratio"
    assert code(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n")) == "gz.members"
    assert code("a,b\n" + "1,2\n" * 100, bytes_max=200) == "file.too_large"
    assert code("a,b\n" + "1,2\n" * 100, rows_max=99) == "file.rows"
    assert code(",".join(f"c{n}" for n in range(201)) + "\n") == "file.columns"
    _, rows, faults = read(tmp_path, f"a,b\n1,{'x' * 40_000}\n2,y\n", limits=UPLOAD)
    assert [line for line, _ in rows] == [3]
    assert [(fault.column, fault.code) for fault in faults] == [("b", "cell.too_long")]


CELL = st.text(st.sampled_from("ab1,;\"\n \t|'\u00e9\u3042\\"), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=12),
    delimiter=st.sampled_from(",;|\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    chunk=st.integers(1, 40),
)
def test_what_the_csv_module_wrote_comes_back_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    ending: str,
    chunk: int,
) -> None:
    folder = tmp_path_factory.mktemp("t")
    content = table(["x", "y", "z"], rows, delimiter=delimiter).replace("\n", ending)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_es.intake.decoding.CHUNK_SIZE", chunk)
        _, found, faults = read(folder, content, delimiter=delimiter)
    assert faults == []
    wanted = [[cell.strip() for cell in row] for row in rows]
    assert [[cell.strip() for cell in cells] for _, cells in found] == wanted


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=200) | st.text('a,"\n\r;x\0\t ', max_size=200).map(str.encode),
    chunk=st.integers(1, 64),
)
def test_any_bytes_are_records_and_faults_or_refused_whole(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("t")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_es.intake.decoding.CHUNK_SIZE", chunk)
        try:
            _, rows, faults = read(folder, content)
        except Invalid:
            return
    lines = [line for line, _ in rows] + [fault.line for fault in faults]
    assert len(set(lines)) == len(lines)
    assert all(1 <= line <= content.count(b"\n") + content.count(b"\r") + 1 for line in lines)
