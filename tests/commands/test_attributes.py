"""Custom attributes: what their definitions make of what is given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_es.aggregates.platform.field_definition import FieldType
from crm_es.commands.attributes import ATTRIBUTES_MAX
from crm_es.commands.party.customer import RegisterCustomer
from scenario import SUBJECT, given, in_history
from trade import defined, registered


def register(value: Any) -> RegisterCustomer:
    return RegisterCustomer(customer_id=SUBJECT, attributes={"it": value})


@pytest.mark.parametrize(
    ("type", "value", "kept"),
    [
        (FieldType.TEXT, "7", "7"),
        (FieldType.NUMBER, "07.50", "7.5"),
        (FieldType.NUMBER, "-0.0", "0"),
        (FieldType.NUMBER, 99999999999999, "99999999999999"),
        (FieldType.NUMBER, "99999999999999.999999", "99999999999999.999999"),
        (FieldType.MONEY, "1000", "1000"),
        (FieldType.DATE, "2024-02-29", "2024-02-29"),
        (FieldType.FLAG, False, False),
    ],
)
def test_a_value_is_kept_in_one_spelling(type: FieldType, value: Any, kept: Any) -> None:
    given(defined("customer", "it", type)).when(register(value)).then(
        registered(name=None, attributes={"it": kept})
    )


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (FieldType.TEXT, 7),
        (FieldType.TEXT, True),
        (FieldType.NUMBER, "7,5"),
        (FieldType.NUMBER, "1e3"),
        (FieldType.NUMBER, "NaN"),
        (FieldType.NUMBER, "1.0000001"),
        (FieldType.NUMBER, 10**14),
        (FieldType.NUMBER, True),
        (FieldType.DATE, "2023-02-29"),
        (FieldType.DATE, "20240229"),
        (FieldType.DATE, 20240229),
        (FieldType.FLAG, "true"),
        (FieldType.FLAG, 1),
    ],
)
def test_a_value_of_another_type_makes_no_sense(type: FieldType, value: Any) -> None:
    for occasion in (given, in_history):
        occasion(defined("customer", "it", type)).when(register(value)).then_refused(
            "attribute.type"
        )


def test_what_was_never_defined_is_refused_with_its_name() -> None:
    given().when(register("7")).then_refused("attribute.undefined")
    in_history(defined("order", "it")).when(register("7")).then_refused("attribute.undefined")


def test_a_sealed_value_is_sealed_whatever_its_type() -> None:
    sealed = defined("customer", "it", FieldType.NUMBER, is_sealed=True)
    given(sealed).when(register("7.0")).then(registered(name=None, sealed_attributes={"it": "7"}))


@pytest.mark.parametrize("name", ["", "It", "1t", "i t", "i.t", "x" * 61])
def test_a_name_is_a_plain_word(name: str) -> None:
    with pytest.raises(ValidationError):
        RegisterCustomer(customer_id=SUBJECT, attributes={name: "7"})


def test_there_is_a_limit_to_attributes() -> None:
    many: dict[str, Any] = {f"a{n}": "7" for n in range(ATTRIBUTES_MAX + 1)}
    with pytest.raises(ValidationError):
        RegisterCustomer(customer_id=SUBJECT, attributes=many)


@for_all(st.decimals(-(10**14) + 1, 10**14 - 1, places=6, allow_nan=False))
def test_no_digit_of_a_number_is_lost(number: Any) -> None:
    told = given(defined("customer", "it", FieldType.NUMBER)).when(register(format(number, "f")))
    [(_, event)] = told._decide().recorded
    assert type(number)(event.attributes["it"]) == number
