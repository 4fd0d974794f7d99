"""Schemathesis asks what the OpenAPI document allows, and looks whether the answers keep to it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from http_server import Server

UNASKED = {"feed", "batch"}
"""The one never ends, the other speaks in lines; both have tests of their own."""
EXAMPLES = 4
UNSAYABLE = [positive_data_acceptance]
"""JSON Schema has no word for text that hides nothing, or money below a number of digits."""


@pytest.mark.slow
def test_answers_keep_to_the_document(server: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    asked = 0
    operations: list[Any] = list(schema.get_all_operations())
    for operation in (found.ok() for found in operations):
        if operation.definition.raw.get("operationId") in UNASKED:
            continue
        asked += 1

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def keeps(case: Any) -> None:
            case.call_and_validate(base_url=server.url, excluded_checks=UNSAYABLE)

        keeps()
    assert asked > len(UNASKED)
