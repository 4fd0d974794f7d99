"""How a row is shown: its id, its version, and its state with times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from crm_es.projections.views.base import State

Item = dict[str, Any]


def item(key: bytes, version: int, state: State) -> Item:
    """What a query gives of a row. Sealed texts stay tokens; interfaces open them."""
    shown: Item = {"id": id_text(key), "version": version}
    shown |= {name: readable(name, value) for name, value in state.items()}
    return shown


def readable(name: str, value: Any) -> Any:
    """A value of a state by its name: a time as text."""
    return instant(value) if name == "at" or name.endswith("_at") else value


def instant(value: int | str | None) -> str | None:
    """Microseconds since 1970, or a time as events hold it, as RFC 3339 in UTC."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.replace("+00:00", "Z")
    return stamp(value).replace("+00:00", "Z")


def stamp(micros: int) -> str:
    """A time as events hold it in their data, so that the two sort as texts."""
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest).isoformat()


def micros(at: datetime) -> int:
    """Microseconds since 1970, as rows and events hold a time."""
    return (at - _EPOCH) // _MICROSECOND


def id_text(key: bytes) -> str:
    return str(UUID(bytes=key))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
