"""Bytes to text: in the encoding that is said, strictly, and unpacked whole or not at all."""

from __future__ import annotations

import codecs
import gzip
import hashlib
from pathlib import Path

import pytest

from crm_es.intake.decoding import TextFile
from crm_es.intake.limits import OPERATOR
from crm_es.intake.mapping.layout import Layout
from records_in import read, refusal
from rows_in import table

CHINESE, JAPANESE = "名字,城市\n张伟,北京\n", "名前,都市\n田中,東京\n"
LATIN = "name,city\nZoë,Köln\n"


@pytest.mark.parametrize(
    ("encoding", "content", "cells"),
    [
        ("utf-8", LATIN.encode(), ["Zoë", "Köln"]),
        ("utf-8", codecs.BOM_UTF8 + LATIN.encode(), ["Zoë", "Köln"]),
        ("utf-16", LATIN.encode("utf-16"), ["Zoë", "Köln"]),
        ("utf-16", codecs.BOM_UTF16_BE + LATIN.encode("utf-16-be"), ["Zoë", "Köln"]),
        ("utf-16-le", LATIN.encode("utf-16-le"), ["Zoë", "Köln"]),
        ("utf-32", LATIN.encode("utf-32"), ["Zoë", "Köln"]),
        ("cp1252", LATIN.encode("cp1252"), ["Zoë", "Köln"]),
        ("windows-1252", "name,city\n€,\u201cx\u201d\n".encode("cp1252"), ["€", "\u201cx\u201d"]),
        ("iso-8859-2", "name,city\nŁódź,Brno\n".encode("iso-8859-2"), ["Łódź", "Brno"]),
        ("koi8-r", "name,city\nАнна,Москва\n".encode("koi8-r"), ["Анна", "Москва"]),  # noqa: RUF001
        ("gb18030", CHINESE.encode("gb18030"), ["张伟", "北京"]),
        ("gbk", CHINESE.encode("gbk"), ["张伟", "北京"]),
        ("shift_jis", JAPANESE.encode("shift_jis"), ["田中", "東京"]),
    ],
)  # fmt: skip
def test_a_file_is_read_in_the_encoding_that_is_said(
    tmp_path: Path, encoding: str, content: bytes, cells: list[str]
) -> None:
    _, rows, faults = read(tmp_path, content, encoding=encoding)
    assert (rows, faults) == ([(2, cells)], [])


@pytest.mark.parametrize(
    ("encoding", "content", "code", "told"),
    [
        ("utf-8", LATIN.encode("cp1252"), "encoding.undecodable", "byte 12 is not utf-8"),
        ("utf-8", LATIN.encode("cp1252"), "encoding.undecodable", "windows-1252"),
        ("utf-8", CHINESE.encode("gb18030"), "encoding.undecodable", "'gb18030'"),
        ("utf-8", JAPANESE.encode("shift_jis"), "encoding.undecodable", "'shift_jis'"),
        ("utf-8", LATIN.encode("utf-16"), "encoding.undecodable", "'utf-16'"),
        ("utf-16", LATIN.encode(), "encoding.byte_order", "'utf-8'"),
        ("ascii", LATIN.encode(), "encoding.undecodable", "byte 12 is not ascii"),
        ("utf-8", b"a,b\n\xc0\x80,1\n", "encoding.undecodable", "byte 4"),
        ("utf-8", b"a,b\n\xed\xa0\x80,1\n", "encoding.undecodable", "byte 4"),
        ("utf-16", LATIN.encode("utf-16")[:-1], "encoding.undecodable", "byte 38"),
        ("gb18030", b"a\n\xff\n", "encoding.undecodable", "byte 2"),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_the_byte_and_a_hint(
    tmp_path: Path, encoding: str, content: bytes, code: str, told: str
) -> None:
    refused = refusal(tmp_path, content, encoding=encoding)
    assert refused.code == code
    assert told in str(refused)


@pytest.mark.parametrize("name", ["nonsense", "base64", "rot13", "idna", "unicode_escape", "zlib"])
def test_only_encodings_of_text_may_be_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="encoding"):
        Layout.model_validate({"match": "t.csv", "encoding": name})


def test_a_bad_byte_is_told_at_its_true_place_however_far_in(tmp_path: Path) -> None:
    content = b"a,b\n" + b"x,y\n" * 600_000 + b"\xe9,1\n"
    assert "byte 2400004 is not utf-8" in str(refusal(tmp_path, content))


def test_gz_is_read_as_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = table(["a", "b"], [[str(n), "x"] for n in range(50_000)]).encode()
    packed = gzip.compress(plain)
    assert read(tmp_path, packed) == read(tmp_path, plain)
    two = gzip.compress(plain[:100]) + gzip.compress(plain[100:])
    assert read(tmp_path, two) == read(tmp_path, plain)
    for chunk in (1, 7, 50):  # a piece may be all header
        monkeypatch.setattr("crm_es.intake.decoding.CHUNK_SIZE", chunk)
        some = gzip.compress(plain[:100]) + gzip.compress(plain[100:2_000])
        assert read(tmp_path, some) == read(tmp_path, plain[:2_000])
    path = tmp_path / "t.csv"
    path.write_bytes(packed)
    text = TextFile(path, "utf-8", OPERATOR)
    assert sum(map(len, text)) == len(plain)
    assert text.sha256 == hashlib.sha256(packed).hexdigest(), "of the file as it is stored"


@pytest.mark.parametrize(
    ("cut", "code"),
    [
        (lambda packed: packed[:-9], "gz.truncated"),
        (lambda packed: packed[: len(packed) // 2], "gz.truncated"),
        (lambda packed: packed[:20] + b"\xff\xff\xff" + packed[23:], "gz.corrupt"),
        (lambda packed: packed[:-5] + b"\0\0\0\0\0", "gz.corrupt"),
        (lambda packed: packed + b"rest", "gz.members"),
    ],
)
def test_a_damaged_gz_is_refused(tmp_path: Path, cut: object, code: str) -> None:
    packed = gzip.compress(b"a,b\n" + bytes(range(48, 58)) * 3_000)
    assert refusal(tmp_path, cut(packed)).code == code  # type: ignore[operator]
