"""The definition of a custom attribute: said once for each kind of thing."""

from __future__ import annotations

from typing import Any

from crm_es.aggregates.platform.field_definition import FieldDefinition, FieldType
from crm_es.commands.attributes import definition_id
from crm_es.commands.party.customer import RegisterCustomer
from crm_es.commands.platform.field_definition import DefineField, DeprecateField
from scenario import SUBJECT, fact, given, in_history
from trade import defined

SIZE = definition_id("customer", "size")
DEPRECATED = fact(FieldDefinition.Deprecated, on=SIZE, reason="unused")


def define(**more: Any) -> DefineField:
    return DefineField(**{"kind": "customer", "name": "size", **more})


def test_a_field_is_defined_once_per_kind_of_thing() -> None:
    given().when(define(type=FieldType.NUMBER)).then(defined("customer", "size", FieldType.NUMBER))
    given(defined("customer", "size")).when(define()).then_nothing()
    given(defined("order", "size")).when(define()).then(defined("customer", "size"))


def test_what_a_field_is_does_not_change() -> None:
    for other in (define(type=FieldType.DATE), define(is_sealed=True)):
        given(defined("customer", "size")).when(other).then_refused("field.defined_otherwise")
        in_history(defined("customer", "size")).when(other).then_refused("field.defined_otherwise")


def test_a_field_belongs_to_a_kind_of_thing_there_is() -> None:
    given().when(define(kind="custmer")).then_refused("field.kind_unknown")


def test_a_field_that_is_no_longer_used_takes_no_new_values() -> None:
    deprecate = DeprecateField(kind="customer", name="size", reason="unused")
    given(defined("customer", "size")).when(deprecate).then(DEPRECATED)
    given(defined("customer", "size"), DEPRECATED).when(deprecate).then_nothing()
    given().when(deprecate).then_refused("field_definition.not_found")
    register = RegisterCustomer(customer_id=SUBJECT, attributes={"size": "L"})
    past = (defined("customer", "size"), DEPRECATED)
    given(*past).when(register).then_refused("attribute.deprecated")
    in_history(*past).when(register).then_found("attribute.deprecated")
