"""What is wrong with the shape of a command: a stable code, and words that repeat no value."""

from typing import Any

_CODES = {
    "missing": "field.missing",
    "extra_forbidden": "field.unknown",
    "enum": "field.choice",
    "literal_error": "field.choice",
    "string_too_short": "text.too_short",
    "string_too_long": "text.too_long",
    "string_pattern_mismatch": "text.pattern",
    "too_short": "list.too_short",
    "too_long": "list.too_long",
    "greater_than": "number.range",
    "greater_than_equal": "number.range",
    "less_than": "number.range",
    "less_than_equal": "number.range",
    "string_type": "field.type",
    "int_type": "field.type",
    "int_from_float": "field.type",
    "int_parsing": "field.type",
    "int_parsing_size": "number.range",
    "bool_type": "field.type",
    "bool_parsing": "field.type",
    "list_type": "field.type",
    "tuple_type": "field.type",
    "dict_type": "field.type",
    "model_type": "field.type",
    "date_type": "time.format",
    "date_parsing": "time.format",
    "date_from_datetime_parsing": "time.format",
    "decimal_type": "money.must_be_string",
}
"""By pydantic's kind of error. Of these the message never repeats what was sent."""
_SILENT = {"date_parsing", "date_from_datetime_parsing", "int_parsing", "bool_parsing"}


def told(error: Any) -> tuple[str, str]:
    """(code, detail) of one error of a ``pydantic.ValidationError``."""
    kind: str = error["type"]
    is_known = "." in kind or (kind in _CODES and kind not in _SILENT)
    return (
        kind if "." in kind else _CODES.get(kind, "field.invalid"),
        error["msg"] if is_known else "The value is not of the form this field has.",
    )
