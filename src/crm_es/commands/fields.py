"""The types a command's fields may have: shape is checked here, meaning in the aggregates."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from crm_es.aggregates.fields import plain
from crm_es.commands.currencies import CURRENCIES
from crm_es.log.sealing import MARK

LINE_MAX, NOTE_MAX, LINES_MAX = 200, 10_000, 2_000
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DECIMALS_MAX = 50_000

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_ID_TOLD = "a UUID in canonical lower case is expected"
_AMOUNT = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?", re.ASCII)
_PRICE = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e")


def _canonical_id(value: Any) -> UUID:
    if isinstance(value, UUID):
        return _named(value)
    if isinstance(value, str) and _UUID.fullmatch(value):
        return _named(UUID(value))
    raise PydanticCustomError("id.format", _ID_TOLD)


def _named(id: UUID) -> UUID:
    if not id.int:
        raise PydanticCustomError("id.nil", "the nil UUID names nothing")
    return id


class _ReadNatively:
    """An id in JSON, read by the validator itself: in Python it is a tenth of a command's time."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        steps: list[core_schema.CoreSchema] = [
            core_schema.str_schema(pattern=f"^{_UUID.pattern}$", strip_whitespace=False),
            core_schema.uuid_schema(strict=False),
        ]
        read = core_schema.custom_error_schema(
            core_schema.chain_schema(steps), "id.format", custom_error_message=_ID_TOLD
        )
        named = core_schema.no_info_after_validator_function(_named, read)
        return core_schema.json_or_python_schema(named, handler(source))


def _line(value: str) -> str:
    if value.isascii() and value.isprintable() and value[:1] != "~":
        return value
    return _checked(value, allowed="")


def _note(value: str) -> str:
    if value.isascii() and value.isprintable() and value[:1] != "~":
        return value
    return _checked(value.replace("\r\n", "\n"), allowed="\n\t")


def _checked(value: str, allowed: str) -> str:
    text = unicodedata.normalize("NFC", value)
    if text.startswith(MARK):  # in a plain field it would be opened for whoever reads it
        raise PydanticCustomError("text.reserved", "a text does not begin like a sealed one")
    for char in text:
        if char in _BIDI:
            raise PydanticCustomError(
                "text.bidi_control", "a text direction control is not allowed"
            )
        if unicodedata.category(char) in {"Cc", "Cs"} and char not in allowed:
            raise PydanticCustomError(
                "text.control_character", "a control character is not allowed"
            )
    if text and all(char in _INVISIBLE or char.isspace() for char in text):
        raise PydanticCustomError("text.invisible", "the text has nothing to see")
    return text


def _decimal(form: re.Pattern[str], places: int, value: Any) -> Decimal:
    if isinstance(value, Decimal):
        value = format(value, "f")
    if not isinstance(value, str):
        raise PydanticCustomError("money.must_be_string", "a decimal is sent as a string")
    if not form.fullmatch(value):
        scale = re.fullmatch(r"-?[0-9]+\.[0-9]+", value, re.ASCII)
        if scale and len(value.partition(".")[2]) > places:
            raise PydanticCustomError("money.scale", "too many decimal places")
        raise PydanticCustomError("money.format", "a plain decimal such as 12.50 is expected")
    return plain(Decimal(value))


def _plain_decimal(form: re.Pattern[str], places: int) -> Any:
    schema = {"type": "string", "pattern": f"^{form.pattern}$", "examples": ["12.50"]}
    parse = partial(_decimal, form, places)
    # Prices and quantities repeat: remembered, a decimal costs a fifth (1.47 million order lines).
    known = lru_cache(DECIMALS_MAX)(parse)
    return (
        BeforeValidator(lambda value: known(value) if isinstance(value, str) else parse(value)),
        WithJsonSchema(schema),
    )


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        if not _INSTANT.fullmatch(value):
            raise PydanticCustomError("time.format", "an RFC 3339 time with a zone is expected")
        try:
            value = datetime.fromisoformat(value.replace("z", "Z"))
        except ValueError:
            raise PydanticCustomError("time.format", "there is no such time") from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise PydanticCustomError("time.format", "an RFC 3339 time with a zone is expected")
    try:
        instant: datetime = value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time.range", "a time from 1900 to 2199 is expected") from None
    if not EARLIEST <= instant < LATEST:
        raise PydanticCustomError("time.range", "a time from 1900 to 2199 is expected")
    return instant


def _day(value: date) -> date:
    if not EARLIEST.date() <= value < LATEST.date():
        raise PydanticCustomError("time.range", "a day from 1900 to 2199 is expected")
    return value


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise PydanticCustomError("money.currency_unknown", "an ISO 4217 code is expected")
    return value


def _non_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("money.negative", "nothing below zero is allowed here")
    return value


def _above_nought(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("number.range", "more than nought is expected")
    return value


def _share(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        raise PydanticCustomError("number.range", "a share lies between 0 and 1")
    return value


Id = Annotated[
    UUID,
    BeforeValidator(_canonical_id),
    _ReadNatively(),
    WithJsonSchema({"type": "string", "format": "uuid", "pattern": f"^{_UUID.pattern}$"}),
]
Line = Annotated[str, Field(min_length=1, max_length=LINE_MAX), AfterValidator(_line)]
"""One line of text, 1 to 200 code points, NFC, nothing invisible in control."""
Note = Annotated[str, Field(min_length=1, max_length=NOTE_MAX), AfterValidator(_note)]
"""Free text of up to 10,000 code points; line breaks and tabs are kept."""
Code = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_line)]
"""A short plain word or label: a reason, a stage, a channel. Never about a person."""
Handle = Annotated[str, Field(min_length=1, max_length=LINE_MAX), AfterValidator(_line)]
"""How an employee is known in the log: a login, a staff number or a working name. Plain."""
SourceId = Annotated[str, Field(min_length=1, max_length=LINE_MAX), AfterValidator(_line)]
"""An id of a source system, as written there: text, never a number. Plain."""
Country = Annotated[str, Field(min_length=2, max_length=60), AfterValidator(_line)]
Amount = Annotated[Decimal, *_plain_decimal(_AMOUNT, 4)]
"""An amount of money or a quantity, at most 4 decimal places, sent as a string."""
PositiveAmount = Annotated[Amount, AfterValidator(_non_negative)]
"""An amount that is nought or more."""
UnitPrice = Annotated[Decimal, *_plain_decimal(_PRICE, 6)]
"""A unit price or rate, at most 6 decimal places, sent as a string."""
Rate = Annotated[UnitPrice, AfterValidator(_above_nought)]
"""More than nought, at most 6 decimal places, sent as a string."""
Share = Annotated[
    UnitPrice,
    AfterValidator(_share),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$",
            "examples": ["0.25"],
        }
    ),
]
"""A part of a whole, 0 to 1, at most 6 decimal places, sent as a string."""
Currency = Annotated[
    str,
    AfterValidator(_currency),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]}),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment with its zone, RFC 3339; kept in UTC. Business range 1900 to 2199."""
Day = Annotated[date, AfterValidator(_day)]
"""A day of the calendar, such as one something is expected on. 1900 to 2199."""
Seconds = Annotated[int, Field(ge=0, le=10**9)]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
