"""PROMISES 4.1: whatever is posted, the answer is prompt and stable and repeats nothing."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple

import httpx
import pytest
from pydantic.json_schema import models_json_schema

from crm_es.commands import REGISTRY
from crm_es.interfaces.http.asgi import read_body
from crm_es.interfaces.http.examples import example_of
from crm_es.interfaces.http.problems import Problem
from crm_es.log.envelope import new_id
from http_server import Server

SECONDS_MAX = 2.0
SECRET = "Zaphod Beeblebrox"
"""A name no answer may repeat."""
JSON = {"content-type": "application/json"}

_, _schemas = models_json_schema([(kind, "validation") for kind in REGISTRY.values()])
SCHEMAS: dict[str, Any] = _schemas["$defs"]
EXAMPLES = {name: example_of(SCHEMAS[name], SCHEMAS) for name in REGISTRY}
ONE_OF_EACH = list({kind.__module__: name for name, kind in REGISTRY.items()}.values())


class Case(NamedTuple):
    """``%`` in the body is where a valid command's members stand."""

    title: str
    body: bytes
    status: int
    code: str


def around(*pieces: bytes) -> bytes:
    return b"{%," + b"".join(pieces) + b"}"


BODIES = [
    Case("NaN", around(b'"x":NaN'), 400, "json.non_finite"),
    Case("Infinity", around(b'"x":-Infinity'), 400, "json.non_finite"),
    Case("1e400", around(b'"x":1e400'), 400, "json.number_range"),
    Case("5,000 digits", around(b'"x":', b"1" * 5000), 400, "json.number_range"),
    Case("2^53 + 1", around(b'"x":9007199254740993'), 422, "number.range"),
    Case("2^63", around(b'"x":-9223372036854775808'), 422, "number.range"),
    Case("2^70", around(b'"x":1180591620717411303424'), 422, "number.range"),
    Case("half a surrogate", around(b'"x":"\\ud800"'), 400, "text.surrogate"),
    Case("half a surrogate in a key", around(b'"\\udc00":1'), 400, "text.surrogate"),
    Case("NUL", around(b'"x":"a\\u0000b"'), 422, "text.control_character"),
    Case("raw control character", around(b'"x":"a\x01b"'), 400, "json.malformed"),
    Case("invalid UTF-8", around(b'"x":"\xff"'), 400, "encoding.utf8"),
    Case("overlong UTF-8", around(b'"x":"\xc0\xaf"'), 400, "encoding.utf8"),
    Case("surrogate in UTF-8", around(b'"x":"\xed\xa0\x80"'), 400, "encoding.utf8"),
    Case("GBK", around('"x":"中文"'.encode("gbk")), 400, "encoding.utf8"),
    Case("byte order mark", b"\xef\xbb\xbf{%}", 400, "encoding.bom"),
    Case("UTF-16", '{"x":1}'.encode("utf-16"), 400, "encoding.utf8"),
    Case("UTF-16 without mark", '{"x":1}'.encode("utf-16-le"), 400, "json.malformed"),
    Case("key twice", around(b'"x":1,"x":2'), 400, "json.duplicate_key"),
    Case("key twice, with colons about", around(b'"x":":","x":"::"'), 400, "json.duplicate_key"),
    Case("key twice, once escaped", around(b'"x":1,"\\u0078":2'), 400, "json.duplicate_key"),
    Case("key twice below", around(b'"x":[{"a":1,"a":1}]'), 400, "json.duplicate_key"),
    Case("33 levels", around(b'"x":', b"[" * 32, b"]" * 32), 400, "json.depth"),
    Case("33 objects", around(b'"x":', b'{"a":' * 32, b"1", b"}" * 32), 400, "json.depth"),
    Case("100,000 levels", around(b'"x":', b"[" * 100_000), 400, "json.depth"),
    Case("unknown key", around(b'"is_admin":true'), 422, "field.unknown"),
    Case("nothing", b"", 400, "json.malformed"),
    Case("spaces", b"  ", 400, "json.malformed"),
    Case("null", b"null", 422, "json.not_object"),
    Case("array", b"[]", 422, "json.not_object"),
    Case("string", b'"x"', 422, "json.not_object"),
    Case("garbage behind", b"{%}x", 400, "json.malformed"),
    Case("comment", b"{%/*x*/}", 400, "json.malformed"),
    Case("single quotes", b"{'x':1}", 400, "json.malformed"),
]


def posted(server: Server, name: str, body: bytes, **headers: str) -> httpx.Response:
    began = perf_counter()
    answer = server.client.post(f"/v1/commands/{name}", content=body, headers={**JSON, **headers})
    if answer.status_code >= 400:  # what is recorded waits for the disk
        assert perf_counter() - began < SECONDS_MAX
    return answer


def expect(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"].endswith(code)
    return problem


def members(name: str) -> bytes:
    return json.dumps(EXAMPLES[name]).encode()[1:-1]


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case.title)
def test_every_department_turns_bad_json_down(server: Server, case: Case) -> None:
    for name in ONE_OF_EACH:
        answer = posted(server, name, case.body.replace(b"%", members(name)))
        expect(answer, case.status, case.code)


@pytest.mark.parametrize("name", REGISTRY)
def test_no_command_takes_an_unknown_member_or_repeats_it(server: Server, name: str) -> None:
    body = json.dumps({**EXAMPLES[name], SECRET: SECRET}).encode()
    problem = expect(posted(server, name, body), 422, "field.unknown")
    assert SECRET not in json.dumps(problem)


@pytest.mark.parametrize("name", REGISTRY)
def test_no_command_is_upset_by_values_of_other_types(server: Server, name: str) -> None:
    odd: tuple[Any, ...] = (None, True, -1, 0.5, "", SECRET, [], [SECRET], {}, {SECRET: SECRET})
    for member in SCHEMAS[name]["properties"]:
        for value in odd:
            body = json.dumps({**EXAMPLES[name], member: value}).encode()
            answer = posted(server, name, body)
            assert answer.status_code in {201, 200, 404, 409, 422}, answer.text
            if answer.status_code == 422:
                assert SECRET not in answer.text
                assert answer.json()["code"].count(".") >= 1


def fields(*forms: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(command, member) for some members whose schema has one of these forms."""
    found = 0
    for name in REGISTRY:
        for member, schema in SCHEMAS[name]["properties"].items():
            if found < 6 and any(form.items() <= schema.items() for form in forms):
                found += 1
                yield name, member


def replaced(server: Server, name: str, member: str, value: Any) -> httpx.Response:
    return posted(server, name, json.dumps({**EXAMPLES[name], member: value}).encode())


MONEY = [
    (value, code)
    for code, values in {
        "money.format": (
            "NaN", "sNaN", "Infinity", "1E+1000000", "1_000", "\uff11\uff12", "\u0661\u0662",
            "+1", ".5", "1.", "", " 1", "1,5", "0x1", "1" * 40,
        ),
        "money.must_be_string": (0.30000000000000004, 12, True, ["1"]),
        "money.scale": ("1.12345678", "0.0000001"),
    }.items()
    for value in values
]  # fmt: skip


@pytest.mark.parametrize(("value", "code"), MONEY)
def test_money_is_a_plain_decimal_string(server: Server, value: Any, code: str) -> None:
    for name, member in fields(_of("PositiveAmount"), _of("Amount"), _of("UnitPrice")):
        problem = expect(replaced(server, name, member, value), 422, code)
        assert problem["pointer"] == f"/{member}"


def _of(name: str) -> dict[str, Any]:
    """What tells the schema of a member of this type from others."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only here

    from crm_es.commands import fields as types  # noqa: PLC0415

    schema = TypeAdapter(getattr(types, name)).json_schema()
    return {"pattern": schema["pattern"]} if "pattern" in schema else schema


IDS = [
    ("0198C0DE-0000-7000-8000-000000000001", "id.format"),
    ("{0198c0de-0000-7000-8000-000000000001}", "id.format"),
    ("urn:uuid:0198c0de-0000-7000-8000-000000000001", "id.format"),
    ("0198c0de000070008000000000000001", "id.format"),
    ("00000000-0000-0000-0000-000000000000", "id.nil"),
    (17, "id.format"),
]


@pytest.mark.parametrize(("value", "code"), IDS)
def test_an_id_is_a_uuid_in_canonical_lower_case(server: Server, value: Any, code: str) -> None:
    for name, member in fields({"format": "uuid"}):
        expect(replaced(server, name, member, value), 422, code)


TIMES = [
    (1_700_000_000, "time.format"),
    (0, "time.format"),
    ("1700000000", "time.format"),
    ("2026-03-02", "time.format"),
    ("2026-03-02T09:30:00", "time.format"),
    ("2026-02-30T09:30:00Z", "time.format"),
    ("9999-12-31T23:59:60Z", "time.format"),
    ("10000-01-01T00:00:00Z", "time.format"),
    ("0001-01-01T00:00:00+14:00", "time.range"),
    ("9999-12-31T23:59:59-14:00", "time.range"),
    ("1899-12-31T23:59:59Z", "time.range"),
    ("2200-01-01T00:00:00Z", "time.range"),
]


@pytest.mark.parametrize(("value", "code"), TIMES)
def test_a_time_is_rfc_3339_with_a_zone_in_the_business_range(
    server: Server, value: Any, code: str
) -> None:
    for name in ONE_OF_EACH:
        problem = expect(replaced(server, name, "at", value), 422, code)
        assert problem["pointer"] == "/at"


def test_what_happened_cannot_lie_ahead(server: Server) -> None:
    answer = replaced(server, "RegisterCustomer", "at", "2199-01-01T00:00:00Z")
    expect(answer, 422, "time.future")


TEXTS = [
    ("a\u202eb", "text.bidi_control"),
    ("\u200b\u200b", "text.invisible"),
    ("a\u0007b", "text.control_character"),
    ("a\nb", "text.control_character"),
    ("   ", "text.too_short"),
    ("x" * 201, "text.too_long"),
    ("👩\u200d🚀" * 67, "text.too_long"),
]


@pytest.mark.parametrize(("value", "code"), TEXTS)
def test_a_line_of_text_hides_nothing(server: Server, value: str, code: str) -> None:
    expect(replaced(server, "RegisterCustomer", "name", value), 422, code)


def test_a_name_keeps_the_joiner_of_an_emoji(server: Server) -> None:
    body = {"customer_id": str(new_id()), "name": "👩\u200d🚀 Café"}
    assert posted(server, "RegisterCustomer", json.dumps(body).encode()).status_code == 201


def test_escapes_and_colons_are_no_offence(server: Server) -> None:
    for name in ('"a": "b"', "back\\slash", "a:b::c", "tab is \\u0009"):
        body = {"customer_id": str(new_id()), "name": name}
        assert posted(server, "RegisterCustomer", json.dumps(body).encode()).status_code == 201


@pytest.mark.parametrize("type_", ["", "text/plain", "application/json; charset=gbk", "*/*"])
def test_only_json_in_utf8_is_taken(server: Server, type_: str) -> None:
    answer = server.client.post(
        "/v1/commands/RegisterCustomer", content=b"{}", headers={"content-type": type_}
    )
    expect(answer, 415, "content_type.unsupported")


def test_a_compressed_body_is_not_unpacked(server: Server) -> None:
    packed = gzip.compress(b"{}")
    answer = posted(server, "RegisterCustomer", packed, **{"content-encoding": "gzip"})
    expect(answer, 415, "content_encoding.unsupported")


def test_a_large_body_is_refused_by_its_declared_length(server: Server) -> None:
    expect(posted(server, "RegisterCustomer", b" " * (1024 * 1024 + 1)), 413, "body.too_large")


def test_a_large_body_is_refused_while_it_streams(server: Server) -> None:
    pieces = (b" " * 65_536 for _ in range(160))
    answer = server.client.post("/v1/commands/RegisterCustomer", content=pieces, headers=JSON)
    expect(answer, 413, "body.too_large")


def test_a_stream_without_end_is_not_read_to_its_end() -> None:
    pieces = 0

    async def receive() -> dict[str, Any]:
        nonlocal pieces
        pieces += 1
        assert pieces < 100
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    with pytest.raises(Problem) as refusal:
        asyncio.run(read_body({}, receive))
    assert refusal.value.code == "body.too_large"


def test_too_many_headers_and_parameters_are_refused(server: Server) -> None:
    answer = posted(server, "RegisterCustomer", b"{}", **{"x-long": "x" * 20_000})
    expect(answer, 431, "headers.too_large")
    answer = server.client.get("/v1/events/1?" + "&".join(f"a{n}=1" for n in range(1000)))
    expect(answer, 400, "query.too_many")


HEADERS = [
    ("idempotency-key", "abc", "idempotency_key.format"),
    ("idempotency-key", "0198C0DE-0000-7000-8000-000000000001", "idempotency_key.format"),
    ("if-match", "3", "if_match.format"),
    ("if-match", 'W/"3"', "if_match.format"),
    ("if-match", "*", "if_match.format"),
    ("x-correlation-id", "1", "correlation_id.format"),
    ("x-actor", "x" * 201, "actor.format"),
]


@pytest.mark.parametrize(("header", "value", "code"), HEADERS)
def test_a_header_is_of_its_form(server: Server, header: str, value: str, code: str) -> None:
    expect(posted(server, "RegisterCustomer", b"{}", **{header: value}), 400, code)


def test_an_unknown_command_and_another_method_are_told_apart(server: Server) -> None:
    expect(posted(server, "DropTables", b"{}"), 404, "command.unknown")
    answer = server.client.get("/v1/commands/RegisterCustomer")
    expect(answer, 405, "method.post")
    assert answer.headers["allow"] == "POST"


def test_several_faults_are_all_named(server: Server) -> None:
    body = b'{"customer_id":"x","name":7,"kind":"ghost"}'
    problem = expect(posted(server, "RegisterCustomer", body), 422, "id.format")
    assert {error["pointer"] for error in problem["errors"]} == {"/customer_id", "/name", "/kind"}


def test_a_page_of_another_name_cannot_ask(server: Server) -> None:
    answer = server.client.get("/v1/events/1", headers={"host": "evil.example:8470"})
    expect(answer, 421, "host.unexpected")


def test_nothing_bad_was_recorded(server: Server) -> None:
    """What was refused above left nothing: all that stands in the log can be read and is valid."""
    for record in server.own.crm.recorder.read(0, 100_000):
        assert server.own.crm.event_of(record)
