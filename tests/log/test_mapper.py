"""Events become flat JSON without a trace of Python, and come back as the types they were."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from eventsourcing.domain import AggregateCreated
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_es.aggregates.base import Aggregate
from crm_es.aggregates.fields import Plain, Price
from crm_es.log.mapper import EventMapper, replay, upcast


class Sample(Aggregate):
    """An aggregate only these tests know."""

    TOPIC = "sample"

    def __init__(self) -> None:
        self.size = Decimal(0)

    class Made(Aggregate.Event, AggregateCreated):
        TOPIC = "sample.made"
        class_version = 3
        size: Decimal
        rate: Price | None
        owner_id: UUID | None
        tags: tuple[Plain, ...]
        details: dict[Plain, Any]
        colour: Plain = "grey"

        def apply(self, sample: Sample) -> None:
            sample.size = self.size

        @staticmethod
        def upcast_v1_v2(raw: dict[str, Any]) -> None:
            raw["size"] = raw.pop("width")

        @staticmethod
        def upcast_v2_v3(raw: dict[str, Any]) -> None:
            raw["tags"] = []


def made(**fields: Any) -> Sample.Made:
    given: dict[str, Any] = {
        "size": Decimal("1.50"),
        "rate": None,
        "owner_id": None,
        "tags": (),
        "details": {},
    }
    return Sample.Made(
        originator_id=uuid4(), originator_version=1, originator_topic="sample",
        timestamp=datetime(2026, 1, 1, tzinfo=UTC), **{**given, **fields},
    )  # fmt: skip


def back(mapper: EventMapper, event: Any) -> Any:
    topic, schema, data = mapper.encode(event)
    occurred = int(event.timestamp.timestamp() * 1e6)
    return mapper.decode(
        event.originator_id, event.originator_version, topic, schema, occurred, data
    )


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    ),
    st.none() | st.uuids(),
    st.lists(st.text(st.characters(codec="utf-8")), max_size=4),
)
def test_every_declared_type_comes_back(size: Decimal, owner: UUID | None, tags: list[str]) -> None:
    event = made(size=size, owner_id=owner, tags=tuple(tags))
    assert back(EventMapper(), event) == event


def test_user_data_shaped_like_a_transcoding_stays_data() -> None:
    event = made(details={"_type_": "uuid_hex", "_data_": "boom"})
    assert back(EventMapper(), event).details == {"_type_": "uuid_hex", "_data_": "boom"}


def test_the_bytes_hold_only_what_no_column_holds() -> None:
    _, schema, data = EventMapper().encode(made())
    assert schema == 3
    assert set(orjson.loads(data)) == {"size", "rate", "owner_id", "tags", "details", "colour"}


def test_a_row_of_an_older_version_is_brought_up_to_date() -> None:
    mapper = EventMapper()
    old = b'{"width":"2.5","rate":null,"owner_id":null,"details":{}}'
    event = mapper.decode(uuid4(), 1, "sample.made", 1, 0, old)
    assert (event.size, event.tags) == (Decimal("2.5"), ())
    assert replay(None, [event]).size == Decimal("2.5")


def test_a_field_with_a_default_may_be_missing() -> None:
    data = b'{"size":"1","rate":null,"owner_id":null,"tags":[],"details":{}}'
    assert EventMapper().decode(uuid4(), 1, "sample.made", 3, 0, data).colour == "grey"


def test_a_row_that_is_not_of_its_type_is_an_error() -> None:
    with pytest.raises(ValidationError):
        EventMapper().decode(uuid4(), 1, "sample.made", 3, 0, b'{"size":"much"}')


def test_upcasting_the_current_version_changes_nothing() -> None:
    assert upcast(Sample.Made, 3, 3, {"a": 1}) == {"a": 1}
