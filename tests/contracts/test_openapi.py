"""The OpenAPI document is a promise: it changes when somebody means it to.

    UPDATE_CONTRACTS=1 python -m pytest tests/contracts/test_openapi.py

writes it anew; the difference belongs in the change log.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from crm_es.commands import REGISTRY
from http_server import Server

PINNED = Path(__file__).with_name("openapi.json")
PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = Server(tmp_path_factory.mktemp("openapi"))
    found = server.client.get("/openapi.json").json()
    server.close()
    return found


def test_the_document_is_the_one_that_was_promised(document: Any) -> None:
    if os.environ.get("UPDATE_CONTRACTS"):
        PINNED.write_bytes(orjson.dumps(document, option=PRETTY))
    promised = orjson.loads(PINNED.read_bytes())
    assert document["paths"].keys() == promised["paths"].keys()
    assert document == promised


def test_every_command_is_in_it_with_words_and_an_example_that_holds(document: Any) -> None:
    for name, kind in REGISTRY.items():
        operation = document["paths"][f"/v1/commands/{name}"]["post"]
        assert operation["summary"]
        content = operation["requestBody"]["content"]["application/json"]
        assert kind.model_validate_json(orjson.dumps(content["example"]))


def test_every_reference_in_it_leads_somewhere(document: Any) -> None:
    def check(part: Any) -> None:
        if isinstance(part, dict):
            target = part.get("$ref")
            if isinstance(target, str):
                found = document
                for key in target.removeprefix("#/").split("/"):
                    found = found[key]
            for member in part.values():
                check(member)
        elif isinstance(part, list):
            for member in part:
                check(member)

    check(document)
